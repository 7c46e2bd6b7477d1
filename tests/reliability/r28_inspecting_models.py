"""Damaged and lying model files that are inspected, held against the memory and loaded: a typed reason, app alive.

Each file goes through `hanare models inspect` with all it can show, `hanare models fit`, and a question to its model in
the model process. A failure is an untyped exception, more than `MOST_S` for one of the three, more than `MOST_CHECK_S`
of computing for the check of the header alone, or a well model that does not answer after a process has died.
"""

import dataclasses
import io
import random
import tempfile
import time
from pathlib import Path

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import EngineError
from engine.runtime.gguf import read_facts
from tests.fakes import tiny_gguf
from tests.reliability.hostile_models import Hostile, rows_of
from tests.reliability.r04_damaged_models import asked, tried
from tests.reliability.r05_model_headers import VOCABULARIES
from tests.reliability.row import Outcome, Size, Tally

FILES = {Size.CHANGE: 60, Size.NIGHT: 1000}
MOST_S, MOST_CHECK_S = 5.0, 1.0
LARGE_SHARE = 0.05  # of the files are made from the large vocabularies, where those are at hand
ARCHITECTURES = ("llama", "cohere2", "mamba", "lfm2", "qwen2vl")
COMMANDS = (
    ("models", "inspect", "{}", "--tensors", "--diff", "--json"),
    ("models", "inspect", "{}", "--tensors", "--diff", "--sha256"),
    ("models", "fit", "{}", "--context", "4096", "--kv", "q8_0"),
)


def run(size: Size) -> Outcome:
    """All in one engine."""
    tally, rng = Tally("s for one file"), random.Random(28)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with Engine.open(Places(folder / "data")) as engine:
            well = finish(engine.models.add(tiny_gguf.write(folder / "well.gguf"), Cancel()))
            tally.check(asked(engine, well) is None, "the well model does not answer at the beginning")
            small = rows_of([written(folder, architecture) for architecture in ARCHITECTURES], 28)
            large = rows_of([path.read_bytes() for path in sorted(VOCABULARIES.glob("*.gguf"))], 29) or small
            for number in range(FILES[size]):
                row: Hostile = rng.choice(large if rng.random() < LARGE_SHARE else small)
                what, content = row.next()
                path = folder / "hostile.gguf"
                path.unlink(missing_ok=True)
                path.write_bytes(content)
                what = f"file {number}, {what[:120]}"
                checked(path, what, tally)
                for command in COMMANDS:
                    told(engine, path, command, what, tally)
                stranger = dataclasses.replace(well, id=well.id + 1, path=path)
                tried(engine, stranger, what, well, tally)
                engine.runtime.unload(stranger.id)
            wrong = asked(engine, well)
            tally.check(wrong is None, f"the well model does not answer at the end: {wrong}")
    return tally.outcome


def written(folder: Path, architecture: str) -> bytes:
    """A well file of an architecture."""
    return tiny_gguf.write(folder / f"{architecture}.gguf", architecture=architecture).read_bytes()


def checked(path: Path, what: str, tally: Tally) -> None:
    """The check of the header alone."""
    began = time.process_time()
    wrong = ""
    try:
        read_facts(path)
    except EngineError:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what this row looks for
        wrong = f"{type(error).__name__}: {error}"[:200]
    seconds = time.process_time() - began
    tally.check(not wrong and seconds <= MOST_CHECK_S, f"{what}, checked: {seconds:.2f} s {wrong}")


def told(engine: Engine, path: Path, words: tuple[str, ...], what: str, tally: Tally) -> None:
    """One command, as it is typed."""
    given = parser().parse_args([word.format(path) for word in words])
    screen = Screen(wants_json="--json" in words, out=io.StringIO(), err=io.StringIO())
    began, wrong = time.perf_counter(), ""
    try:
        given.run(engine, given, screen)
    except EngineError:
        pass
    except Exception as error:  # noqa: BLE001 - the same
        wrong = f"{type(error).__name__}: {error}"[:200]
    seconds = time.perf_counter() - began
    tally.saw(seconds)
    tally.check(not wrong and seconds <= MOST_S, f"{what}, {' '.join(words[:2])}: {seconds:.2f} s {wrong}")
