"""A full disk: every writer says so in our words, nothing that was kept is lost, and with room again all goes on.

Seven writers (messages, answers, documents, vectors, settings, backups, keys) write until the disk takes no more, which
begins at a different byte each time. The disk is a small file system in memory where root runs this, else a limit on
the size of files. A failure is anything but `DiskFull`, a row or a backup that was kept and is gone, a store that is
not sound, a message that the reserve did not save, or a writer that does not go on when there is room.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.engine import Engine, Places
from engine.store.snapshot import looked_into
from tests.fakes import tiny_gguf
from tests.reliability.killing import Child, started
from tests.reliability.row import Outcome, Size, Tally

OFFSETS = {Size.CHANGE: 2, Size.NIGHT: 20}
WRITERS = ("messages", "answers", "documents", "vectors", "settings", "backups", "keys")
DISK_MIB = 28
MOST_FREE_BYTES = 900_000
CHILD = """
import os, resource, shutil, sys
from functools import partial
from pathlib import Path
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import DiskFull
from engine.store import reserve
from engine.store.documents import FileFacts, Settled
from engine.store.pages import PageKept, Stretch
from engine.store.vectors import Vector
from engine.types import Role

data, model, writer, how = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:5]
free, round = int(sys.argv[5]), sys.argv[6]
reserve.Reserve.__init__.__defaults__ = (3 << 20, 0)
engine = Engine.open(Places(data), model_process="tests.fakes.model_worker")
engine.reserve.take()
vault, rows = engine._store._vault, engine._store
chat = engine.chats.new()
known = finish(engine.models.add(model, Cancel()))
noise = lambda: os.urandom(20_000).hex()

def message(name):
    rows.chats.add_message(chat.id, None, Role.USER, name + " " + noise())

def answer(name):
    finish(engine.chats.send(chat.id, name + " " + noise(), Cancel(), known.id))

def document(name, vectors=False):
    text = name + " " + " ".join(os.urandom(6).hex() for _ in range(2500))
    page = PageKept(text=text, stretches=(Stretch(start=0, end=len(text), words=text),))
    facts = FileFacts(path=Path("/" + name), kind="txt", size_bytes=1, mtime_ns=1)
    rows.documents.settle([Settled(facts=facts, pages=(page,))])

document("before" + round)
(passage,) = vault.rows("SELECT max(id) AS id FROM passage")

def vector(name):
    rows.documents.vectors.keep(name, {passage["id"]: Vector(os.urandom(40_000), os.urandom(40_000), b"")})
    assert passage["id"] in [id_ for id_, _ in rows.documents.vectors.bits(name)]

def setting(name):
    engine.change_settings(system_prompt=name + " " + noise()[:19_000])

def backup(name):
    finish(engine.backups.make(Cancel()))

def key(name):
    for _ in range(20):
        engine.keys.keep_recovery_code(engine.keys.new_recovery_code())
        (data / ("note" + name)).open("ab").write(bytes(8000))  # what is not ours takes room too

write = {"messages": message, "answers": answer, "documents": document, "vectors": vector, "settings": setting,
         "backups": backup, "keys": key}[writer]
if how == "disk":
    with (data.parent / "filler").open("wb") as filler:
        left = shutil.disk_usage(data).free - free
        while left > 0:
            left -= filler.write(bytes(min(left, 1 << 16)))
            filler.flush()
elif how == "limit":
    largest = max(path.stat().st_size for path in data.rglob("hanare.db*"))
    most = 4096 + free % 100_000 if writer == "backups" else largest + free
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
for number in range(1 if how == "room" else 200):
    name = f"r{round}n{number}"
    try:
        write(name)
    except DiskFull:
        print("full", flush=True)
        break
    except OSError as error:  # the note of `key`, not ours
        print("full", flush=True)
        break
    print("reserve" if engine.reserve.used else "kept", name, flush=True)
engine.close()
"""


def run(size: Size) -> Outcome:
    """Every writer at several offsets, each on a disk of its own."""
    tally = Tally()
    how = "disk" if os.name == "posix" and hasattr(os, "geteuid") and os.geteuid() == 0 else "limit"
    with tempfile.TemporaryDirectory() as temporary:
        model = tiny_gguf.write(Path(temporary) / "echo.gguf")
        for writer in WRITERS if how == "disk" else WRITERS[:-1]:  # a limit on files does not reach one as small
            for number in range(OFFSETS[size]):
                free = MOST_FREE_BYTES * number // OFFSETS[size] + 4096 * (number % 3)
                with disk(Path(temporary), how) as folder:
                    wrong = tried(Places(folder / "data"), model, writer, how, free)
                tally.check(not wrong, f"{writer} with {free} bytes free: {wrong}")
    return tally.outcome


@contextlib.contextmanager
def disk(temporary: Path, how: str) -> Iterator[Path]:
    """A folder on a small disk of its own where that can be had."""
    folder = temporary / "disk"
    folder.mkdir()
    if how == "disk":
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        if how == "disk":
            subprocess.run(["umount", str(folder)], check=True)
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def tried(places: Places, model: Path, writer: str, how: str, free: int) -> str:
    """Write until it is full, look, write again; what went wrong, "" for nothing."""
    with started(CHILD, places.data, model, writer, how, free, 1) as child:
        if wrong := ended_full(child):
            return wrong
    (places.data.parent / "filler").unlink(missing_ok=True)
    kept = [line.split()[1] for line in child.lines if line != "full"]
    if how == "disk" and writer == "messages" and "reserve" not in " ".join(child.lines):
        return "the reserve saved no message"
    if wrong := looked_at(places, writer, kept):
        return wrong
    with started(CHILD, places.data, model, writer, "room", 0, 2) as again:
        if again.end() != 0 or not again.lines:
            return f"with room again it does not go on: {again.errors[-300:]}"
    return ""


def ended_full(child: Child) -> str:
    """Whether it ended by itself, having said that the disk is full."""
    status = child.end()
    if status != 0:
        return f"it ended with status {status}: {child.errors[-400:]}"
    return "" if "full" in child.lines else f"it was never full, after {len(child.lines)} writes"


def looked_at(places: Places, writer: str, kept: list[str]) -> str:
    """What is damaged or lost after the disk was full; "" for nothing."""
    with Engine.open(places) as engine:
        vault = engine._store._vault
        found = [row["integrity_check"] for row in vault.rows("PRAGMA integrity_check")]
        found += [str(row) for row in vault.rows("PRAGMA cipher_integrity_check")]
        if found != ["ok"]:
            return f"damaged: {found[:3]}"
        texts = {row["text"].split()[0] for row in vault.rows("SELECT text FROM message WHERE role = 'user'")}
        pages = {row["text"].split()[0] for row in vault.rows("SELECT text FROM page")}
        here = {"messages": texts, "answers": texts, "documents": pages}.get(writer)
        if here is not None and (lost := set(kept) - here):
            return f"{len(lost)} of {len(kept)} that were kept are lost"
        if writer == "settings" and kept and engine.settings.system_prompt.split()[0] != kept[-1]:
            return "the setting is not the one last kept"
        backups = engine.backups.all()
        if writer == "backups" and len(backups) != len(kept):
            return f"{len(backups)} backups instead of {len(kept)}"
        for backup in backups:
            looked_into(backup.path / places.store.name, engine.keys.secret)
        if parts := list(places.backups.glob(".part-*")):
            return f"{parts[0].name} was left"
    return ""


if sys.platform == "win32":
    WRITERS = ()  # there is no such limit there
