"""Notes that a model takes while it reads documents in passes, and what becomes of their citations. Pure.

A model sees small numbers in every prompt. Each set of notes therefore has the passages that it cites with it, under
the numbers that stand in its text; where notes are joined, the passages are counted anew from 1.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.chat import citations
from engine.types import Source

NOTHING = "NONE"  # what a model writes where the passages hold nothing
MOST_CITED = 999  # passages under one text: a citation has three figures
_NOTHING = re.compile(rf"\W*{NOTHING}\b")


@dataclass(frozen=True, slots=True)
class Notes:
    """A text and the passages that it cites by their numbers."""

    text: str
    sources: tuple[Source, ...]


def taken(text: str, given: Sequence[Source]) -> Notes | None:
    """The notes in what a model wrote of passages; None where it found nothing."""
    kept, _ = citations.checked(text.replace("```", ""), {source.number for source in given})
    cited = citations.cited_in(kept)
    if not kept.strip() or (not cited and _NOTHING.match(kept)):
        return None
    return Notes(kept.strip(), tuple(source for source in given if source.number in cited))


def joined(several: Sequence[Notes]) -> Notes:
    """One text of several; a passage that more than one cites has one number."""
    numbers: dict[tuple[int, int, int, int], int] = {}
    sources: list[Source] = []
    texts: list[str] = []
    for notes in several:
        new: dict[int, int] = {}
        for source in notes.sources:
            spot = source.document_id, source.page, source.start, source.end
            if spot not in numbers:
                numbers[spot] = len(sources) + 1
                sources.append(replace(source, number=numbers[spot]))
            new[source.number] = numbers[spot]
        texts.append(citations.renumbered(notes.text, new))
    return Notes("\n\n".join(texts), tuple(sources))


def lots(several: Sequence[Notes], costs: Sequence[int], room: int) -> list[list[Notes]]:
    """Neighbouring notes that have room together: `costs` are their tokens. What is longer alone stays alone."""
    found: list[list[Notes]] = []
    left = cited = 0
    for notes, cost in zip(several, costs, strict=True):
        if found and cost <= left and len(notes.sources) <= cited:
            found[-1].append(notes)
        else:
            found.append([notes])
            left, cited = room, MOST_CITED
        left -= cost
        cited -= len(notes.sources)
    return found
