"""Which of the lines of a passage are headings: they name what follows, and answer nothing by themselves. Pure."""

import re

from engine.documents.chunks import bare, sentences
from engine.types import Spot

LONGEST = 100  # characters
_NUMBERED = re.compile(r"^[#\s]*(?:\d{1,3}(?:\.\d{1,3})*[.)]?\s+)?")
_NUMBER_BEFORE = re.compile(r"(?:^|\n)[#\s]*\d{1,3}(?:\.\d{1,3})*[.)]?\s*$")  # which ends a sentence of its own
_ENDS = re.compile(r"[.!?…。．！？][\"'”’)\]」』】]*$")
_NO_HEADING = re.compile(r"[.!?…。．！？:：;；,，、]$|^[-*•・|]|[\d\n\t|]")  # a sentence, a point of a list, a row


def is_heading(spot: Spot, first: int, last: int, behind: str = "") -> bool:
    """Whether `spot.text[first:last]` is a heading: the place is called by it, or it stands alone above a sentence.

    `behind` is how the page goes on after `spot`.
    """
    title = _NUMBERED.sub("", spot.text[first:last])
    if not title or len(title) > LONGEST:
        return False
    if title in spot.place.label.split(" › "):
        return True
    return (
        not _NO_HEADING.search(title) and _begins_a_line(spot.text, first) and _stands_above(spot.text[last:] + behind)
    )


def _begins_a_line(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t#")
    return not before or before.endswith("\n") or _NUMBER_BEFORE.search(before) is not None


def _stands_above(rest: str) -> bool:
    """Whether another line follows that begins a sentence."""
    follows = rest.lstrip()
    if "\n" not in rest[: len(rest) - len(follows)]:
        return False
    for first, last in sentences(follows):
        span = bare(follows, first, last)
        return span is not None and _ENDS.search(follows[span[0] : span[1]]) is not None
    return False
