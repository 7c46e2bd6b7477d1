"""What is left out of a chat that no longer fits: whole exchanges, never too few, and not at every turn."""

import random

import pytest

from engine.chat.room import STRIDE, Cut, cut
from engine.context import WhenFull

CUTTING = [WhenFull.OLDEST, WhenFull.ENDS, WhenFull.SUMMARY]
CHANCES = [random.Random(seed) for seed in range(300)]


def left(costs: list[int], found: Cut) -> int:
    """What the exchanges that stay cost."""
    return sum(costs[: found.start]) + sum(costs[found.end :])


@pytest.mark.parametrize("when_full", CUTTING)
def test_what_stays_fits_the_room_and_nothing_is_cut_that_need_not_be(when_full: WhenFull) -> None:
    for chance in CHANCES:
        count = chance.randrange(40)
        costs = [chance.choice([0, 1, chance.randrange(500), chance.randrange(5000)]) for _ in range(count)]
        room = chance.choice([-50, 0, 1, chance.randrange(2000), chance.randrange(20_000)])
        found = cut(when_full, costs, room, held=chance.randrange(len(costs) + 2))
        assert found is not None
        assert 0 <= found.start <= found.end <= len(costs)
        if not costs or sum(costs) <= room:
            assert found == Cut()
        else:
            assert found.start < found.end
            assert left(costs, found) <= max(room, 0)
        if when_full is not WhenFull.ENDS:
            assert found.start == 0


@pytest.mark.parametrize("when_full", CUTTING)
def test_as_a_chat_grows_the_cut_only_moves_on_and_each_time_by_a_third_of_the_room(when_full: WhenFull) -> None:
    for chance in CHANCES:
        room = chance.randrange(1000, 10_000)
        costs: list[int] = []
        found, moves = Cut(), 0
        for _ in range(200):
            costs.append(chance.randrange(1, room // 10))
            now = cut(when_full, costs, room, found.end)
            assert now is not None
            assert now.end >= found.end
            moves += now != found
            found = now
        stride = (room - sum(costs[: found.start])) * STRIDE
        assert moves <= sum(costs[: found.end]) / stride + 1
        assert moves > 1


def test_a_cut_that_still_does_stays_where_it_was() -> None:
    costs = [100] * 12
    first = cut(WhenFull.OLDEST, costs[:11], 1000)
    assert first == Cut(0, 5)
    assert cut(WhenFull.OLDEST, costs, 1000, first.end) == first
    assert cut(WhenFull.OLDEST, costs, 1000) == Cut(0, 6)


def test_more_room_brings_back_what_it_has_room_for() -> None:
    costs = [100] * 30
    assert cut(WhenFull.OLDEST, costs, 3000, held=25) == Cut()
    assert cut(WhenFull.OLDEST, costs, 2700, held=25) == Cut(0, 12)


def test_the_first_exchange_stays_with_the_last_ones_unless_it_takes_half_of_the_room() -> None:
    assert cut(WhenFull.ENDS, [500, 400, 400, 200], 1000) == Cut(1, 3)
    assert cut(WhenFull.ENDS, [501, 400, 400, 200], 1000) == Cut(0, 2)


def test_where_nothing_may_be_left_out_the_answer_is_no() -> None:
    for chance in CHANCES:
        costs = [chance.randrange(500) for _ in range(chance.randrange(1, 20))]
        assert cut(WhenFull.STOP, costs, sum(costs)) == Cut()
        assert cut(WhenFull.STOP, costs, sum(costs) - 1, held=1) is None
