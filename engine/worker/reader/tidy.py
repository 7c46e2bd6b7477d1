"""Text as it is shown and kept: one character for one character, with none that cannot be kept."""

import re

PART_CHARACTERS = 40_000
_LAST_OF_PLANES = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
# Control characters but tab and line feed, halves of surrogate pairs, and non-characters.
_UNKEEPABLE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef{_LAST_OF_PLANES}]")


def tidy(text: str) -> str:
    """`text` with a space for each character that no text should hold; as long as before."""
    # What is looked for does not count as printable, which most texts are but for these: that is found more quickly.
    if text.replace("\n", "").replace("\t", "").replace("\u3000", "").isprintable():
        return text
    return _UNKEEPABLE.sub(" ", text)


def parts(text: str) -> list[str]:
    """A long text in parts of at most about `PART_CHARACTERS`, cut at line ends where there are any.

    A format without pages has one part for most documents; more keep a book quick to open and search.
    """
    cut: list[str] = []
    start = 0
    while len(text) - start > PART_CHARACTERS:
        window = text[start : start + PART_CHARACTERS]
        for border in ("\n\n", "\n", "。", ". ", " "):
            at = window.rfind(border, PART_CHARACTERS // 2)
            if at >= 0:
                end = start + at + len(border)
                break
        else:
            end = start + PART_CHARACTERS
        cut.append(text[start:end])
        start = end
    return [*cut, text[start:]]
