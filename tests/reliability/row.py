"""What one row of the reliability plan is: a number of tries, how many failed, and the worst that was seen.

A row is a file `rNN_what_it_tries.py` beside this one with a `run(size)` that returns an `Outcome`. Its
docstring's first line is its title; the rest says what counts as a failure.
"""

import argparse
from dataclasses import dataclass, field
from enum import StrEnum


class Size(StrEnum):
    """How much is tried: before every change, or over night."""

    CHANGE = "change"
    NIGHT = "night"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`failures` of `count` tries failed; `worst` is the worst figure seen, in `unit`.

    `details` says of each failure what happened, for whoever mends it.
    """

    count: int
    failures: int
    worst: float = 0.0
    unit: str = ""
    details: tuple[str, ...] = field(default=())


class Tally:
    """Collects tries one by one."""

    def __init__(self, unit: str = "") -> None:
        """`unit` is that of the figures given to `saw`."""
        self._unit = unit
        self._count = 0
        self._worst = 0.0
        self._details: list[str] = []

    def passed(self) -> None:
        """One try went as it should."""
        self._count += 1

    def failed(self, what: str) -> None:
        """One try went wrong; `what` in one line."""
        self._count += 1
        self._details.append(what)

    def check(self, well: bool, what: str) -> None:
        """One try, which failed unless `well`."""
        if well:
            self.passed()
        else:
            self.failed(what)

    def saw(self, figure: float) -> None:
        """A figure of which the largest is kept."""
        self._worst = max(self._worst, figure)

    @property
    def outcome(self) -> Outcome:
        """What came of all tries. A row that tried nothing has failed."""
        details = self._details if self._count else ["nothing was tried"]
        return Outcome(
            count=self._count, failures=len(details), worst=round(self._worst, 4), unit=self._unit,
            details=tuple(details),
        )  # fmt: skip


def size_argument(parser: argparse.ArgumentParser) -> None:
    """`--night` for the larger size."""
    parser.add_argument(
        "--night", dest="size", action="store_const", const=Size.NIGHT, default=Size.CHANGE, help="try much more"
    )
