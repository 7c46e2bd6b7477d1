"""What Hanare does by itself, at every start and once a day: the trash, the words of what is gone, the backup."""

from datetime import UTC, datetime, timedelta

from engine.events import Changed
from engine.keeping.backups import Backups
from engine.kept import BackupKind
from engine.operation import Cancel, Operation
from engine.store import Store
from engine.store.upkeep import WORDS_TO_ERASE

TRASH_FOR = timedelta(days=30)


def upkept(store: Store, backups: Backups, cancel: Cancel) -> Operation[int]:
    """Erase what has lain in the trash for 30 days, then make the day's backup; how many chats were erased.

    In that order, so that no new backup holds what was to be gone. May be stopped and begun again
    at any time. Yields as `Backups.make`. Raises `DiskFull`, `FileNotReadable`, `StoreUnreadable`.
    """
    if store.newer is not None:
        return 0
    erased = 0
    limit = (datetime.now(UTC) - TRASH_FOR).isoformat(timespec="microseconds")
    for chat_id in store.upkeep.old_trash(limit):
        cancel.check()
        store.chats.purge(chat_id)
        erased += 1
    if erased:
        yield Changed(what="chats")
    erase_words(store, cancel)
    if backups.due and not store.counts().empty:
        yield from backups.make(cancel, BackupKind.REGULAR)
    if backups.drop_superfluous():
        yield Changed(what="backups")
    return erased


def erase_words(store: Store, cancel: Cancel) -> None:
    """Merge the word index where documents were removed or read anew, so that nothing of their words is left."""
    if not store.upkeep.done_at(WORDS_TO_ERASE):
        return
    first = True
    while store.upkeep.merge_words(first):
        first = False
        cancel.check()
    store.upkeep.settle()
