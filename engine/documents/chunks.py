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
_END = re.compile(
    r"[。．！？.!?…\n](?:"  # before all else one of the characters that an end begins with: so it is found quickly
    r"(?<=[。．！？])[。．！？]*[」』）】〕”’\"')\]]*\s*"  # Japanese
    r"|(?<=[.!?…])[.!?…]*[\"'”’)\]]*(?=\s)\s*"  # and the rest
    r"|(?<=\n)[ \t]*\n\s*"  # an empty line ends whatever there was
    r"|(?<=\n)(?=[ \t]*(?:#{1,6} |[-*•・] |\d{1,2}[.)] ))"  # so does a heading or a point of a list
    r")"
)
_SHORT = re.compile(
    r"(?:^|[\s(\"'“])(?:[A-Z]|[A-Za-z]\.[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|cf|al|No|Nos|Fig|Figs|Vol|vol"
    r"|pp?|ca|approx|Inc|Ltd|Co|Corp|dept|est|[eE]\.g|[iI]\.e)\.$"
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences, trailing white space included, covering all of `text`."""
    start = 0
    for found in _END.finditer(text):
        if found.group()[0] == "." and _is_abbreviation(text, found):
            continue
        if found.end() > start:
            yield start, found.end()
            start = found.end()
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


def _is_abbreviation(text: str, end: re.Match[str]) -> bool:
    if "\n\n" in end.group():
        return False
    return _SHORT.search(text, max(0, end.start() - 12), end.start() + 1) is not None


def _costs(text: str) -> Callable[[int, int], float]:
    """What a stretch of `text` costs."""
    if text.isascii():
        return lambda start, end: float(end - start)
    return lambda start, end: _cost(text[start:end])


def _cost(text: str) -> float:
    if text.isascii():
        return float(len(text))
    return len(text) + (_DENSE_COST - 1) * len(_DENSE.findall(text))


def _fitting(text: str) -> Iterator[tuple[int, int, float]]:
    """Sentences, with those longer than a passage cut at a line, a comma or a space; and what each costs."""
    cost_of = _costs(text)
    for start, end in sentences(text):
        while (cost := cost_of(start, end)) > PASSAGE_COST:
            cut = _cut_before(text, start, end)
            yield start, cut, cost_of(start, cut)
            start = cut
        if end > start:
            yield start, end, cost


def _cut_before(text: str, start: int, end: int) -> int:
    dense = len(_DENSE.findall(text, start, min(end, start + 200))) > 60
    most = int(PASSAGE_COST / _DENSE_COST) if dense else int(PASSAGE_COST)
    cost_of = _costs(text)
    while cost_of(start, min(start + most, len(text))) > PASSAGE_COST:
        most = most * 3 // 4
    most = min(most, end - start)
    for border in ("\n", "、", ", ", " "):
        at = text.rfind(border, start + most // 2, start + most)
        if at > 0:
            return at + len(border)
    return start + most
