"""How near single passages are to a question in meaning, exactly: also of those that a search would not come to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.documents.embedders import Searched
from engine.events import Progressed
from engine.operation import Cancel, Operation
from engine.store.documents import DocumentRows
from engine.store.passages import Among

if TYPE_CHECKING:
    from engine.documents.meaning import Floats

AT_ONCE = 4096  # vectors compared before Stop is heard again


@dataclass(frozen=True, slots=True)
class Nearness:
    """A question's vector, and the passages that it is compared with."""

    rows: DocumentRows
    searched: Searched
    question: Floats

    def cosines(self, ids: Sequence[int]) -> dict[int, float]:
        """Of those passages that have a vector, on the scale on which unrelated texts come to 0."""
        found, scaled = self.searched.index.cosines(self.question, ids), self.searched.known.scaled
        return {id_: scaled(cosine) for id_, cosine in found.items()}

    def place(
        self, cosine: float, chosen: Among | None, never: Collection[int], cancel: Cancel
    ) -> Operation[tuple[int, int]]:
        """Where a cosine stands among those of all passages that are searched, and how many these are.

        Searched is what is `chosen` (None: all), but for the passages in `never`. Yields Progressed in passages.
        """
        among = None if chosen is None else set(self.rows.passages.of(chosen))
        with_vector = (id_ for id_, _ in self.rows.vectors.bits(self.searched.known.name))
        ids = [id_ for id_ in with_vector if id_ not in never and (among is None or id_ in among)]
        nearer = 0
        for first in range(0, len(ids), AT_ONCE):
            cancel.check()
            yield Progressed(done=first, total=len(ids), unit="passages")
            nearer += sum(other > cosine for other in self.cosines(ids[first : first + AT_ONCE]).values())
        return nearer + 1, len(ids)
