"""How often a question that needs the one before it finds its paragraph: as it stands, and with words of that one.

    python -m bench.followups [--pairs N]

Pairs of neighbouring questions on one paragraph of XQuAD, English. The second of each pair loses its names and
numbers: every run of capitalised words or digits after the first word becomes "it", as people speak in a conversation.
The follow-up is searched for by words, as a chat does where no model rewrites it.
"""

import argparse
import random
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bench.collection import ENGLISH, read
from bench.report import Row, publish, skip
from bench.scores import scores
from bench.search import Filled
from engine.chat.follow_up import CARRIED_WORDS, joined, leans

_NAMES = re.compile(r"(?<!^)\b(?:[A-Z][\w'’.-]*|\d[\w,.%]*)(?:[ &-]+(?:of |the |and )?(?:[A-Z][\w'’.-]*|\d[\w,.%]*))*")


class Pair(NamedTuple):
    """A question, the one after it, and that one without its names; all on one paragraph."""

    number: int
    before: str
    whole: str
    bare: str


def main() -> int:
    """Run it."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--pairs", type=int, default=200, help="so many pairs, drawn by a fixed seed (default: 200)")
    most = wanted.parse_args().pairs
    if not ENGLISH.exists():
        return skip("followups", f"{ENGLISH.name} is not there")
    english = read(ENGLISH)
    pairs = pairs_of(english.numbered)
    pairs = random.Random(7).sample(pairs, min(most, len(pairs)))
    rows = [
        Row(measure="pairs", ours=len(pairs), unit="pairs"),
        Row(measure="stripped questions taken to lean", ours=_share(leans(p.bare) for p in pairs), unit="share"),
        Row(measure="whole questions taken to lean", ours=_share(leans(p.whole) for p in pairs), unit="share"),
    ]
    with tempfile.TemporaryDirectory() as folder, Filled(Path(folder), english.texts) as filled:

        def carried(question: str, before: str) -> str:
            if not leans(question):
                return question
            return joined(question, filled.documents.rare_words(before, CARRIED_WORDS))

        ways: dict[str, list[tuple[int, str]]] = {
            "whole question": [(p.number, p.whole) for p in pairs],
            "whole question, as a chat searches": [(p.number, carried(p.whole, p.before)) for p in pairs],
            "stripped, alone": [(p.number, p.bare) for p in pairs],
            "stripped, as a chat searches": [(p.number, carried(p.bare, p.before)) for p in pairs],
            "stripped, with all of the question before": [(p.number, f"{p.bare} {p.before}") for p in pairs],
        }
        for name, asked in ways.items():
            rankings = [filled.ranking(question, "words") for _, question in asked]
            found = scores(rankings, [{number: 1} for number, _ in asked])
            rows += [
                Row(measure=f"{name}, 1st", ours=found["recall at 1"], unit="share"),
                Row(measure=f"{name}, first 5", ours=found["recall at 5"], unit="share"),
            ]
    return publish("followups", rows)


def pairs_of(questions: list[tuple[int, str]]) -> list[Pair]:
    """Neighbours on one paragraph whose second has names to lose."""
    found = []
    for (number, before), (other, whole) in zip(questions, questions[1:], strict=False):
        bare = _NAMES.sub("it", whole)
        if number == other and bare != whole:
            found.append(Pair(number, before, whole, bare))
    return found


def _share(held: Iterable[bool]) -> float:
    values = list(held)
    return sum(values) / len(values)


if __name__ == "__main__":
    raise SystemExit(main())
