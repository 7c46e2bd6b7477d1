"""How often checked answers are marked rightly, and how often a refusal is right.

    python -m bench.checking [--cases N]

Sentences that passages support and sentences that they do not are made from questions with known answers
(`bench.claims`), English ones of XQuAD and Japanese ones of JSQuAD. The passages are three paragraphs of the article.
For refusals, the odd articles lie in a store and the even ones do not: a question of the former should be let through
to the model, one of the latter refused. What is let through all the same is answered with the true answer, which then
stands in no document. Thresholds were found on the even articles, or with these in the store.
"""

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.claims import (
    NAME,
    NAME_REWORDED,
    NUMBER,
    NUMBER_REWORDED,
    NUMBER_THERE,
    OTHER_ARTICLE,
    OTHER_REWORDED,
    REWORDED,
    SAME_ARTICLE,
    SAME_REWORDED,
    TRUE,
    Asked,
    Case,
    Collection,
    statement,
)
from bench.collection import ENGLISH, JAPANESE
from bench.report import Row, publish, skip
from bench.search import Filled
from engine.chat.checking import checked, refusal
from engine.documents import documents as engine_documents
from engine.documents.documents import Closeness
from engine.documents.embedding import Embedder
from engine.operation import Cancel, finish
from engine.types import Source, Support

PASSAGES = 5
NOT_SUPPORTED = (
    NUMBER, NUMBER_REWORDED, NUMBER_THERE, NAME, NAME_REWORDED, SAME_ARTICLE, SAME_REWORDED, OTHER_ARTICLE,
    OTHER_REWORDED,
)  # fmt: skip


class Remembering(Embedder):
    """Makes each vector once: what is measured is what comes of them, not how long they take."""

    def __init__(self, *given: Any, **wishes: Any) -> None:
        super().__init__(*given, **wishes)
        self._known: dict[tuple[str, bool], Any] = {}

    def vectors(self, texts: Sequence[str], cancel: Cancel, *, question: bool = False) -> Any:
        """As an embedder."""
        if not texts:
            return super().vectors(texts, cancel)
        new = [text for text in dict.fromkeys(texts) if (text, question) not in self._known]
        if new:
            made = super().vectors(new, cancel, question=question)
            self._known |= {(text, question): vector for text, vector in zip(new, made, strict=True)}
        return np.array([self._known[text, question] for text in texts], np.float32)


def main() -> int:
    """Run it."""
    setattr(engine_documents, "Embedder", Remembering)  # noqa: B010 - in the place of a class
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--cases", type=int, default=150, help="questions of each language and kind (default: 150)")
    count = wanted.parse_args().cases
    if not ENGLISH.exists() or not JAPANESE.exists():
        return skip("checking", f"{ENGLISH.name} or {JAPANESE.name} is not there")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, path, meaning in (("English", ENGLISH, True), ("Japanese", JAPANESE, False)):
            found = Collection(path)
            with Filled(Path(folder) / name, paragraphs(found)) as filled:
                rows += measured(f"{name}, words", found, filled, None, count)
                if meaning:
                    finish(filled.documents.embed(Cancel()))
                    near = filled.documents.closeness("English", Cancel())
                    rows += measured(f"{name}, words and meaning", found, filled, near, count)
    return publish("checking", rows)


def measured(name: str, found: Collection, filled: Filled, near: Closeness | None, count: int) -> list[Row]:
    """The rows of one language and one way of comparing."""
    odd = range(1, len(found.articles), 2)
    rows = [
        Row(measure=f"{name}: {measure}", ours=share, unit="share")
        for measure, share in marks(found.cases(odd, count), near)
    ]
    even = range(0, len(found.articles), 2)
    here, gone = (
        random.Random(1).sample(asked, min(count, len(asked)))
        for asked in ([one for one in found.asked if one.article in articles] for articles in (odd, even))
    )
    for measure, asked in (("answered in the documents", here), ("answered in none", gone)):
        refused, withheld = refusals(filled, asked, near)
        rows += [
            Row(measure=f"{name}: questions {measure}, refused", ours=refused, unit="share"),
            Row(measure=f"{name}: questions {measure}, refused or withheld", ours=withheld, unit="share"),
        ]
    return rows


def marks(cases: Iterable[Case], near: Closeness | None) -> list[tuple[str, float]]:
    """For each kind of saying the share that is marked as it should be."""
    counted: Counter[str] = Counter()
    for case in cases:
        sources = [
            Source(number=number, document_id=1, path=Path("a.txt"), page=1, start=0, end=len(text), text=text)
            for number, text in enumerate(case.passages, 1)
        ]
        text = "\n".join(one.replace("\n", " ") for one in case.said.values())
        marked, at = checked(text, sources, near), 0
        for kind, said in case.said.items():
            found = [one for one in marked if at <= one.start < at + len(said)]
            at += len(said) + 1
            counted[kind] += 1
            counted[f"{kind}, supported"] += all(one.support is Support.SUPPORTED for one in found)
            counted[f"{kind}, in no passage"] += all(one.support is Support.UNSUPPORTED for one in found)
            counted[f"{kind}, underlined"] += any(one.unfound for one in found)
    shares = []
    for kind in (TRUE, REWORDED):
        shares += [
            (f"true, {kind}: supported", counted[f"{kind}, supported"] / counted[kind]),
            (f"true, {kind}: at least partly", 1 - counted[f"{kind}, in no passage"] / counted[kind]),
            (f"true, {kind}: something underlined", counted[f"{kind}, underlined"] / counted[kind]),
        ]
    for kind in NOT_SUPPORTED:
        shares.append((f"{kind}: not supported", 1 - counted[f"{kind}, supported"] / counted[kind]))
        if kind in (NUMBER, NAME):
            shares.append((f"{kind}: underlined", counted[f"{kind}, underlined"] / counted[kind]))
        if kind in (OTHER_ARTICLE, OTHER_REWORDED):
            shares.append((f"{kind}: in no passage", counted[f"{kind}, in no passage"] / counted[kind]))
    return shares


def refusals(filled: Filled, asked: list[Asked], near: Closeness | None) -> tuple[float, float]:
    """The shares refused before a model is asked, and refused or withheld where it gives the true answer."""
    refused = withheld = 0
    for one in asked:
        sources = finish(filled.documents.sources(one.question, Cancel(), PASSAGES, wait=near is not None))
        answers = bool(sources) and finish(filled.documents.answered(one.question, sources, Cancel()))
        refused += not answers
        withheld += not answers or refusal(checked(statement(one.question, one.answer), sources, near)) is not None
    return refused / len(asked), withheld / len(asked)


def paragraphs(found: Collection) -> list[str]:
    """The paragraphs of the odd articles."""
    return [text for article in found.articles[1::2] for text in article]


if __name__ == "__main__":
    raise SystemExit(main())
