"""In how many passages words occur, as one search needs it: no word is counted twice, which takes long for some."""

from collections.abc import Iterable

from engine.store.passages import PassageRows


class Spread:
    """What one search has counted so far."""

    def __init__(self, rows: PassageRows) -> None:
        self._rows = rows
        self._counted: dict[str, int] = {}

    def of(self, words: Iterable[str]) -> dict[str, int]:
        """The passages of each word, as the index spells it; those in the trash too."""
        wanted = set(words)
        if lacking := wanted - self._counted.keys():
            self._counted |= self._rows.spread(lacking)
        return {word: self._counted[word] for word in wanted}
