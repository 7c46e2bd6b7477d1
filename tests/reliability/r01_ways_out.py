"""No way out of any process is open that the rules forbid; one without walls is seen to be open.

Every process is the real one: the window's app starts the real processes through its broker, gives each real
work, and every process tries its own ways out. A try is one way out of one process. The control is a process
without walls: if it shows nothing open, the probe proves nothing and the row fails. With them: a listening
socket turned outward, and a name given to a resolver of this computer, where the row may put one in its place.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from engine.privacy import landlock
from engine.privacy.rules import RULES, allowed
from tests.reliability.resolver import Resolver, may_stand
from tests.reliability.row import Outcome, Size, Tally

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = {Size.CHANGE: 1, Size.NIGHT: 10}
LONGEST_S = 180
ONLY_LANDLOCK = {"read outside": 1, "read store": 1, "write": 1, "signal": 6}  # way out → Landlock that shuts it
OPEN_WITHOUT_WALLS = {
    "tcp4",
    "udp4",
    "unix path",
    "name lookup",
    "exec",
    "signal",
    "read outside",
    "read store",
    "write",
}

# The app as `python -m desktop` has it, on Qt's offscreen platform, with every kind of process at work.
APP = """
import json, sys
from pathlib import Path
from desktop.__main__ import main
from PySide6.QtCore import QTimer
import desktop.sitting
from engine.engine import Cancel, Engine, finish
from engine.runtime.process import Process
from engine import wire

data, samples, model = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
told = []
def tell(walls):
    for one in walls:
        tried = [(channel.name, channel.reach) for channel in one.channels]
        told.append({"kind": one.kind, "walls": one.walls, "tried": tried})
real = desktop.sitting.Window
class Window(real):
    def __init__(self, engine, *rest):
        super().__init__(engine, *rest)
        tell(engine.walls()[:1])
        QTimer.singleShot(desktop.sitting.SETTLED_MS + 500, self, lambda: self.work(engine))
    def work(self, engine):
        private = engine.places.private
        def ask(name, module, request):
            with Process(name, module, private=private) as process:
                try:
                    list(process.ask(request, Cancel()))
                except Exception as error:
                    print(repr(error), file=sys.stderr)
                tell(process.walls)
        ask("test models", "engine.worker.testmodels", wire.MakeModels(folder=str(engine.places.models)))
        ask("model", "engine.worker.model", wire.Load(path=str(engine.places.models / model), context_tokens=64))
        # without a projector it loads nothing, and its walls stand before that
        ask("vision", "engine.worker.vision", wire.Load(path=str(engine.places.models / model), context_tokens=64))
        preview = wire.PreviewSizes(path=str(engine.places.models / model), quantizations=("Q8_0",))
        ask("quantizer", "engine.worker.quantizer", preview)
        half = engine.places.models / ".none.gguf.making" / "new.gguf"
        ask("converter", "engine.worker.converter", wire.Convert(folder=str(samples), files={}, to=str(half)))
        ask("reader", "engine.worker.reader", wire.Read(path=str(samples / "quantization.html"), reader="html"))
        ask("ocr", "engine.worker.ocr", wire.FindOcr())
        ask("keychain", "engine.worker.keychain", wire.AskKeychain(do="find"))
        ask("embedder", "engine.worker.embedder", wire.Embed(texts=("a",)))
        built_in = engine.places.built_in
        ask("embedder maker", "engine.worker.embeddermaker", wire.MakeEmbedder(folder=str(built_in)))
        made = next(built_in.glob("*.gguf"))
        ask("encoder", "engine.worker.encoder", wire.Load(path=str(made), context_tokens=64))
        models = str(engine.places.models)
        fetch = wire.Fetch(endpoint="http://127.0.0.1:9", repository="a/b", files=(("c.gguf", "k", ""),), folder=models)
        ask("fetcher", "engine.worker.fetcher", fetch)
        tell(engine.walls()[:1])
        print(json.dumps(told), flush=True)
        self.close()
desktop.sitting.Window = Window
sys.exit(main(["--data", str(data)]))
"""
ALONE = """
import json, sys
from engine.privacy.probe import probe
from engine.privacy.seal import seal, walls
kind, private = sys.argv[1:]
if kind:
    seal(kind)
