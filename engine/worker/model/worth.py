"""How many guesses a step is worth: what steps of so many tokens really took, against what the guesses bring.

A guess that is right saves a step; weighing it makes this one longer, by how much depends on the model, the computer
and what else it does. So steps are timed, those with guesses against those without, and the number is taken with
which the most tokens a second are to be expected. None at all is always one of the choices.
"""

MOST_GUESSES = 15  # in one step
# Tokens of a step that are tried: llama.cpp's kernels for quantized weights take four rows at once.
SIZES = (4, 8, 16)
FIRST_EACH = 0.45  # what a guess adds to a step, in steps without one, before it was measured
MOST_EACH = 2.0  # a hiccup of the computer counts for no more
NEW = 0.25  # what the latest measure counts against all before
GAIN = 1.05  # less than this is not worth the trouble
FRESH_STEPS = 32  # after so many steps with guesses comes one without, so that both are timed in the same weather
REFUSED_STEPS = 64  # after so many steps in which good guesses were too dear, what was measured counts half
GOOD = 0.8
BESIDE_S = 0.1  # how long a step may become by guesses where others wait for their words


def brings(trust: float, guesses: int) -> float:
    """How many of `guesses` are right before the first that is not, where each is with the chance `trust`."""
    return guesses if trust >= 1 else trust * (1 - trust**guesses) / (1 - trust)


class Worth:
    """Learns from what the steps took. One for a model."""

    def __init__(self) -> None:
        """Nothing is known: no guesses before a step without any has been timed."""
        self._plain_s: dict[int, float] = {}  # by the answers written in it, what a step takes
        self._each: dict[tuple[int, int], float] = {}  # by answers and size, what each guess adds, in steps without
        self._since_plain = self._refused = 0

    def plain_s(self, writing: int) -> float:
        """What a step takes that writes so many answers without guesses, in seconds; 0 where it is not known."""
        return self._plain_s.get(writing, 0.0)

    @property
    def due(self) -> bool:
        """Whether the next step is to be one without guesses."""
        return self._since_plain >= FRESH_STEPS

    def took(self, seconds: float, writing: int, guesses: int) -> None:
        """A step that wrote so many answers, read nothing and weighed so many guesses took this long."""
        plain = self._plain_s.get(writing)
        if not guesses:
            self._since_plain = 0
            self._plain_s[writing] = seconds if plain is None else plain + NEW * (seconds - plain)
        elif plain:
            self._since_plain += 1
            key = writing, _size(writing + guesses)
            each = min(max(seconds / plain - 1, 0.0) / guesses, MOST_EACH)
            before = self._each.get(key)
            self._each[key] = each if before is None else before + NEW * (each - before)

    def count(
        self, trust: float, most: int, writing: int, *, taken: int = 0, gained: float = 0.0, dear: float = 0.0
    ) -> int:
        """How many guesses of one answer to weigh, at most `most`, each right with the chance `trust`.

        `writing` answers have a part in the step, with `taken` guesses that will bring `gained` tokens already.
        `dear` is what making one guess costs, in steps without.
        """
        plain = self._plain_s.get(writing)
        if not plain or not trust:
            return 0
        best, rate = 0, GAIN * (writing + gained) / self._cost(writing, taken)
        for size in SIZES:
            guesses = min(size - writing - taken, most)
            cost = self._cost(writing, taken + guesses)
            if guesses <= 0 or (writing > 1 and cost * plain > BESIDE_S):
                continue
            found = (writing + gained + brings(trust, guesses)) / (cost + dear * guesses)
            if found > rate:
                best, rate = guesses, found
        if trust >= GOOD:
            self._refused = 0 if best else self._refused + 1
            if self._refused >= REFUSED_STEPS:
                self._refused = 0
                for key, each in self._each.items():
                    self._each[key] = (each + FIRST_EACH) / 2
        return best

    def _cost(self, writing: int, guesses: int) -> float:
        """How long a step with `guesses` is to take, in steps without."""
        return 1 + guesses * self._each.get((writing, _size(writing + guesses)), FIRST_EACH)


def _size(tokens: int) -> int:
    """Which of the sizes counts for a step of so many tokens."""
    return next((size for size in SIZES if tokens <= size), SIZES[-1])
