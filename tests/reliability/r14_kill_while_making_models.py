"""kill -9 while a model file is made, or made smaller, or its download is finished: the final name is absent or loads.

The process that writes is killed as soon as there is something of the file to see, a random moment later. Every
file with a model's name must then be one that is read and answers. The same work done again must bring the
models, leave nothing else in the folder, and nothing may load that is not whole.
"""

import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import EngineError
from engine.quantizations import Recipe
from engine.types import Role, Turn, Wanted
from engine.worker.testmodels.making import SHAPES, Shape, write
from tests.fakes.hub import FakeHub
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 5, Size.NIGHT: 50}  # of each kind
LATER_S = {"made": 0.03, "fetched": 0.03, "made smaller": 0.4}
LARGE = Shape(file="", name="large", seed=3, embedding=256, layers=8, feed_forward=1024, end=2.4)
LONGEST_S = 60.0
REPOSITORY, FILE = "someone/Model-GGUF", "model-F16.gguf"
WANTED = Wanted(context_tokens=512, answer_tokens=2, threads=1)


def run(size: Size) -> Outcome:
    """The kinds in turn, each in a data folder of its own."""
    tally, rng = Tally(), random.Random(14)
    hits = {True: 0, False: 0}  # of making smaller, and of the others
    with tempfile.TemporaryDirectory() as temporary, FakeHub() as hub:
        os.environ["HF_ENDPOINT"] = hub.endpoint
        whole = Path(temporary) / "whole.gguf"
        write(SHAPES[0], whole)
        hub.put(REPOSITORY, FILE, whole.read_bytes())
        large = Path(temporary) / "large-F16.gguf"
        write(LARGE, large)
        for number in range(KILLS[size]):
            for kind, module in (("made", "testmodels"), ("fetched", "fetcher"), ("made smaller", "quantizer")):
                with Engine.open(Places(Path(temporary) / f"{kind} {number}")) as engine:
                    hit, wrong = tried(engine, kind, module, large, rng.uniform(0, LATER_S[kind]))
                hits[kind == "made smaller"] += hit
                tally.check(not wrong, f"{kind} {number}: {wrong}")
    tally.check(min(hits.values()) > 0, "no kill hit a file that was being written")
    return tally.outcome


def tried(engine: Engine, kind: str, module: str, large: Path, later_s: float) -> tuple[bool, str]:
    """Kill, look, do it again; whether a file was being written, and what is wrong."""

    def work() -> None:
        if kind == "made":
            finish(engine.models.make_test_models(Cancel()))
        elif kind == "made smaller":
            model = finish(engine.models.add(large, Cancel()))
            finish(engine.quantizing.quantize(model.id, Recipe(quantization="Q4_K_M"), Cancel()))
        else:
            finish(engine.models.download(REPOSITORY, FILE, Cancel()))

    folder = engine.places.models
    failed = killed_in(work, folder, module, later_s)
    hit = failed if kind == "made smaller" else bool(list(folder.glob("*.part")))
    wrong = unloadable(engine)
    if not wrong:
        try:
            work()
        except EngineError as error:
            return hit, f"the second time: {error}"
        wrong = unloadable(engine)
    left = [path.name for path in folder.iterdir() if path.suffix != ".gguf"]
    return hit, wrong or (f"left behind: {left}" if left else "") or (
        "" if list(folder.glob("*.gguf")) else "no model came"
    )


def killed_in(work: Callable[[], None], folder: Path, module: str, later_s: float) -> bool:
    """Do the work on a thread, and kill its process when a file has appeared; whether the work failed of it."""
    failed = threading.Event()

    def quietly() -> None:
        try:
            work()
        except EngineError:  # that its process was killed
            failed.set()

    thread, until = threading.Thread(target=quietly), time.monotonic() + LONGEST_S
    thread.start()
    while not any(path.is_file() for path in folder.rglob("*")) and thread.is_alive() and time.monotonic() < until:
        threading.Event().wait(0.0005)
    threading.Event().wait(later_s)
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error, ProcessLookupError):  # it ended just now
            if f"engine.worker.{module}" in " ".join(child.cmdline()):
                os.kill(child.pid, signal.SIGKILL)
    thread.join()
    return failed.is_set()


def unloadable(engine: Engine) -> str:
    """What is wrong with a file that has a model's name."""
    for path in sorted(engine.places.models.glob("*.gguf")):
        try:
            model = finish(engine.models.add(path, Cancel()))
            finish(engine.runtime.generate(model, [Turn(role=Role.USER, text="a")], WANTED, Cancel()))
        except EngineError as error:
            return f"{path.name} does not load: {error}"
    return ""
