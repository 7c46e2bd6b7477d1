"""Collections: named groups of documents and folders, to search and to ask in.

What is put into a folder later belongs to the folder's collections, too. Deleting one leaves what is in it.
"""

import unicodedata
from collections.abc import Iterable

from engine.documents.folding import fold
from engine.documents.query import QUOTES
from engine.errors import NotFound, TextNotAccepted
from engine.store.documents import DocumentRows
from engine.types import Collection

LONGEST = 80  # characters of a name
_NO_QUOTES = str.maketrans("", "", QUOTES)


class Collections:
    """A person's collections. Every method from any thread, and all at once done."""

    def __init__(self, rows: DocumentRows) -> None:
        self._rows = rows.collections

    def all(self) -> tuple[Collection, ...]:
        """Every collection, by name."""
        return self._rows.all()

    def find(self, name: str) -> Collection:
        """The one of this name, however it is written. Raises `NotFound`."""
        for collection in self.all():
            if same(collection.name) == same(name):
                return collection
        raise NotFound(what="collection", which=f"“{name}”")

    def make(self, name: str) -> Collection:
        """A new one. Raises `TextNotAccepted` for a name that is none, or another one's."""
        shown = _name(name)
        if not self._rows.make(shown, same(shown)):
            raise _taken(shown)
        return self.find(shown)

    def rename(self, collection: Collection, name: str) -> None:
        """Call it otherwise. Raises as `make`."""
        shown = _name(name)
        if not self._rows.rename(collection.id, shown, same(shown)):
            raise _taken(shown)

    def delete(self, collection: Collection) -> None:
        """Forget it; what is in it stays."""
        self._rows.delete(collection.id)

    def restore(self, collection: Collection) -> None:
        """Undo `delete`. Raises `TextNotAccepted` where another one has its name by now."""
        if not self._rows.restore(collection, same(collection.name)):
            raise _taken(collection.name)

    def add(self, collection: Collection, documents: Iterable[int] = (), folders: Iterable[int] = ()) -> None:
        """Put documents and folders (their ids) into it."""
        self._rows.add(collection.id, documents, folders)

    def take_out(self, collection: Collection, documents: Iterable[int] = (), folders: Iterable[int] = ()) -> None:
        """Take them out again. A document that is in it with its folder stays with that."""
        self._rows.take_out(collection.id, documents, folders)


def same(name: str) -> str:
    """What two writings of one name have in common: width, case, accents, spaces and quotation marks tell nothing."""
    return " ".join(fold(name).translate(_NO_QUOTES).split())


# Its own affairs.


def _name(text: str) -> str:
    """A name as it is kept. Raises `TextNotAccepted`."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not same(name):
        why = "it holds nothing that tells it from others"
        raise TextNotAccepted(what="The name of a collection", value=f"“{name[:40]}”", why=why)
    if len(name) > LONGEST:
        why = f"the most is {LONGEST} characters"
        raise TextNotAccepted(what="The name of a collection", value=f"“{name[:40]}…”", why=why)
    return name


def _taken(name: str) -> TextNotAccepted:
    return TextNotAccepted(what="The name of a collection", value=f"“{name}”", why="there is one of that name")
