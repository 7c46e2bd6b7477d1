"""What was read so far, counted passage by passage while documents are read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.types import Coverage, Source, Unread


@dataclass(slots=True)
class Tally:
    """Grows while `documents` documents are read. A document is read once its last passage is."""

    documents: int
    read: int = 0
    passages: int = 0
    passes: int = 0
    cut: int = 0
    left_out: int = 0
    _unread: list[Unread] = field(default_factory=list)
    _partly: list[Unread] = field(default_factory=list)
    _open: Counter[int] = field(default_factory=Counter)  # passages of each document that were not read yet

    @property
    def settled(self) -> int:
        """Documents that were read, or cannot be."""
        return self.read + len(self._unread)

    def opened(self, document_id: int, passages: int) -> None:
        """A document is about to be read; one without any text has been read with that."""
        self._open[document_id] = passages
        self.read += not passages

    def took(self, sources: Sequence[Source]) -> None:
        """These passages were read in one pass."""
        self.passes += 1
        self.passages += len(sources)
        self._close(sources)

    def could_not_read(self, path: Path, why: str) -> None:
        """Nothing of a document was read."""
        self._unread.append(Unread(path=path, why=why))

    def lacks(self, path: Path, why: str, passage: Source | None = None) -> None:
        """Something of a document was not read: `passage`, or what its reader left out."""
        lack = Unread(path=path, why=why)
        if lack not in self._partly:
            self._partly.append(lack)
        if passage is not None:
            self._close([passage])

    def coverage(self) -> Coverage:
        """As it is now."""
        return Coverage(
            documents=self.documents, read=self.read, passages=self.passages, passes=self.passes,
            unread=tuple(self._unread), partly=tuple(self._partly), cut=self.cut, left_out=self.left_out,
        )  # fmt: skip

    def _close(self, sources: Sequence[Source]) -> None:
        for source in sources:
            self._open[source.document_id] -= 1
            self.read += not self._open[source.document_id]
