"""Guesses from what stands there already: where the last two tokens stood before, the text may go on as it did then.

The field calls it prompt lookup. It needs no model. Every token that comes is held against what would have been
guessed for it, tried or not, so how far its guesses can be trusted is known before any has cost anything.
"""

from collections.abc import Sequence

MOST_INDEXED = 32768  # tokens of a prompt, the last ones; an index of more is slow to make and large
LONGEST = 32  # tokens that agree; more of them say nothing more
NEW = 1 / 8  # what the latest token counts against all before
# How often a guess is right after 2 or 3 tokens that agree, after 4 to 7, and so on, before anything was seen.
FIRST_TRUST = (0.4, 0.7, 0.85, 0.9, 0.95)


class PromptLookup:
    """Follows one growing list of tokens. Costs about a microsecond a token."""

    def __init__(self, tokens: list[int]) -> None:
        """`tokens` belongs to the answer; nothing is read before the first `add`."""
        self._tokens = tokens
        self._after: dict[int, int] | None = None  # by two tokens, where what followed them last stands
        self.source = 0  # where that stands which may come next; 0 where nothing is known, and nothing to guess
        self._agree = 0  # how many tokens before it are those before the end
        self._trust = list(FIRST_TRUST)

    @property
    def trust(self) -> float:
        """How likely the next token is the one that would be guessed now; 0 where there is none."""
        return self._trust[self._level()] if self.source else 0.0

    def add(self) -> None:
        """One token more has come to the list."""
        tokens, after = self._tokens, self._after
        end = len(tokens)
        token = tokens[-1]
        if after is None:
            after = self._after = self._indexed(end - 1)
        source = self.source
        if source:
            level = self._level()
            if tokens[source] == token:
                self._trust[level] += NEW * (1 - self._trust[level])
                self.source = source + 1
                self._agree += 1
            else:
                self._trust[level] -= NEW * self._trust[level]
                source = self.source = 0
        pair = tokens[-2] << 32 | token if end > 1 else -1
        if not source:
            self.source = source = after.get(pair, 0)
            if source:
                self._agree = self._agreeing(source)
        after[pair] = end

    def guesses(self, count: int) -> Sequence[int]:
        """The `count` tokens that may come next. Where the text goes round in a circle, so do they."""
        found = self._tokens[self.source : self.source + count]
        rounds = -(-count // len(found))
        return (found * rounds)[:count]

    def _level(self) -> int:
        return min(self._agree, LONGEST).bit_length() - 2

    def _indexed(self, end: int) -> dict[int, int]:
        """Where what followed each two of the first `end` tokens stands, the last place of each."""
        first = max(0, end - MOST_INDEXED)
        tokens = self._tokens[first:end]
        return {one << 32 | two: at for at, (one, two) in enumerate(zip(tokens, tokens[1:], strict=False), first + 2)}

    def _agreeing(self, source: int) -> int:
        """How many tokens before `source` are the same as those before the end; two at least."""
        tokens = self._tokens
        most = min(source, LONGEST)
        return next((size for size in range(2, most) if tokens[source - 1 - size] != tokens[-1 - size]), most)
