"""Searching by words: the strategy that always works, from the first file on.

Any of the words makes a match and rare words weigh most (bm25). Words found nearly everywhere
cost much and tell little, so the rarest are taken first until a budget of places is spent.
"""

from collections.abc import Sequence

from engine.documents.spread import Spread
from engine.documents.words import Query, Unit
from engine.store.passages import Among, PassageRows

BUDGET = 10_000  # occurrences looked at for one question: about 10 ms among a million passages
Found = list[tuple[int, float]]


def search(
    rows: PassageRows, query: Query, limit: int, among: Among | None = None, spread: Spread | None = None
) -> Found:
    """The passages that hold the query's words with bm25, best first; only those `among` what is looked through.

    `spread` is what the search has counted already.
    """
    affordable = _affordable(spread or Spread(rows), query)
    found = _found(rows, query, affordable, limit, among)
    if not found and among is not None and len(affordable) < len(query.may + query.also):
        every = [*query.may, *query.also]  # rare elsewhere, and all there is in these
        return _found(rows, query, every, limit, among)
    return found


def without(rows: PassageRows, query: Query) -> list[int]:
    """The ids of the passages that hold what must not be there."""
    return rows.holding(_either(query.never)) if query.never else []


def _found(rows: PassageRows, query: Query, may: list[Unit], limit: int, among: Among | None) -> Found:
    expression = _expression(query, may)
    return rows.matching(expression, limit, among) if expression else []


def _affordable(spread: Spread, query: Query) -> list[Unit]:
    """What to look for: every rare word, and common ones as long as they cost little."""
    units = query.may + query.also
    counts = spread.of(word for unit in units for word in unit.words)
    # A phrase is looked up by its rarest word; a beginning cannot be counted and is short anyway.
    cost = {unit: 0 if unit.beginning else min(counts[word] for word in unit.words) for unit in units}
    chosen: list[Unit] = []
    spent = 0
    for unit in sorted(cost, key=lambda unit: cost[unit]):
        if not unit.beginning and not cost[unit]:
            continue
        if chosen and spent + cost[unit] > BUDGET:
            break
        chosen.append(unit)
        spent += cost[unit]
    return chosen


def _expression(query: Query, may: Sequence[Unit]) -> str:
    """The FTS5 expression; words hold letters and digits only, so nothing in them needs care."""
    either = _either((*query.must, *may))
    if not either:
        return ""
    wanted = " AND ".join([*(_written(unit) for unit in query.must), f"({either})"])
    return f"({wanted}) NOT ({_either(query.never)})" if query.never else wanted


def _either(units: Sequence[Unit]) -> str:
    return " OR ".join(_written(unit) for unit in units)


def _written(unit: Unit) -> str:
    return '"' + " ".join(unit.words) + '"' + ("*" if unit.beginning else "")
