"""kill -9 while documents are added or looked at again: it goes on where it was, none twice and none missing.

A program adds a folder with documents of every format and makes their vectors; it is killed at a random moment and
started again, and the second run must find what the first had kept unchanged. Others look again at such a folder in
which files have been changed, renamed, removed and added. In the end every document must be there once, in the trash or
not, with the text, passages, words and vectors that it has where nobody killed anything, and the folder with them. The
worst figure is the number of documents that had been read and were read again.
"""

import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import engine.documents.documents as engine_documents
from engine.documents.embedding import Embedder
from engine.engine import Cancel, Engine, Places, finish
from engine.store.vault import Vault
from tests.reliability import corpus
from tests.reliability.killing import moments, started
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: {"add": 6, "look again": 4}, Size.NIGHT: {"add": 70, "look again": 50}}
TEXTS = 120
EMBEDDER = "tests.fakes.embedder_worker"
CHILD = f"""
import sys
from functools import partial
from pathlib import Path
import engine.documents.documents as engine_documents
from engine.documents.embedding import Embedder
from engine.engine import Cancel, Engine, Places
from engine.events import DocumentSettled

engine_documents.Embedder = partial(Embedder, module="{EMBEDDER}")
with Engine.open(Places(Path(sys.argv[1]))) as engine:
    print("open", flush=True)
    documents = engine.documents
    adding = sys.argv[3] == "add"
    for event in documents.add([Path(sys.argv[2])], Cancel()) if adding else documents.look_again(Cancel()):
        if isinstance(event, DocumentSettled):
            print("kept", event.document.path.name, flush=True)
    for event in documents.embed(Cancel()):
        print("vectors", flush=True)
"""
STATE = """
SELECT d.path, d.deleted_at IS NOT NULL AS gone, d.state, d.sha256,
       (SELECT group_concat(text) FROM page WHERE document_id = d.id) AS text,
       (SELECT count(*) FROM page WHERE document_id = d.id) AS pages,
       (SELECT count(*) FROM passage WHERE document_id = d.id) AS passages,
       (SELECT count(*) FROM meaning_bits m JOIN passage p ON p.id = m.passage_id WHERE p.document_id = d.id) AS vectors
FROM document d ORDER BY d.path
"""
FOUND = "SELECT count(*) AS found FROM words WHERE words MATCH 'plum OR lamp OR qz*'"
FOLDERS = "SELECT path, away, scanned_at IS NOT NULL AS looked_at FROM root ORDER BY path"
Row = tuple[object, ...]


class Ended(NamedTuple):
    """How many files were unchanged, what there is now, and how long it took, in seconds."""

    unchanged: int
    state: list[Row]
    seconds: float


def run(size: Size) -> Outcome:
    """A new store for each kill, the same folder for all: first as it was written, then as it was changed."""
    tally = Tally("documents read twice")
    engine_documents.Embedder = partial(Embedder, module=EMBEDDER)
    with tempfile.TemporaryDirectory() as temporary:
        folder, whole = Path(temporary) / "papers", Path(temporary) / "whole"
        write_papers(folder)
        ended = carried_out("add", Places(whole), folder)
        written = sum(path.is_file() for path in folder.rglob("*"))
        tally.check(len(ended.state) == written + 2, f"{len(ended.state) - 2} of {written} documents without any kill")
        killed(tally, size, "add", folder, ended, None)
        change_papers(folder)
        kept = Path(shutil.copytree(whole, Path(temporary) / "kept"))
        ended = carried_out("look again", Places(whole), folder)
        killed(tally, size, "look again", folder, ended, kept)
    return tally.outcome


def killed(tally: Tally, size: Size, what: str, folder: Path, expected: Ended, store: Path | None) -> None:
    """Begin `what`, kill it, do it again, and compare with what was `expected`; each time on a copy of `store`."""
    already = expected.unchanged
    for number, moment in enumerate(moments(KILLS[size][what], expected.seconds, seed=12)):
        places = Places(folder.parent / f"{what}-{number}")
        if store is not None:
            shutil.copytree(store, places.data)
        with started(CHILD, places.data, folder, what) as child:
            if not child.hear(1):
                tally.failed(f"{what}, kill {number}: the program ended by itself: {child.errors[-300:]}")
                continue
            child.kill_after(moment)
        told = sum(line.startswith("kept") for line in child.lines)
        ended = carried_out(what, places, folder)
        tally.saw(max(0, already + told - ended.unchanged))
        wrong = differing(already + told, ended, expected.state)
        tally.check(not wrong, f"{what}, kill {number} after {moment:.3f} s, {told} documents kept: {wrong}")
        shutil.rmtree(places.data)


def write_papers(folder: Path) -> None:
    """Texts of one to some passages, and below them papers of every format."""
    (folder / "formats").mkdir(parents=True)
    corpus.write(folder / "formats", 4)
    for number in range(TEXTS):
        text = "\n\n".join(f"Paper {number}, part {part}: {'plum jam ' * 60}" for part in range(1 + number % 7))
        (folder / f"paper-{number:03}.txt").write_text(f"name{number}\n{text}", encoding="utf-8")


def change_papers(folder: Path) -> None:
    """Every fifth file is changed, renamed, removed, moved into another folder, or left as it is."""
    (folder / "moved").mkdir()
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        match number % 5:
            case 0 if path.suffix == ".txt":
                path.write_bytes(path.read_bytes() + path.read_bytes())
            case 1:
                path.rename(path.with_stem(f"{path.stem.removesuffix('.tar')} renamed"))
            case 2:
                path.unlink()
            case 3:
                path.rename(folder / "moved" / path.name)
    for number in range(20):
        (folder / f"new-{number}.md").write_text(f"# New {number}\n\n{'plum jam ' * 90}", encoding="utf-8")


def carried_out(what: str, places: Places, folder: Path) -> Ended:
    """Do it to its end, and make all vectors."""
    with Engine.open(places) as engine:
        began, documents = time.monotonic(), engine.documents
        report = finish(documents.add([folder], Cancel()) if what == "add" else documents.look_again(Cancel()))
        finish(documents.embed(Cancel()))
        seconds, vault = time.monotonic() - began, engine._store._vault
        rows = [tuple(row.values()) for query in (STATE, FOLDERS, FOUND) for row in vault.rows(query)]
        return Ended(report.unchanged, rows + words(vault), seconds)


def words(vault: Vault) -> list[Row]:
    """What of the word index belongs to no passage, or of the passages is not in it."""
    return [
        tuple(row.values()) for row in vault.rows(
            "SELECT rowid AS found FROM words WHERE rowid NOT IN (SELECT id FROM passage)"
            " UNION ALL SELECT id AS found FROM passage WHERE id NOT IN (SELECT rowid FROM words)"
        )
    ]  # fmt: skip


def differing(least: int, ended: Ended, expected: list[Row]) -> str:
    """What is wrong; "" for nothing."""
    if ended.unchanged < least:
        return f"only {ended.unchanged} of {least} were found unchanged"
    wrong = [row for row in ended.state if row not in expected] + [row for row in expected if row not in ended.state]
    same = not wrong and len(ended.state) == len(expected)
    return "" if same else f"{len(wrong)} rows differ, such as {str(wrong[:1])[:300]}"
