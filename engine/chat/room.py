"""What of a chat is left out where it no longer fits: a pure choice over what its exchanges cost.

An exchange is a question with its answer; one is kept or left out as a whole. The cut moves in strides:
once made it stays while the rest fits, so that the beginning of the prompt is the same from turn to
turn and need not be read again; when it must move it frees a third of the room at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.context import WhenFull

STRIDE = 1 / 3  # of the room, freed when the cut moves
MOST_FIRST = 1 / 2  # of the room, for the first exchange under ENDS; a longer one is left out like the others


@dataclass(frozen=True, slots=True)
class Cut:
    """The exchanges from `start` up to the one before `end` are left out; none where they are equal."""

    start: int = 0
    end: int = 0


def cut(when_full: WhenFull, costs: Sequence[int], room: int, held: int = 0) -> Cut | None:
    """What to leave out of exchanges that cost `costs` tokens, the oldest first, so that the rest fits `room`.

    `held` is where the cut of the turn before ended (0: there was none). None under STOP where not all fit.
    """
    if not costs or sum(costs) <= room:
        return Cut()
    if when_full is WhenFull.STOP:
        return None
    start = int(when_full is WhenFull.ENDS and costs[0] <= room * MOST_FIRST)
    room -= sum(costs[:start])
    kept = sum(costs[held:])
    if start < held <= len(costs) and room * STRIDE < kept <= room:
        return Cut(start, held)
    end, kept = start, sum(costs[start:])
    while end < len(costs) and kept > room * (1 - STRIDE):
        kept -= costs[end]
        end += 1
    return Cut(start, end)
