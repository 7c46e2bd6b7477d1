"""Damaged and lying model files before llama.cpp sees them: a typed reason within a second, never a mistake of ours.

Mutants of small real models, and of the vocabularies of large ones where those are at hand, are read as the
library reads them. A failure is any other exception than a typed error, or more than `MOST_S` of computing, so that it
does not matter what else the computer has to do.
"""

import random
import tempfile
import time
from pathlib import Path

from engine.errors import EngineError
from engine.runtime.gguf import must_chat, read_facts
from engine.worker.testmodels.making import SHAPES, write
from tests.fakes import tiny_gguf
from tests.fakes.gguf_mutants import Mutants
from tests.reliability.row import Outcome, Size, Tally

MUTANTS = {Size.CHANGE: 500, Size.NIGHT: 3000}
MOST_S = 1.0
LARGE_SHARE = 0.1  # of the tries go to the large vocabularies
VOCABULARIES = Path(__file__).resolve().parents[3] / "shared" / "data" / "vocab"


def run(size: Size) -> Outcome:
    """One file after another."""
    tally, rng = Tally("s"), random.Random(5)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        small = [write_shape(folder), tiny_gguf.write(folder / "tiny.gguf")]
        mutants = {path: Mutants(path.read_bytes(), rng) for path in (*small, *sorted(VOCABULARIES.glob("*.gguf")))}
        large = [path for path in mutants if path not in small] or small
        for number in range(MUTANTS[size]):
            origin = rng.choice(large if rng.random() < LARGE_SHARE else small)
            what, content = mutants[origin].next()
            path = folder / "mutant.gguf"
            path.write_bytes(content)
            began = time.process_time()
            wrong = mistake(path)
            seconds = time.process_time() - began
            tally.saw(seconds)
            slow = f"{seconds:.2f} s" if seconds > MOST_S else ""
            tally.check(not wrong and not slow, f"mutant {number} of {origin.name}, {what[:100]}: {wrong or slow}")
    return tally.outcome


def write_shape(folder: Path) -> Path:
    """One of the test models."""
    write(SHAPES[1], folder / SHAPES[1].file)
    return folder / SHAPES[1].file


def mistake(path: Path) -> str:
    """What reading the file raised that nobody expects; "" where it went well or was refused."""
    try:
        must_chat(path, read_facts(path))
    except EngineError:
        return ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what this row looks for
        return f"{type(error).__name__}: {str(error)[:100]}"
    return ""
