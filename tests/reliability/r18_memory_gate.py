"""No model is loaded that needs more memory than may be taken, and none that is loaded takes more than was reckoned.

Real models, contexts and a simulated free memory (`free_bytes`, the one place that asks the system). A failure is
a process started for a model that does not fit, a refusal of one that does, a context said to fit that does not,
or a process whose peak is above its need. Then the limit on written memory: a load far over it must be a typed
error in a process that lives and loads the next model. The worst figure is the largest share of its need that a
process took.
"""

import random
import tempfile
from itertools import product
from pathlib import Path

import psutil

from engine import wire
from engine.errors import EngineError, NotEnoughMemory, WorkerDied
from engine.loading import LoadOptions
from engine.operation import Cancel, finish
from engine.runtime import Runtime
from engine.runtime import fit as memory_fit
from engine.runtime.gguf import read_facts
from engine.runtime.process import Process
from engine.types import Model, ModelOrigin, Role, Turn, Wanted
from engine.worker.testmodels.making import SHAPES, Shape, write
from tests.fakes import tiny_gguf
from tests.fakes.gguf_mutants import fields_of
from tests.reliability.row import Outcome, Size, Tally

SHARES = (0.3, 0.9, 0.999, 1.0, 2.0)  # of the need, that are free
CONTEXTS = (512, 2048)
LARGER = Shape(file="larger.gguf", name="larger", seed=3, embedding=512, layers=8, feed_forward=1536, end=2.4)
ENDLESS_TOKENS = 1 << 23  # a context of some gigabytes
TEXT = "one two three " * 20


def run(size: Size) -> Outcome:
    """Every case, then the limit."""
    tally = Tally("of its need")
    really_free = memory_fit.free_bytes
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        try:
            for model, context_tokens, share in product(models(folder), CONTEXTS, SHARES):
                case(folder, model, context_tokens, share, tally)
        finally:
            memory_fit.free_bytes = really_free
        limited(folder, tally)
    return tally.outcome


def models(folder: Path) -> list[Model]:
    """Four real models, from 0.2 to 60 MB."""
    paths = [tiny_gguf.write(folder / "tiny.gguf")]
    for shape in (*SHAPES, LARGER):
        write(shape, folder / shape.file)
        paths.append(folder / shape.file)
    return [
        Model(id=number, name=path.stem, path=path, origin=ModelOrigin.DISK, facts=read_facts(path), added_at="")
        for number, path in enumerate(paths)
    ]


def case(folder: Path, model: Model, context_tokens: int, share: float, tally: Tally) -> None:
    """One model with one context where `share` of what it needs is free."""
    need = memory_fit.fit(model.facts, LoadOptions(context_tokens=context_tokens)).need_bytes
    free = int(need * share)
    memory_fit.free_bytes = lambda: free
    what = f"{model.name}, {context_tokens} tokens, {free >> 20} of {need >> 20} MiB"
    peak, started, refusal = answered(folder, model, context_tokens)
    if refusal is None:
        tally.saw(peak / need)
        tally.check(free >= need >= peak > 0, f"{what}: loaded, and its peak was {peak >> 20} MiB")
        return
    wrong = "a process was started" if started else "it fits" if free >= need else ""
    if not wrong and refusal.fitting_tokens:
        peak, _, refusal = answered(folder, model, refusal.fitting_tokens)
        wrong = "" if refusal is None and peak <= free else f"the context said to fit takes {peak >> 20} MiB"
    tally.check(not wrong, f"{what}: {wrong}")


def answered(folder: Path, model: Model, context_tokens: int) -> tuple[int, int, NotEnoughMemory | None]:
    """The peak of the process that answered, how many processes there are, and why there was no answer."""
    runtime = Runtime(folder / "private")
    wanted = Wanted(context_tokens=context_tokens, answer_tokens=8, seed=1, threads=1)
    try:
        written = finish(runtime.generate(model, [Turn(role=Role.USER, text=TEXT)], wanted, Cancel()))
    except NotEnoughMemory as error:
        return 0, len(psutil.Process().children()), error
    finally:
        runtime.close()
    return written.speed.peak_bytes, 1, None


def limited(folder: Path, tally: Tally) -> None:
    """A context of gigabytes in a process that was told to expect next to nothing."""
    path = tiny_gguf.write(folder / "endless.gguf")
    content = bytearray(path.read_bytes())
    fields, _ = fields_of(bytes(content), random.Random(0))
    at = next(at for name, at, _ in fields if name == "value of llama.context_length")
    content[at : at + 4] = ENDLESS_TOKENS.to_bytes(4, "little")
    path.write_bytes(content)
    with Process("model", "engine.worker.model", private=folder / "private") as process:
        for context_tokens, well in ((ENDLESS_TOKENS, False), (512, True), (ENDLESS_TOKENS // 2, False), (512, True)):
            load = wire.Load(path=str(path), context_tokens=context_tokens, threads=1, need_bytes=1)
            how = ended(process, load)
            expected = how == "Loaded" if well else how not in ("Loaded", "WorkerDied")
            tally.check(expected and process.alive, f"a context of {context_tokens} tokens over the limit: {how}")
        tally.check(ended(process, wire.Generate(prompt="a", max_tokens=4)) == "Done", "no answer after the limit")


def ended(process: Process, request: wire.Message) -> str:
    """How a job ended."""
    try:
        *_, last = process.ask(request, Cancel(), silent_s=120)
    except WorkerDied:
        return "WorkerDied"
    except EngineError as error:
        return error.code
    return type(last).__name__