print(json.dumps([{"kind": kind, "walls": walls(), "tried": probe(kind or "model", private)}]))
"""
TURNED = """
import ctypes, socket, struct, sys
from engine.privacy.seal import seal
listener, beyond = socket.socket(), socket.socket()
for one in (listener, beyond):
    one.bind(("127.0.0.1", 0)); one.listen()
if sys.argv[1]:
    seal(sys.argv[1])
c = ctypes.CDLL(None)
c.connect(listener.fileno(), struct.pack("=H14x", 0), 16)
port = beyond.getsockname()[1]
address = struct.pack("=H", 2) + struct.pack(">H", port) + bytes([127, 0, 0, 1]) + bytes(8)
print(c.connect(listener.fileno(), address, 16))
"""
LOOK_UP = """
import os, socket, sys
from engine.privacy.seal import seal
if sys.argv[1]:
    seal(sys.argv[1])
try:
    socket.getaddrinfo("a-private-word.invalid", 80)
except OSError:
    pass
print(os.getpid())
"""


def run(size: Size) -> Outcome:
    """Try everything."""
    tally = Tally()
    for _ in range(ROUNDS[size]):
        with tempfile.TemporaryDirectory() as folder:
            _without_walls(tally, Path(folder))
            _behind_walls(tally, Path(folder))
        _turned(tally)
        _looked_up(tally)
    return tally.outcome


def _python(code: str, *arguments: str) -> str:
    environment = os.environ | {"HANARE_KEYCHAIN": "off", "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments], cwd=ROOT, env=environment, timeout=LONGEST_S, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    return run.stdout if run.returncode == 0 else f"ended with {run.returncode}: {run.stderr[-300:]}"


def _reports(said: str) -> list[dict[str, Any]]:
    try:
        reports: list[dict[str, Any]] = json.loads(said)
    except ValueError:
        return []
    return reports


def _without_walls(tally: Tally, folder: Path) -> None:
    private = _data(folder / "control")
    reports = _reports(_python(ALONE, "", str(private)))
    opened = {name for name, reach in reports[0]["tried"] if reach == "open"} if reports else set()
    tally.check(opened >= OPEN_WITHOUT_WALLS, f"the control is not seen to be open: {OPEN_WITHOUT_WALLS - opened}")


def _behind_walls(tally: Tally, folder: Path) -> None:
    said = _python(APP, str(folder / "data"), str(ROOT / "resources" / "samples"), "hanare-test-smaller.gguf")
    reports = _reports(said)
    if not reports:
        tally.failed(f"the app told nothing: {said[:300]}")
    reports += _reports(_python(ALONE, "command", str(_data(folder / "command"))))
    for kind in sorted(set(RULES) - {"broker"} - {report["kind"] for report in reports}):
        tally.failed(f"no process of the kind {kind} told what it can do")
    known = landlock.version()
    for report in reports:
        for name, reach in report["tried"]:
            excused = allowed(report["kind"], name) or known < ONLY_LANDLOCK.get(name, 0)
            tally.check(reach != "open" or excused, f"{name} is open in {report['kind']} ({report['walls']})")


def _data(folder: Path) -> Path:
    private = folder / "private"
    private.mkdir(parents=True)
    (folder / "hanare.db").write_bytes(b"a store")
    return private


def _turned(tally: Tally) -> None:
    tally.check(_python(TURNED, "").strip() == "0", "the control could not turn a listening socket outward")
    for kind in ("app", "command", "model", "vision", "document", "embedder", "encoder"):
        tally.check(_python(TURNED, kind).strip() == "-1", f"a listening socket was turned outward in {kind}")


def _looked_up(tally: Tally) -> None:
    """A resolver of our own hears the names."""
    if not may_stand():
        return
    with Resolver() as resolver:
        heard = resolver.heard_from(_looking_up(""))
        tally.check(b"a-private-word" in (heard or b""), f"the control gave no name to the resolver: {heard!r}")
        for kind in ("app", "command", "model", "vision", "document", "embedder", "encoder"):
            heard = resolver.heard_from(_looking_up(kind))
            tally.check(heard is None, f"{kind} reached a resolver of this computer: {heard!r}")


def _looking_up(kind: str) -> int:
    """The number of a process that has looked a name up, and ended."""
    said = _python(LOOK_UP, kind).strip()
    if not said.isdecimal():
        raise RuntimeError(f"looking up a name as {kind or 'nobody'} {said}")
    return int(said)
