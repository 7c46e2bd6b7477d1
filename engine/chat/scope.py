"""Which documents a question is about: those that its conditions name (`file:` …), or those that were chosen."""

from collections.abc import Collection

from engine.documents import Documents
from engine.documents.query import Asked
from engine.errors import TextNotAccepted
from engine.types import Document, DocumentState, Reach


def about(documents: Documents, asked: Asked, reach: Reach, among: Collection[int] | None) -> tuple[Document, ...]:
    """The documents; one that was read, where it reaches over one. `among` are those that were chosen, if any were.

    Raises `TextNotAccepted`.
    """
    found = documents.looked_through(asked)
    if among is not None:
        found = tuple(one for one in documents.all() if one.id in among)
    if reach is Reach.DOCUMENT:
        found = tuple(one for one in found if one.state is DocumentState.READ)
        if len(found) != 1:
            raise TextNotAccepted(
                what="A question about a whole document", value="asked",
                why=f"{len(found)} documents are meant; choose one, or name it with file:",
            )  # fmt: skip
    elif not found:
        raise TextNotAccepted(what="All documents", value="read", why="there are none that are meant")
    return found
