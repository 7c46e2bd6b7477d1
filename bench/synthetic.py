"""Text and vectors in any number that are like real ones, and the same at every run.

Words come as often as in the articles of XQuAD, sentence by sentence. What stands in one article only is a matter of
its own: the share of all such words is dealt out by Zipf's law to a long tail of rare words, these first, then ones
made up of pieces of real ones. Vectors lie around real ones of MiniLM, spread as those are spread among themselves.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from engine.documents.chunks import sentences

Floats = npt.NDArray[np.float32]
RARE = 400_000  # words that are rare: about as many as a hundred million words of English have
BLOCK = 10_000  # vectors made together
NEAREST, FARTHEST = 0.5, 1.2  # from a real vector, in its own length


class Writer:
    """Writes text."""

    def __init__(self, articles: Sequence[str]) -> None:
        counted = Counter(word.lower() for text in articles for word in _words(text))
        among = Counter(word for text in articles for word in {word.lower() for word in _words(text)})
        common = [word for word, _ in counted.most_common() if among[word] > 1]
        own = [word for word, _ in counted.most_common() if among[word] == 1]
        rare = [*own, *itertools.islice(_made_up(list(counted)), RARE - len(own))]
        by_rank = 1.0 / (len(common) + np.arange(len(rare)))
        share = sum(counted[word] for word in own)
        weights = [*(counted[word] for word in common), *(by_rank * share / by_rank.sum())]
        self._words = [*common, *rare]
        self._upto = np.cumsum(weights) / np.sum(weights)
        self._lengths = [len(_words(text[a:b])) for text in articles for a, b in sentences(text)]

    def text(self, number: int, characters: int) -> str:
        """The text of this number, whole sentences with at least so many characters."""
        random = np.random.default_rng(number)
        written: list[str] = []
        have = 0
        while have < characters:
            length = self._lengths[int(random.integers(len(self._lengths)))] or 1
            drawn = np.searchsorted(self._upto, random.random(length))
            sentence = " ".join([self._words[min(at, len(self._words) - 1)] for at in drawn]).capitalize() + ". "
            written.append(sentence)
            have += len(sentence)
        return "".join(written)


class Cloud:
    """Vectors of length one around some real ones."""

    def __init__(self, real: Floats) -> None:
        self._real = real
        apart = real - real.mean(axis=0)
        spread = np.linalg.cholesky(np.cov(apart, rowvar=False) + 1e-6 * np.eye(real.shape[1])).T
        self._spread = (spread / np.sqrt((spread**2).sum())).astype(np.float32)

    def block(self, number: int) -> Floats:
        """`BLOCK` of them."""
        random = np.random.default_rng(number)
        around = self._real[random.integers(len(self._real), size=BLOCK)]
        noise = random.standard_normal((BLOCK, self._real.shape[1]), np.float32) @ self._spread
        away = random.uniform(NEAREST, FARTHEST, (BLOCK, 1)).astype(np.float32)
        found: Floats = around + away * noise
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _made_up(words: Sequence[str]) -> Iterator[str]:
    """Words of three pieces, each the beginning of many real ones."""
    beginnings = Counter(word[:3] for word in words if word.isalpha() and len(word) > 5)
    pieces = [piece for piece, _ in beginnings.most_common(80)]
    return ("".join(three) for three in itertools.product(pieces, repeat=3))
