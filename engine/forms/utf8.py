"""Sets of characters as sequences of bytes: what a range of code points looks like in UTF-8.

Each sequence is a range of bytes for every place, as in Russ Cox, "Regular Expression Matching in the Wild" (2010):
a range is cut where the length of a character changes and where its last bytes do not run from end to end.
"""

from collections.abc import Iterator

Bytes = tuple[int, int]  # the first and the last byte of a range
_ENDS = (0x7F, 0x7FF, 0xFFFF, 0x10FFFF)  # the last character of one byte, of two, of three, of four
_HALVES = (0xD800, 0xDFFF)  # halves of pairs, which are no characters


def sequences(low: int, high: int) -> Iterator[tuple[Bytes, ...]]:
    """The byte sequences of the characters from `low` to `high`, both included."""
    if low <= _HALVES[1] and high >= _HALVES[0]:
        if low < _HALVES[0]:
            yield from sequences(low, _HALVES[0] - 1)
        if high > _HALVES[1]:
            yield from sequences(_HALVES[1] + 1, high)
        return
    for end in _ENDS:
        if low <= end < high:
            yield from sequences(low, end)
            low = end + 1
    yield from _of_one_length(low, high)


def _of_one_length(low: int, high: int) -> Iterator[tuple[Bytes, ...]]:
    size = next(at for at, end in enumerate(_ENDS) if high <= end)  # how many bytes follow the first
    for bits in (6 * place for place in range(1, size + 1)):
        rest = (1 << bits) - 1
        if low & ~rest != high & ~rest:
            if low & rest:
                yield from _of_one_length(low, low | rest)
                yield from _of_one_length((low | rest) + 1, high)
                return
            if high & rest != rest:
                yield from _of_one_length(low, (high & ~rest) - 1)
                yield from _of_one_length(high & ~rest, high)
                return
    yield tuple(zip(chr(low).encode(), chr(high).encode(), strict=True))
