"""Citations in an answer: [1], [2, 3] … and which of them point at a passage. Pure."""

import re
from collections.abc import Collection

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_CITATION = re.compile(r"[ \t]?[\[【](\d{1,3}(?:\s*[,;、]\s*\d{1,3})*)[\]】](?!\()")


def checked(text: str, numbers: Collection[int]) -> tuple[str, int]:
    """The answer with only citations into `numbers`, each as [n], and how many were removed.

    A number in code is no citation, nor is the text of a link.
    """
    pieces: list[str] = []
    removed, at = 0, 0
    for code in _CODE.finditer(text):
        prose, fewer = _checked_prose(text[at : code.start()], numbers)
        pieces += [prose, code.group()]
        removed, at = removed + fewer, code.end()
    prose, fewer = _checked_prose(text[at:], numbers)
    return "".join([*pieces, prose]), removed + fewer


def note(removed: int) -> str:
    """What the person should know about removed citations, in one sentence; empty for none."""
    if not removed:
        return ""
    what = "One citation" if removed == 1 else f"{removed} citations"
    return f"{what} of a passage that does not exist {'was' if removed == 1 else 'were'} removed."


def _checked_prose(text: str, numbers: Collection[int]) -> tuple[str, int]:
    removed = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal removed
        cited = [int(number) for number in re.findall(r"\d+", found.group(1))]
        good = [number for number in cited if number in numbers]
        removed += len(cited) - len(good)
        before = found.group()[0] if found.group()[0] in " \t" else ""
        return before + "".join(f"[{number}]" for number in good) if good else ""

    return _CITATION.sub(keep, text), removed
