"""Questions about what nobody here has heard of: made from those that are declined, with words that mean nothing.

A small model learns the words of its corpus and no others. That a word is not among them has to be learned too, or it
is taken for the nearest one that is.
"""

import random
import re
from collections.abc import Iterable
from itertools import product

_RUNS_JA = re.compile("[\u4e00-\u9fff々]+|[\u30a1-\u30faー]+")
_WORDS_EN = re.compile(r"[A-Za-z]{4,}")
_STARTS = (*"bcdfghklmnprstvwz", "br", "ch", "gr", "pl", "st", "tr")
_SYLLABLES = [a + b for a, b in product(_STARTS, "aeiou")]
_ENDINGS = ("", "n", "r", "s", "t", "l", "x", "ng", "ck", "tion", "ism", "ella", "ous")
_FIRST_KANJI, _LAST_KANJI = 0x4E00, 0x9FA0
_KATAKANA = "".join(chr(code) for code in range(0x30A2, 0x30F0) if chr(code) not in "ィゥェォッャュョヮ")


class Strange:
    """Puts meaningless words in the place of those that `known` texts, of the program, do not hold."""

    def __init__(self, known: Iterable[str], *, replaced: float = 0.7) -> None:
        """`replaced` is the share of such words that is replaced."""
        self._replaced = replaced
        self._known = " ".join(known).lower()
        self._known_runs: dict[str, bool] = {}
        self._known_words = set(_WORDS_EN.findall(self._known))

    def _is_known(self, run: str) -> bool:
        if run not in self._known_runs:
            self._known_runs[run] = run in self._known
        return self._known_runs[run]

    def instead(self, asked: str, chance: random.Random) -> str:
        """The question with other words."""

        def word(found: re.Match[str]) -> str:
            if found[0].lower() in self._known_words or chance.random() >= self._replaced:
                return found[0]
            return "".join(chance.choice(_SYLLABLES) for _ in range(1 + chance.randrange(3))) + chance.choice(_ENDINGS)

        def run(found: re.Match[str]) -> str:
            if self._is_known(found[0].lower()) or chance.random() >= self._replaced:
                return found[0]
            if found[0][0] in _KATAKANA or chance.random() < 0.3:
                return "".join(chance.choice(_KATAKANA) for _ in range(2 + chance.randrange(4)))
            return "".join(chr(chance.randrange(_FIRST_KANJI, _LAST_KANJI)) for _ in range(1 + chance.randrange(3)))

        return _RUNS_JA.sub(run, _WORDS_EN.sub(word, asked))
