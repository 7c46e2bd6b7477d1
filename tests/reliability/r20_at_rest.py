"""At rest: no word of a chat, a document, a file's name, a prompt or a setting stands readable in any file.

A program with its own home and temporary folder writes canaries wherever a person's words can go: titles, messages,
answers, instructions, documents and their names, the pictures of their pages, names of models, comparisons, a backup, a
restore, the trash, a temporary chat. Every file below its data folder, its backups, its home and its temporary folder,
and what is new in the temporary folder of the whole computer, is then searched for each canary, in UTF-8 and UTF-16,
while it is open, after it was killed, and after a start that cleared up. Of the temporary chat nothing may stand in
the store either, once it is decrypted. A canary planted in the open must be found.
"""

import contextlib
import os
import random
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.engine.documents.paper import write_pdf
from tests.fakes import tiny_gguf
from tests.reliability.killing import started
from tests.reliability.row import Outcome, Size, Tally

CANARIES = {Size.CHANGE: 100, Size.NIGHT: 500}
KINDS = ("title", "message", "document", "name", "setting", "trash", "temporary", "picture")
LETTERS = "bcdfghjklmnpqrstvwz"
HOMES = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
CHILD = """
import sys, threading
from functools import partial
from pathlib import Path
import engine.documents.documents as engine_documents
from engine.documents.embedding import Embedder
from engine.engine import Cancel, Engine, Places, finish
from engine.types import Role

data, papers, model, lines = (Path(argument) for argument in sys.argv[1:5])
engine_documents.Embedder = partial(Embedder, module="tests.fakes.embedder_worker")
words = {}
for line in lines.read_text().splitlines():
    kind, canary = line.split()
    words.setdefault(kind, []).append(canary)
engine = Engine.open(Places(data), model_process="tests.fakes.model_worker")
if len(sys.argv) > 5:
    print("ready", flush=True)
    threading.Event().wait()
known = finish(engine.models.add(model, Cancel()))
finish(engine.documents.add([papers], Cancel()))
finish(engine.documents.embed(Cancel()))
for document in engine.documents.all():
    if document.kind == "pdf":
        assert finish(engine.documents.picture(document.id, 1, Cancel())).png
engine.documents.remove([engine.documents.all()[0].id])
for canary in words["temporary"]:
    chat = engine.chats.new(temporary=True)
    engine.chats.rename(chat.id, canary)
    finish(engine.chats.send(chat.id, canary + " and again", Cancel(), known.id, with_documents=True))
for title, message in zip(words["title"], words["message"]):
    chat = engine.chats.new()
    engine.chats.rename(chat.id, title)
    finish(engine.chats.send(chat.id, message, Cancel(), known.id, with_documents=True))
finish(engine.chats.ask(words["document"][0], Cancel(), known.id, wait=True))
finish(engine.comparisons.run(words["message"][0], [known.id], Cancel()))
engine.change_settings(system_prompt=" ".join(words["setting"]))
for canary in words["trash"]:
    chat = engine.chats.new()
    engine.chats.rename(chat.id, canary)
    engine.chats.delete(chat.id)
finish(engine.upkeep(Cancel()))
backup = finish(engine.backups.make(Cancel()))
finish(engine.restore(backup.name, Cancel()))
writing = engine.chats.send(chat.id, "!slow " + words["message"][1], Cancel(), known.id)
rows = engine._store._vault.rows
kept = [text for row in rows("SELECT text FROM message UNION ALL SELECT title FROM chat") for text in row.values()]
assert any(canary in text for canary in words["message"] for text in kept)
assert not [canary for canary in words["temporary"] if any(canary in text for text in kept)]
for event in writing:
    print("ready", flush=True)
"""


