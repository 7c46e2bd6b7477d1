"""What Hanare does by itself, at every start and once a day: the trash, the words of what is gone, the backup."""

from datetime import UTC, datetime, timedelta

from engine.events import Changed
from engine.keeping.backups import Backups
from engine.kept import BackupKind
from engine.operation import Cancel, Operation
from engine.store import Store

TRASH_FOR = timedelta(days=30)


def upkept(store: Store, backups: Backups, cancel: Cancel) -> Operation[int]:
    """Erase what has lain in the trash for 30 days, then make the day's backup; how many chats and documents that were.

    In that order, so that no new backup holds what was to be gone. May be stopped and begun again
    at any time. Yields as `Backups.make`. Raises `DiskFull`, `FileNotReadable`, `StoreUnreadable`.
    """
    if store.newer is not None:
        return 0
    limit = (datetime.now(UTC) - TRASH_FOR).isoformat(timespec="microseconds")
    chats, documents = store.upkeep.old_chats(limit), store.upkeep.old_documents(limit)
    for chat_id in chats:
        cancel.check()
        store.chats.purge(chat_id)
    if chats:
        yield Changed(what="chats")
    for document_id in documents:
        cancel.check()
        store.documents.erase([document_id])
    if documents:
        yield Changed(what="documents")
    store.documents.passages.erase_words(cancel.check)
    if backups.due and not store.counts().empty:
        yield from backups.make(cancel, BackupKind.REGULAR)
    if backups.drop_superfluous():
        yield Changed(what="backups")
    return len(chats) + len(documents)
