"""The n-th page that is written fails, for every n: a typed error, nothing kept is lost, and the next write goes on.

The fault is a limit on the size of files (RLIMIT_FSIZE) that is raised page by page: the write that crosses it fails
in the kernel with EFBIG, which is a real failed write in SQLite's own code and in ours, and needs nothing preloaded.
The same work (messages, documents, settings, an erased chat, a backup) is done once for each n on a fresh copy of a
store; when the fault is lifted the same open store must take the work, and hold all that it had said it keeps.
"""

import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import DiskFull, StoreUnreadable
from engine.keeping import Backups
from engine.operation import Cancel, finish
from engine.places import Places
from engine.settings import Settings, changed
from engine.store import Store
from engine.store.documents import FileFacts, Settled
from engine.store.pages import PageKept, Stretch
from engine.store.snapshot import looked_into
from engine.types import Role
from tests.reliability.row import Outcome, Size, Tally

FAULTS = {Size.CHANGE: 50, Size.NIGHT: 500}
PAGE_BYTES = 4096
KEY = bytes(range(32))
TYPED = (DiskFull, StoreUnreadable)


class Work:
    """What is done to a store, and what it answered that it keeps."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.backups = Backups(places, KEY, lambda *_: KEY)
        self.store = Store(places.store, KEY)
        self.kept: set[str] = set()
        self.refused = 0

    def do(self, round: str) -> None:
        """One of each kind of write. A typed error is what may happen; any other ends the row."""
        for number in range(4):
            self._try(lambda name=f"m{round}{number}": self._message(name))
            self._try(lambda name=f"d{round}{number}": self._document(name))
        self._try(lambda: self._setting(f"s{round}"))
        self._try(self._purge)
        self._try(lambda: finish(self.backups.make(Cancel())))

    def _try(self, write: Callable[[], object]) -> None:
        try:
            write()
        except TYPED:
            self.refused += 1

    def _message(self, name: str) -> None:
        chat = self.store.chats.add("Jam")
        self.store.chats.add_message(chat.id, None, Role.USER, f"{name} {'plum ' * 900}")
        self.kept.add(name)

    def _document(self, name: str) -> None:
        text = f"{name} {'jam ' * 1500}"
        page = PageKept(text=text, stretches=(Stretch(start=0, end=len(text), words=text),))
        facts = FileFacts(path=Path(f"/{name}"), kind="txt", size_bytes=1, mtime_ns=1)
        self.store.documents.settle([Settled(facts=facts, pages=(page,))])
        self.kept.add(name)

    def _setting(self, name: str) -> None:
        self.store.preferences.keep(changed(Settings(), system_prompt=name))
        self.kept = {each for each in self.kept if not each.startswith("s")} | {name}

    def _purge(self) -> None:
        self.store.chats.purge(self.store.chats.add("Gone").id)

    def lost(self) -> str:
        """What was kept and is not here, or is damaged; "" for nothing."""
        vault = self.store._vault
        here = {row["text"].split()[0] for row in vault.rows("SELECT text FROM message")}
        here |= {row["text"].split()[0] for row in vault.rows("SELECT text FROM page")}
        here.add(self.store.preferences.settings().system_prompt)
        faults = [row["integrity_check"] for row in vault.rows("PRAGMA integrity_check")]
        faults += [str(row) for row in vault.rows("PRAGMA cipher_integrity_check")]
        if faults != ["ok"]:
            return f"damaged: {faults[:2]}"
        for backup in self.backups.all():
            looked_into(backup.path / self.places.store.name, KEY)
        return f"{len(self.kept - here)} of {len(self.kept)} are lost" if self.kept - here else ""


def run(size: Size) -> Outcome:
    """Each n on a fresh copy of the same store."""
    tally, refused = Tally(), 0
    with tempfile.TemporaryDirectory() as temporary:
        template = Places(Path(temporary) / "template" / "data")
        template.make()
        first = Work(template)
        first.do("t")
        first.store.close()
        for number in range(FAULTS[size]):
            folder = Path(temporary) / f"n{number}"
            shutil.copytree(template.data, folder / "data")
            work = Work(Places(folder / "data"))
            work.kept = set(first.kept)
            with failing_after(number * PAGE_BYTES):
                work.do("a")
            told, work.refused = work.refused, 0
            refused += told
            wrong = work.lost()
            work.do("b")
            wrong = wrong or (f"{work.refused} writes are refused after the fault" if work.refused else work.lost())
            work.store.close()
            again = Work(work.places)
            again.kept = work.kept
            wrong = wrong or again.lost()
            again.store.close()
            tally.check(not wrong, f"with page {number} failing, {told} writes refused: {wrong}")
            shutil.rmtree(folder)
    tally.check(refused > FAULTS[size], f"only {refused} writes failed in all")
    return tally.outcome


@contextmanager
def failing_after(size_bytes: int) -> Iterator[None]:
    """While inside, no file grows beyond this size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
