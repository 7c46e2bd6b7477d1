"""A killed app leaves no process within a second and no lock; two of many that start at once never both write.

The app is the real one with its broker, a reader, a model that is loading and an embedder that is importing,
killed with SIGKILL at a random moment. What is counted: processes of its that live a second later, a lock that
does not come free, and starts at once of which more or fewer than one got the data folder.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from engine.errors import AlreadyRunning
from engine.places import Places
from engine.privacy.one_writer import OneWriter
from tests.reliability.killing import ROOT, Child
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 10, Size.NIGHT: 100}
RACES = {Size.CHANGE: 10, Size.NIGHT: 50}
AT_ONCE = 4
GONE_S = 1.0
LOOK_S = 0.005
LONGEST_S = 60.0

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
processes = [Process(name, f"engine.worker.{name}", private=private) for name in ("reader", "model", "embedder")]
print(starting.broker_pid(), *(process.pid for process in processes), flush=True)
def embed():
    list(processes[2].ask(wire.Embed(texts=("a",)), Cancel()))
threading.Thread(target=embed, daemon=True).start()
for process in processes[:2]:
    process.await_greeting(Cancel())
print("ready", flush=True)
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
    with tempfile.TemporaryDirectory() as folder:
        for number in range(KILLS[size]):
            _killed(tally, Places(Path(folder) / str(number)), dice)
        places = Places(Path(folder) / "race")
        places.make()
        for _ in range(RACES[size]):
            _raced(tally, places)
    return tally.outcome


def _killed(tally: Tally, places: Places, dice: random.Random) -> None:
    app = Child(APP, str(places.data))
    if not app.hear(2):
        tally.failed(f"the app did not start: {app.errors[-300:]}")
        return
    left = [psutil.Process(int(number)) for number in app.lines[0].split()]
    app.live(dice.uniform(0.0, 1.0))
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
