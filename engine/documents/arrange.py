"""The list a person sees, made of passages in the order in which they were found.

The same text is listed once, with the other places where it stands; passages that follow one another are one result;
results are counted by their documents. Pure, but for the text between joined passages.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from engine.documents.folding import fold
from engine.types import Hit, Passage

NEAR = 3  # characters between passages that touch
MOST_JOINED = 2000  # characters of a result: more is no answer any more, but a page
BEHIND = 20  # hits behind the last that is listed; what belongs to a listed one is looked for no further down
_SIGNS = re.compile(r"[\W_]+")

TextOf = Callable[[Passage, int, int], str]


def distinct(hits: Iterable[Hit], limit: int, text_of: TextOf | None = None) -> tuple[Hit, ...]:
    """The first `limit` hits that stand for themselves, as they come.

    What touches one of them on the same page is left out, and becomes part of it where `text_of` is given, which has
    the text of a stretch of the page of a passage. What says the same goes to `also_in`: the same text has the same
    score, and so comes next to it. No more of `hits` is taken than that needs.
    """
    kept: list[Hit] = []
    by_text: dict[str, int] = {}
    by_page: dict[tuple[int, int], list[int]] = {}
    coming, seen = iter(hits), 0
    while (len(kept) < limit or seen < limit + BEHIND) and (hit := next(coming, None)):
        seen += 1
        same_page = by_page.setdefault((hit.passage.document_id, hit.passage.page), [])
        beside = next((at for at in same_page if _touch(hit.passage, kept[at].passage)), None)
        if beside is not None:
            if text_of is not None:
                kept[beside] = _joined(kept[beside], hit.passage, text_of)
            continue
        said = _said(hit.passage.text)
        twin = by_text.setdefault(said, len(kept))
        if twin < len(kept):
            kept[twin] = replace(kept[twin], also_in=(*kept[twin].also_in, hit.passage))
        elif len(kept) < limit:
            same_page.append(len(kept))
            kept.append(hit)
        else:
            del by_text[said]
    return tuple(kept)


def newest_first(hits: Iterable[Hit]) -> list[Hit]:
    """The same hits by when their files were changed; of what stands in several, the newest is shown."""
    shown = []
    for hit in hits:
        first, *others = sorted((hit.passage, *hit.also_in), key=lambda passage: -passage.mtime_ns)
        shown.append(hit if first is hit.passage else replace(hit, passage=first, also_in=tuple(others)))
    return sorted(shown, key=lambda hit: -hit.passage.mtime_ns)


def numbered(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Hits with their places in the list, and the places of their documents."""
    groups: dict[int, int] = {}
    return tuple(
        replace(hit, rank=rank, group=groups.setdefault(hit.passage.document_id, len(groups) + 1))
        for rank, hit in enumerate(hits, start=1)
    )


# Its own affairs.


def _said(text: str) -> str:
    """What a text says, whatever its width, case, spaces and punctuation; the text where it has no letters."""
    return _SIGNS.sub("", fold(text)) or text


def _touch(one: Passage, other: Passage) -> bool:
    """Whether two passages of one page overlap or follow each other."""
    return one.start - other.end <= NEAR and other.start - one.end <= NEAR


def _joined(hit: Hit, beside: Passage, text_of: TextOf) -> Hit:
    passage = hit.passage
    start, end = min(passage.start, beside.start), max(passage.end, beside.end)
    if end - start > MOST_JOINED or (start, end) == (passage.start, passage.end):
        return hit
    text = text_of(passage, start, end)
    place = min(passage, beside, key=lambda one: one.start).place  # where it begins now
    return replace(hit, passage=replace(passage, start=start, end=end, text=text, place=place)) if text else hit
