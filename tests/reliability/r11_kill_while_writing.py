"""kill -9 while messages and documents are committed one after the other: nothing that was answered is lost.

A program commits a message, then a document with its words, and says so after each commit; it is killed at a random
moment. The store is opened again: everything that was said must be there and be found by its words, in one piece,
and SQLite and SQLCipher must find the file sound.
"""

import tempfile
from pathlib import Path

from engine.privacy.keys import KEY_BYTES
from engine.store import Store
from tests.reliability.killing import moments, started
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 20, Size.NIGHT: 200}
LONGEST_S = 0.6
KEY = bytes(range(KEY_BYTES))
CHILD = """
import sys
from pathlib import Path
from engine.store import Store
from engine.store.documents import FileFacts, Settled
from engine.store.pages import PageKept, Stretch
from engine.types import Role

round, store = sys.argv[3], Store(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
chat = store.chats.add("Round " + round)
for number in range(100_000):
    name = f"r{round}n{number}"
    store.chats.add_message(chat.id, None, Role.USER, name + " " + "plum " * (number * 37 % 400))
    print("message", name, flush=True)
    text = name + " jam " * 50
    page = PageKept(text=text, stretches=(Stretch(start=0, end=len(text), words=text),))
    facts = FileFacts(path=Path("/" + name), kind="txt", size_bytes=1, mtime_ns=1)
    store.documents.settle([Settled(facts=facts, pages=(page,))])
    print("document", name, flush=True)
"""


def run(size: Size) -> Outcome:
    """Kill and look, all in one store that grows."""
    tally = Tally("rows written before a kill")
    with tempfile.TemporaryDirectory() as temporary:
        path, told = Path(temporary) / "hanare.db", set[str]()
        for number, moment in enumerate(moments(KILLS[size], LONGEST_S, seed=11)):
            with started(CHILD, path, KEY.hex(), number) as child:
                if not child.hear(1) or not child.kill_after(moment):
                    tally.failed(f"kill {number}: the program ended by itself: {child.errors[-300:]}")
                    continue
            told |= set(child.lines)
            tally.saw(len(child.lines))
            wrong = looked_at(path, told)
            tally.check(not wrong, f"kill {number} after {moment:.3f} s: {wrong}")
    return tally.outcome


def looked_at(path: Path, told: set[str]) -> str:
    """What is lost or damaged; "" for nothing."""
    store = Store(path, KEY)
    try:
        vault = store._vault
        kept = {"message " + row["text"].split()[0] for row in vault.rows("SELECT text FROM message")}
        kept |= {
            "document " + row["text"].split()[0]
            for row in vault.rows("SELECT text FROM page JOIN document ON document.id = page.document_id")
        }
        if lost := told - kept:
            return f"{len(lost)} of {len(told)} rows are lost, such as {min(lost)}"
        for line in sorted(told)[-20:]:
            kind, name = line.split()
            if kind == "document" and len(store.documents.passages.matching(name, 5)) != 1:
                return f"{name} is not found by its words"
        found = [row["integrity_check"] for row in vault.rows("PRAGMA integrity_check")]
        found += [str(row) for row in vault.rows("PRAGMA cipher_integrity_check")]
        return "" if found == ["ok"] else f"damaged: {found[:3]}"
    finally:
        store.close()
