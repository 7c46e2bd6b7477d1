"""kill -9 while documents are added: adding them again goes on where it was, none twice and none missing.

A program adds a folder of documents and makes their vectors; it is killed at a random moment and started again, and
the second run must find what the first had kept unchanged. In the end every document must be there once, with the
passages, words and vectors of a folder that was added in one go. The worst figure is the number of documents that
had been read and were read again.
"""

import tempfile
from functools import partial
from pathlib import Path

import engine.documents.documents as engine_documents
from engine.documents.embedding import Embedder
from engine.engine import Cancel, Engine, Places, finish
from engine.store.vault import Vault
from tests.reliability.killing import moments, started
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 10, Size.NIGHT: 100}
DOCUMENTS = 150
LONGEST_S = 1.2
EMBEDDER = "tests.fakes.embedder_worker"
CHILD = f"""
import sys
from functools import partial
from pathlib import Path
import engine.documents.documents as engine_documents
from engine.documents.embedding import Embedder
from engine.engine import Cancel, Engine, Places, finish
from engine.events import DocumentSettled

engine_documents.Embedder = partial(Embedder, module="{EMBEDDER}")
with Engine.open(Places(Path(sys.argv[1]))) as engine:
    print("open", flush=True)
    for event in engine.documents.add([Path(sys.argv[2])], Cancel()):
        if isinstance(event, DocumentSettled):
            print("kept", event.document.path.name, flush=True)
    for event in engine.documents.embed(Cancel()):
        print("vectors", flush=True)
"""
STATE = """
SELECT document.path, count(DISTINCT page.id) AS pages, count(passage.id) AS passages,
       count(meaning_bits.passage_id) AS vectors
FROM document LEFT JOIN page ON page.document_id = document.id LEFT JOIN passage ON passage.page_id = page.id
LEFT JOIN meaning_bits ON meaning_bits.passage_id = passage.id GROUP BY document.path ORDER BY document.path
"""


def run(size: Size) -> Outcome:
    """A new store for each kill, the same documents for all."""
    tally = Tally("documents read twice")
    engine_documents.Embedder = partial(Embedder, module=EMBEDDER)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "papers"
        write_papers(folder)
        expected = added(Places(Path(temporary) / "whole"), folder)[1]
        if len(expected) != DOCUMENTS:
            tally.failed(f"{len(expected)} documents without any kill")
        for number, moment in enumerate(moments(KILLS[size], LONGEST_S, seed=12)):
            places = Places(Path(temporary) / f"kill-{number}")
            with started(CHILD, places.data, folder) as child:
                if not child.hear(1):
                    tally.failed(f"kill {number}: the program ended by itself: {child.errors[-300:]}")
                    continue
                child.kill_after(moment)
            told = sum(line.startswith("kept") for line in child.lines)
            unchanged, state = added(places, folder)
            tally.saw(max(0, told - unchanged))
            wrong = differing(told, unchanged, state, expected)
            tally.check(not wrong, f"kill {number} after {moment:.3f} s, {told} documents kept: {wrong}")
    return tally.outcome


def write_papers(folder: Path) -> None:
    """Documents of one to some passages."""
    folder.mkdir()
    for number in range(DOCUMENTS):
        text = "\n\n".join(f"Paper {number}, part {part}: {'plum jam ' * 60}" for part in range(1 + number % 7))
        (folder / f"paper-{number:03}.txt").write_text(f"name{number}\n{text}", encoding="utf-8")


def added(places: Places, folder: Path) -> tuple[int, list[tuple[object, ...]]]:
    """Add everything and make all vectors; how many files were here unchanged, and what there is now."""
    with Engine.open(places) as engine:
        report = finish(engine.documents.add([folder], Cancel()))
        finish(engine.documents.embed(Cancel()))
        vault = engine._store._vault
        return report.unchanged, [tuple(row.values()) for row in vault.rows(STATE)] + words(vault)


def words(vault: Vault) -> list[tuple[object, ...]]:
    """What the word index finds that is not a document's own name, which no state of documents shows."""
    rows = vault.rows("SELECT count(*) AS found FROM words WHERE words MATCH 'plum'")
    (passages,) = vault.rows("SELECT count(*) AS found FROM passage")
    return [] if rows[0]["found"] == passages["found"] else [("words", rows[0]["found"], passages["found"], 0)]


def differing(told: int, unchanged: int, state: list[tuple[object, ...]], expected: list[tuple[object, ...]]) -> str:
    """What is wrong; "" for nothing."""
    if unchanged < told:
        return f"only {unchanged} were found unchanged"
    wrong = [row for row in state if row not in expected] + [row for row in expected if row not in state]
    return f"{len(wrong)} documents differ, such as {wrong[0]}" if wrong or len(state) != len(expected) else ""
