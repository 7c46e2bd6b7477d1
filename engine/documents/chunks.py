"""Cutting a page into passages: whole sentences, packed up to about 600 characters.

Offsets are exact: a passage is `text[start:end]`. A passage never crosses a page, because one
page is what is cut. Pure.
"""

import re
from collections.abc import Callable, Iterator

PASSAGE_COST = 600.0
# The embedder reads 256 tokens: about 4.5 characters of English each, but one of Japanese.
_DENSE_COST = 2.5
_DENSE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af]")
_DENSE_RUN = re.compile(f"({_DENSE.pattern}+)")
_END = re.compile(
    r"[。．！？.!?…\n](?:"  # before all else one of the characters that an end begins with: so it is found quickly
    r"(?<=[。．！？])[。．！？]*[」』）】〕”’\"')\]]*\s*"  # Japanese
    r"|(?<=[.!?…])[.!?…]*[\"'”’)\]]*(?=\s)\s*"  # and the rest
    r"|(?<=\n)[ \t]*\n\s*"  # an empty line ends whatever there was
    r"|(?<=\n)(?=[ \t]*(?:#{1,6} |[-*•・] |\d{1,2}[.)] ))"  # so does a heading or a point of a list
    r")"
)
_LONGEST_SHORT = 6  # characters of what `_SHORT` ends with, without its last dot
_SHORT = re.compile(
    r"(?:^|[\s(\"'“])(?:[A-Z]|[A-Za-z]\.[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|cf|al|No|Nos|Fig|Figs|Vol|vol"
    r"|pp?|ca|approx|Inc|Ltd|Co|Corp|dept|est|[eE]\.g|[iI]\.e)\.$"
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences, trailing white space included, covering all of `text`."""
    start = 0
    for found in _END.finditer(text):
        first, end = found.span()
        if text[first] == "." and _is_abbreviation(text, first, end):
            continue
        if end > start:
            yield start, end
            start = end
    if start < len(text):
        yield start, len(text)


def passages(text: str) -> list[tuple[int, int]]:
    """Spans of the passages, without white space at either end; empty for an empty page."""
    packed: list[tuple[int, int]] = []
    start, end, cost = 0, 0, 0.0
    for first, last, more in _fitting(text):
        if cost and cost + more > PASSAGE_COST:
            packed.append((start, end))
            start, cost = first, 0.0
        end = last
        cost += more
    packed.append((start, end))
    return [span for first, last in packed if (span := bare(text, first, last))]


def bare(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without white space at its ends; None when nothing is left."""
    piece = text[start:end]
    kept = piece.strip()
    if not kept:
        return None
    first = start + len(piece) - len(piece.lstrip())
    return first, first + len(kept)


# Its own affairs.


def _is_abbreviation(text: str, dot: int, end: int) -> bool:
    """Whether the sentence that seems to end from `dot` to `end` goes on."""
    before = max(0, dot - _LONGEST_SHORT - 1)
    if text[before:dot].isalnum() and before:  # a longer word, as most are
        return False
    return "\n\n" not in text[dot:end] and _SHORT.search(text, before, dot + 1) is not None


def _costs(text: str) -> Callable[[int, int], float]:
    """What a stretch of `text` costs."""
    if text.isascii() or not _DENSE.search(text):
        return lambda start, end: float(end - start)
    parts = _DENSE_RUN.split(text.replace("\x00", " "))
    parts[1::2] = ["\x00" * len(run) for run in parts[1::2]]
    dense = "".join(parts)  # in which they are counted at once
    return lambda start, end: end - start + (_DENSE_COST - 1) * dense.count("\x00", start, end)


def _fitting(text: str) -> Iterator[tuple[int, int, float]]:
    """Sentences, with those longer than a passage cut at a line, a comma or a space; and what each costs."""
    cost_of = _costs(text)
    for start, end in sentences(text):
        while (cost := cost_of(start, end)) > PASSAGE_COST:
            cut = _cut_before(text, start, end, cost_of)
            yield start, cut, cost_of(start, cut)
            start = cut
        if end > start:
            yield start, end, cost


def _cut_before(text: str, start: int, end: int, cost_of: Callable[[int, int], float]) -> int:
    dense = len(_DENSE.findall(text, start, min(end, start + 200))) > 60
    most = int(PASSAGE_COST / _DENSE_COST) if dense else int(PASSAGE_COST)
    while cost_of(start, min(start + most, len(text))) > PASSAGE_COST:
        most = most * 3 // 4
    most = min(most, end - start)
    for border in ("\n", "、", ", ", " "):
        at = text.rfind(border, start + most // 2, start + most)
        if at > 0:
            return at + len(border)
    return start + most
