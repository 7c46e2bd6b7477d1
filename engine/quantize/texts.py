"""Text with which is measured which weights of a model matter, and what a smaller one lost: mostly the person's own."""

import random
from collections.abc import Iterator
from pathlib import Path

from engine.chat import Chats
from engine.documents import Documents
from engine.documents.reading import Reader
from engine.errors import FormatUnknown, NotFound, TextNotAccepted
from engine.formats import kind_of
from engine.operation import Cancel
from engine.places import RESOURCES
from engine.types import Collection, CostText, DocumentState, Importance, TextOf

MOST_CHARACTERS_PER_TOKEN = 12  # more than any language of any vocabulary; what is too much is not read
SEED = 1  # the same text gives the same matrix
BETWEEN = "\n\n"
SAMPLE = RESOURCES / "measuring.txt"


class Texts:
    """Gathers text from where the person says. It goes to the model's process and nowhere else."""

    def __init__(self, documents: Documents, chats: Chats, private: Path) -> None:
        self._documents, self._chats, self._private = documents, chats, private

    def gathered(self, wish: Importance | CostText, tokens: int, cancel: Cancel) -> str:
        """Enough text for `tokens` tokens, of pages from all over where there is more.

        Raises `TextNotAccepted` where there is none, `NotFound`, and what reading a file raises.
        """
        pieces: list[str] = []
        room = tokens * MOST_CHARACTERS_PER_TOKEN
        for piece in self._pieces(wish, cancel):
            cancel.check()
            if piece.strip():
                pieces.append(piece[:room])
                room -= len(pieces[-1])
            if room <= 0:
                break
        if not pieces:
            raise TextNotAccepted(what="The text", value="of use", why="there is none in it")
        return BETWEEN.join(pieces)

    def called(self, wish: Importance | CostText) -> str:
        """What the text is called on screen. Raises `NotFound`."""
        match wish.text:
            case TextOf.COLLECTION:
                return f"the collection {self._collection(wish.collection).name}"
            case TextOf.DOCUMENTS:
                return "all documents"
            case TextOf.CHATS:
                return "the chats"
            case TextOf.SAMPLE:
                return "the sample text"
        return f"the text of {wish.path.name}" if wish.path else ""

    def _pieces(self, wish: Importance | CostText, cancel: Cancel) -> Iterator[str]:
        match wish.text:
            case TextOf.FILE:
                yield from self._of_file(wish.path, cancel)
            case TextOf.CHATS:
                for chat in self._chats.all():
                    yield from (message.text for message in self._chats.messages(chat.id))
            case TextOf.COLLECTION:
                yield from self._of_documents(self._collection(wish.collection).documents)
            case TextOf.DOCUMENTS:
                yield from self._of_documents(None)
            case TextOf.SAMPLE:
                yield SAMPLE.read_text(encoding="utf-8")

    def _of_file(self, path: Path | None, cancel: Cancel) -> Iterator[str]:
        kind = kind_of(path) if path is not None else None
        if path is None or kind is None:
            raise FormatUnknown(path=str(path))
        reader = Reader(self._private)
        try:
            yield from (page.text for page in reader.read(path, kind, cancel).pages)
        finally:
            reader.close()

    def _of_documents(self, among: frozenset[int] | None) -> Iterator[str]:
        """Their pages in no order, so that what is read of very many is of all of them."""
        found = [
            (document.id, number)
            for document in self._documents.all()
            if document.state is DocumentState.READ and (among is None or document.id in among)
            for number in range(1, document.pages + 1)
        ]
        random.Random(SEED).shuffle(found)
        for document_id, number in found:
            try:
                yield self._documents.page(document_id, number).text
            except NotFound:  # it was removed, or has no such page
                continue

    def _collection(self, collection_id: int) -> Collection:
        for collection in self._documents.collections.all():
            if collection.id == collection_id:
                return collection
        raise NotFound(what="collection", which=collection_id)
