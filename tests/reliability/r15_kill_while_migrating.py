"""kill -9 while an older store is brought up to date: it has its old shape or its new one, and all its rows.

Stores of every shape there ever was are opened by today's program, which is killed at a random moment, each store every
other time after the backup was made, while the shape is changed (each step is drawn out by some milliseconds, so that
kills fall between them). The file must then be whole, of the old step or of today's and of none between, with the same
rows; no store may have the new step without a backup of the old one that opens; the next start must find everything.
"""

import hashlib
import json
import shutil
import tempfile
import time
from contextlib import closing
from pathlib import Path

from engine.engine import Engine, Places
from engine.store import migrations
from engine.store.snapshot import counts_of, looked_into
from engine.store.vault import connected
from tests.reliability.killing import ROOT, moments, started
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 20, Size.NIGHT: 200}
TIMED_AGAIN = 20  # kills after which it is looked at anew how long opening takes: a computer has other things to do
MESSAGES = 3000
KEY = bytes(range(32))
EXAMPLES = ROOT / "tests" / "examples" / "stores"
CHILD = """
import sys, threading, time
from pathlib import Path
from engine.engine import Engine, Places
from engine.keeping import Backups
from engine.store import migrations

def told(backups):
    made(backups)
    print("backed up", flush=True)

def slowly(step):
    def take(db):
        step(db)
        time.sleep(0.005)
    return take

migrations.STEPS = tuple(map(slowly, migrations.STEPS))
made, Backups.before_migration = Backups.before_migration, told
print("ready", flush=True)
with Engine.open(Places(Path(sys.argv[1]))):
    print("open", flush=True)
    threading.Event().wait()
"""


def run(size: Size) -> Outcome:
    """Each kill on a fresh copy of one of the older stores, in turn."""
    tally, reached = Tally(), set[str]()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        olds = [old_store(folder / f"shape-{step}.db", step) for step in range(1, len(migrations.STEPS))]
        examples = [path for path in sorted(EXAMPLES.glob("*.db")) if path.stem < f"step-{len(migrations.STEPS):03}"]
        olds += [Path(shutil.copy(path, folder)) for path in examples]
        opening_s = changing_s = 0.0
        for number, share in enumerate(moments(KILLS[size], 1.0, seed=15)):
            if number % TIMED_AGAIN == 0:
                opening_s, changing_s = timed(Places(folder / f"timed-{number}"), olds[0])
            old = olds[number % len(olds)]
            places = Places(folder / f"kill-{number}")
            place(old, places)
            late = (number + number // len(olds)) % 2  # each store in both ways, whether they are even or odd in number
            lines, after_s = (2, share * changing_s) if late else (1, share * opening_s)
            with started(CHILD, places.data) as child:
                if not child.hear(lines) or not child.kill_after(after_s):
                    tally.failed(f"kill {number}: the program ended by itself: {child.errors[-300:]}")
                    continue
            state, wrong = looked_at(places, old)
            reached.add(state)
            tally.check(not wrong, f"kill {number} of {old.name} {after_s:.4f} s after line {lines}: {wrong}")
        tally.check(reached == {"old", "new"}, f"all kills came too early or too late: {reached}")
    return tally.outcome


def timed(places: Places, old: Path) -> tuple[float, float]:
    """How long an older store takes to open, and how much of that comes after its backup, in seconds."""
    place(old, places)
    heard = []
    with started(CHILD, places.data) as child:
        for lines in (1, 2, 3):
            if not child.hear(lines):
                raise RuntimeError(f"the program ended by itself: {child.errors[-300:]}")
            heard.append(time.monotonic())
    return heard[2] - heard[0], heard[2] - heard[1]


def old_store(path: Path, step: int) -> Path:
    """A store of the shape after `step`, with as many chats and messages as make a change of shape take a while."""
    with closing(connected(path, KEY)) as db:
        db.execute("BEGIN")
        for take in migrations.STEPS[:step]:
            take(db)
        db.execute(f"PRAGMA user_version = {step}")
        for chat in range(1, 11):
            db.execute("INSERT INTO chat (id, title, created_at, updated_at) VALUES (?, ?, '', '')", (chat, f"c{chat}"))
        for number in range(MESSAGES):
            values = (1 + number % 10, f"{number} " + "plum jam " * (number % 90))
            db.execute(
                "INSERT INTO message (chat_id, role, text, state, created_at) VALUES (?, 'user', ?, 'complete', '')",
                values,
            )
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = DELETE")
    return path


def step_of(path: Path) -> int:
    """Of which shape a store is that may have been left in the middle of something."""
    with closing(connected(path, KEY)) as db:
        return counts_of(db).step


def place(old: Path, places: Places) -> None:
    """A data folder that holds this store."""
    places.make()
    shutil.copy(old, places.store)
    way = {"way": "file", "key": KEY.hex()}
    places.keys.write_text(json.dumps({"format": 1, "ways": [way]}), encoding="utf-8")


def digest(path: Path) -> str:
    """A hash over all chats and messages; the file may have a log beside it."""
    running = hashlib.sha256()
    with closing(connected(path, KEY)) as db:
        for row in db.execute("SELECT id, title FROM chat ORDER BY id"):
            running.update(repr(row).encode())
        for row in db.execute("SELECT id, chat_id, parent_id, role, text, created_at FROM message ORDER BY id"):
            running.update(repr(row).encode())
    return running.hexdigest()


def looked_at(places: Places, old: Path) -> tuple[str, str]:
    """Which shape the store was left in, and what is wrong; "" for nothing."""
    now = step_of(places.store)
    copies = [path / places.store.name for path in places.backups.glob("[0-9]*-update")]
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(shutil.copy(old, temporary))
        was, expected = step_of(copy), digest(copy)
    if now not in (was, len(migrations.STEPS)):
        return "between", f"it was left at step {now}"
    state = "old" if now == was else "new"
    if state == "new" and not copies:
        return state, "it has its new shape, and there is no backup of the old one"
    for path in copies:
        if looked_into(path, KEY).step != was or digest(path) != expected:
            return state, "the backup made before is not what there was"
    with Engine.open(places) as engine:
        engine.chats.all()
    if digest(places.store) != expected:
        return state, "rows are lost or changed"
    return state, ""