def run(size: Size) -> Outcome:
    """Fill once, search three times."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "home"
        places = {name: home / name.lower() for name in HOMES}
        for folder in places.values():
            folder.mkdir(parents=True)
        canaries = made(CANARIES[size])
        outside = Path(temporary) / "outside"
        papers, lines = outside / "papers", outside / "canaries"
        papers.mkdir(parents=True)
        lines.write_text("\n".join(f"{kind} {canary}" for canary, kind in canaries.items()), encoding="utf-8")
        texts = [canary for canary, kind in canaries.items() if kind == "document"]
        names = [canary for canary, kind in canaries.items() if kind == "name"]
        for text, name in zip(texts, names, strict=False):
            (papers / f"{name}.txt").write_text(f"{text} " * 3, encoding="utf-8")
        write_pdf(papers / "pictures.pdf", [[canary for canary, kind in canaries.items() if kind == "picture"]])
        model = tiny_gguf.write(outside / f"{names[-1]}.gguf")
        with own_home(places):
            filled_and_searched(tally, home, canaries, (home / "data", papers, model, lines))
    return tally.outcome


def filled_and_searched(tally: Tally, home: Path, canaries: dict[str, str], arguments: tuple[Path, ...]) -> None:
    """Run the program and search while it writes, once it was killed, and once it was started again."""
    with started(CHILD, *arguments) as child:
        if not child.hear(12):
            tally.failed(f"the program ended by itself: {child.errors[-400:]}")
            return
        searched(tally, home, canaries, "while it is open")
        child.kill_after(0.3)
    searched(tally, home, canaries, "after it was killed")
    with started(CHILD, *arguments, "again") as child:
        if not child.hear(1):
            tally.failed(f"the second start ended by itself: {child.errors[-400:]}")
            return
        child.kill_after(0)
    searched(tally, home, canaries, "after the next start")
    planted = home / "tmpdir" / "planted.txt"
    planted.write_text(next(iter(canaries)), encoding="utf-8")
    tally.check(len(found([planted], home, canaries)) == 1, "the planted canary was not found: this row finds nothing")
    beside = home.parents[1] / f"hanare-r20-{os.getpid()}.txt"
    beside.write_text(next(iter(canaries)), encoding="utf-8")
    try:
        tally.check(
            len(found(new_beside(home), home.parents[1], canaries)) == 1, "a canary planted beside it was not found"
        )
    finally:
        beside.unlink()


def made(count: int) -> dict[str, str]:
    """Words that nothing else holds, not even another run beside this one, and where each goes."""
    chance = random.Random(os.getpid())
    return {"".join(chance.choices(LETTERS, k=14)): KINDS[number % len(KINDS)] for number in range(count)}


@contextlib.contextmanager
def own_home(places: dict[str, Path]) -> Iterator[None]:
    """While inside, a process that is started has a home and a temporary folder of its own."""
    former = {name: os.environ.get(name) for name in places}
    os.environ.update({name: str(path) for name, path in places.items()})
    try:
        yield
    finally:
        for name, value in former.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def searched(tally: Tally, folder: Path, canaries: dict[str, str], when: str) -> None:
    """One try a canary."""
    hits = found(folder.rglob("*"), folder, canaries) | found(new_beside(folder), folder.parents[1], canaries)
    for canary, kind in canaries.items():
        places = hits.get(canary)
        tally.check(not places, f"{when}: a canary of kind {kind} stands in {', '.join(places or ())}")


def new_beside(home: Path) -> Iterator[Path]:
    """What came into the computer's temporary folder, and into new folders there, since the row began."""
    own, began = home.parent, (home.parent / "outside").stat().st_ctime_ns
    for entry in own.parent.iterdir():
        with contextlib.suppress(OSError):  # somebody else's, and gone already
            if entry != own and not entry.is_symlink() and entry.lstat().st_ctime_ns >= began:
                yield from (entry, *(entry.iterdir() if entry.is_dir() else ()))


def found(paths: Iterable[Path], folder: Path, canaries: dict[str, str]) -> dict[str, list[str]]:
    """The canaries that stand readable in a file among `paths`, or in its name, and where."""
    hits: dict[str, list[str]] = {}
    for path in sorted(paths):
        raw = str(path.relative_to(folder)).encode()
        with contextlib.suppress(OSError):  # no longer there, or not for us to read
            if path.is_file():
                raw += path.read_bytes()
        lowered = raw.lower()
        for canary in canaries:
            if canary.encode() in lowered or canary.encode("utf-16-le") in lowered:
                hits.setdefault(canary, []).append(str(path.relative_to(folder)))
    return hits
