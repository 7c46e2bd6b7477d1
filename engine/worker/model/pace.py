"""How much of the prompts one step reads: much where nobody waits for a word, little where somebody does.

A step is one decode. Those who write get one token from each, so while one conversation reads a long prompt, the
others' words come once a step; a step is kept short enough that they still flow. What is left of short prompts is read
whole, in a step of three quarters of a second at most: their own first words wait for it, and in a full step a token
costs least.
"""

from collections.abc import Sequence

BATCH_TOKENS = 512  # the most tokens of one step
ALONE_TOKENS = 192  # of a step where nobody writes, for its threads cannot be changed within
DEEP_ALONE_TOKENS = 256  # the same past `DEEP` tokens: in shorter steps attention costs a fifth more there
DEEP = 1024
STEP_TOKENS = 64  # prompts are read in steps of a multiple of this; odd or small ones cost up to a third more
LEAST_TOKENS = 8  # read beside others in any case, or a prompt would never be read on a slow computer
ROWS = 8  # short steps are of a multiple of this: llama.cpp multiplies rows by fours, and one by one what is left
STEP_S = 3.0  # how long one step may take where nobody writes
BESIDE_S = 0.1  # and where somebody does
WHOLE_S = 0.75  # and where somebody does, but short prompts are read to their end by it
_NEW = 0.3  # what the latest measure counts against all before


class Pace:
    """Learns from what the steps took. One for a model."""

    def __init__(self) -> None:
        """Small steps first."""
        self._alone = STEP_TOKENS
        self._writing_s = 0.0  # what a step takes that only writes
        self._token_s = 0.0  # what each token takes that is read beside; 0 while it is not known

    def room(
        self, writing: int, rests: Sequence[int], *, depth: int = 0, by_itself: bool = False, fixed: bool = False
    ) -> int:
        """How many prompt tokens the next step may read, beside `writing` tokens that are written.

        `rests`: how many are left of each prompt, in the order in which they are read; `depth`: how much of the
        deepest is read. `by_itself`: always as many, however fast the computer is. `fixed`: the number of threads is
        not ours to change.
        """
        if by_itself:
            return BATCH_TOKENS
        if not writing:
            return self._alone if fixed else min(self._alone, DEEP_ALONE_TOKENS if depth >= DEEP else ALONE_TOKENS)
        if not self._token_s:
            return STEP_TOKENS - writing
        whole = 0
        for rest in rests:
            if rest + writing > STEP_TOKENS or whole + rest > (WHOLE_S - self._writing_s) / self._token_s:
                break
            whole += rest
        return max(min(whole, BATCH_TOKENS - writing), self._beside(writing))

    def _beside(self, writing: int) -> int:
        in_time = int((BESIDE_S - self._writing_s) / self._token_s)
        if in_time + writing >= STEP_TOKENS:
            return min(BATCH_TOKENS, (in_time + writing) // STEP_TOKENS * STEP_TOKENS) - writing
        return max(LEAST_TOKENS, (in_time + writing) // ROWS * ROWS - writing)

    def took(self, seconds: float, writing: int, reading: int) -> None:
        """A step that wrote and read so many tokens took `seconds`."""
        if not reading:
            self._writing_s = seconds
            return
        if reading >= LEAST_TOKENS and (self._writing_s or not writing):
            token_s = max(seconds - (self._writing_s if writing else 0.0), 0.1 * seconds) / reading
            self._token_s = _NEW * token_s + (1 - _NEW) * self._token_s if self._token_s else token_s
        if not writing and reading >= STEP_TOKENS:
            in_time = int(reading * STEP_S / seconds) // STEP_TOKENS * STEP_TOKENS
            self._alone = min(BATCH_TOKENS, max(STEP_TOKENS, in_time))
