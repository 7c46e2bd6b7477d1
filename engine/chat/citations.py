"""Citations in an answer: [1], [2, 3] … and which of them point at a passage. Pure."""

import re
from collections.abc import Callable, Collection, Mapping

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_CITATION = re.compile(r"[ \t]?[\[【](\d{1,3}(?:\s*[,;、]\s*\d{1,3})*)[\]】](?!\()")


def checked(text: str, numbers: Collection[int]) -> tuple[str, int]:
    """The answer with only citations into `numbers`, each as [n], and how many were removed.

    A number in code is no citation, nor is the text of a link.
    """
    removed = 0

    def keep(cited: list[int]) -> list[int]:
        nonlocal removed
        good = [number for number in cited if number in numbers]
        removed += len(cited) - len(good)
        return good

    return _changed(text, keep), removed


def renumbered(text: str, numbers: Mapping[int, int]) -> str:
    """The text with other numbers in its citations, each as [n]; those that `numbers` lacks are removed."""
    return _changed(text, lambda cited: [numbers[number] for number in cited if number in numbers])


def cited_in(text: str) -> set[int]:
    """The numbers that the citations of a text hold."""
    found: set[int] = set()

    def hear(cited: list[int]) -> list[int]:
        found.update(cited)
        return cited

    _changed(text, hear)
    return found


def note(removed: int) -> str:
    """What the person should know about removed citations, in one sentence; empty for none."""
    if not removed:
        return ""
    what = "One citation" if removed == 1 else f"{removed} citations"
    return f"{what} of a passage that does not exist {'was' if removed == 1 else 'were'} removed."


def _changed(text: str, change: Callable[[list[int]], list[int]]) -> str:
    """The text with what `change` makes of the numbers of each citation; code stays as it is."""

    def changed(found: re.Match[str]) -> str:
        numbers = change([int(number) for number in re.findall(r"\d+", found.group(1))])
        before = found.group()[0] if found.group()[0] in " \t" else ""
        return before + "".join(f"[{number}]" for number in numbers) if numbers else ""

    pieces: list[str] = []
    at = 0
    for code in _CODE.finditer(text):
        pieces += [_CITATION.sub(changed, text[at : code.start()]), code.group()]
        at = code.end()
    return "".join([*pieces, _CITATION.sub(changed, text[at:])])
