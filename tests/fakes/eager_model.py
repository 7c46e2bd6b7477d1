"""The real model process, which guesses wherever it can: whether that pays is a matter of time, and no test's.

`Runtime(private, module="tests.fakes.eager_model")` starts it.
"""

from engine.worker.model import guessing, worth
from engine.worker.model.__main__ import main

GUESSES = 7


class Eager(worth.Worth):
    """Finds every guess worth while; without `own_text` only those of a draft model."""

    due = False

    def __init__(self, *, own_text: bool = True) -> None:
        super().__init__()
        self.own_text = own_text

    def plain_s(self, writing: int) -> float:
        return 0.01

    def count(
        self,
        trust: float,
        most: int,
        writing: int,
        *,
        taken: int = 0,
        gained: float = 0.0,
        dear: float | None = None,  # told of a draft's alone
    ) -> int:
        return max(0, min(GUESSES, most)) if self.own_text or dear is not None else 0


if __name__ == "__main__":
    guessing.Worth = Eager  # type: ignore[misc]
    main()
