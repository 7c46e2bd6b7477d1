"""A killed app leaves no process within a second and no lock; two of many that start at once never both write.

The app is the real one with its broker, a model that writes, an embedder that is importing, and a reader whose own
process for a document works on a page that takes long; it is killed with SIGKILL at a random moment. What is counted:
processes of its that live a second later, a lock that does not come free, and starts at once of which more or fewer
than one got the data folder.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import psutil

from engine.errors import AlreadyRunning
from engine.places import Places
from engine.privacy.one_writer import OneWriter
from engine.worker.testmodels.making import NEVER, Shape, write
from tests.reliability.hostile_making import pdf, shown, stream
from tests.reliability.killing import ROOT, Child
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 10, Size.NIGHT: 100}
RACES = {Size.CHANGE: 10, Size.NIGHT: 50}
AT_ONCE = 4
GONE_S = 1.0
LOOK_S = 0.005
LONGEST_S = 10.0
NOTHING, TIMES = b"q Q ", 60_000_000  # takes seconds to read, and no more memory than a document may take
TALKER = Shape(file="talker.gguf", name="never ends", seed=21, embedding=256, layers=8, feed_forward=768, end=NEVER)

APP = """
import sys, threading
from pathlib import Path
from engine.walls import raise_walls, shut
raise_walls()
from engine import wire
from engine.engine import Cancel, Engine, Places
from engine.privacy import starting
from engine.runtime.process import Process
engine = Engine.open(Places(Path(sys.argv[1])))
shut("app")
private = engine.places.private
reader, model, embedder = (Process(name, f"engine.worker.{name}", private=private) for name in sys.argv[2:5])
print(starting.broker_pid(), flush=True)
def work(process, *requests):
    for request in requests:
        begun = False
        for report in process.ask(request, Cancel()):
            if not begun and isinstance(report, (wire.Token, wire.PageRead)):
                begun = True
                print("at work", flush=True)
for work_of in (
    (reader, wire.Read(path=sys.argv[6], reader="pdf")),
    (model, wire.Load(path=sys.argv[5], context_tokens=2048, threads=1), wire.Generate(prompt="a", max_tokens=1900)),
    (embedder, wire.Embed(texts=("a",))),
):
    threading.Thread(target=work, args=work_of, daemon=True).start()
threading.Event().wait()
"""
RACER = """
import sys
from pathlib import Path
from engine.errors import AlreadyRunning
from engine.places import Places
from engine.privacy.one_writer import OneWriter
places = Places(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
try:
    lock = OneWriter(places)
    print("mine", flush=True)
except AlreadyRunning:
    print("taken", flush=True)
sys.stdin.readline()
"""


def run(size: Size) -> Outcome:
    """Kill and race."""
    tally = Tally("s")
    dice = random.Random(21)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(TALKER, folder / TALKER.file)
        (folder / "slow.pdf").write_bytes(slow_document())
        for number in range(KILLS[size]):
            _killed(tally, folder, Places(folder / str(number)), dice)
        places = Places(folder / "race")
        places.make()
        for _ in range(RACES[size]):
            _raced(tally, places)
    return tally.outcome


def slow_document() -> bytes:
    """A page that is read at once, and one that takes some seconds."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 999 999]/Contents %d 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    slow = zlib.compress(NOTHING * TIMES, 1)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>",
        page % 5,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        stream(shown("a lantern")),
        page % 7,
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(slow), slow),
    )


def _killed(tally: Tally, folder: Path, places: Places, dice: random.Random) -> None:
    names = ("reader", "model", "embedder")
    app = Child(APP, str(places.data), *names, str(folder / TALKER.file), str(folder / "slow.pdf"))
    if not app.hear(3):
        tally.failed(f"the app did not start: {app.errors[-300:]}")
        return
    app.live(dice.uniform(0.0, 1.0))
    broker = psutil.Process(int(app.lines[0]))
    left = [broker, *broker.children(recursive=True)]
    tally.check(len(left) == 1 + len(names) + 1, f"not all were at work: {len(left)}")
    began = time.monotonic()
    killed = app.kill_after(0)
    lock_free = _free(places)
    while time.monotonic() - began < LONGEST_S and (left := [one for one in left if _lives(one)]):
        time.sleep(LOOK_S)
    seconds = time.monotonic() - began
    tally.saw(seconds)
    for one in left:
        one.kill()
    tally.check(killed and not left and seconds <= GONE_S, f"{len(left)} left, the last after {seconds:.2f} s")
    tally.check(lock_free, "the lock outlived the app")


def _lives(process: psutil.Process) -> bool:
    """A process that has ended but that nobody has asked about yet does not live."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _free(places: Places) -> bool:
    try:
        OneWriter(places).release()
    except AlreadyRunning:
        return False
    return True


def _raced(tally: Tally, places: Places) -> None:
    command = [sys.executable, "-c", RACER, str(places.data)]
    racers = [
        subprocess.Popen(
            command, cwd=ROOT, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        for _ in range(AT_ONCE)
    ]
    said = []
    for racer in racers:
        assert racer.stdout
        racer.stdout.readline()
    for word in ("go\n", "end\n"):
        for racer in racers:
            assert racer.stdin
            racer.stdin.write(word)
        if word == "go\n":
            said = [racer.stdout.readline().strip() for racer in racers if racer.stdout]
    for racer in racers:
        racer.communicate()
    tally.check(sorted(said) == ["mine"] + ["taken"] * (AT_ONCE - 1), f"of {AT_ONCE} starts at once: {said}")
