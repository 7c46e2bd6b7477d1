"""Sentences that passages support and sentences that they do not, made from questions with known answers.

From each question of a file in SQuAD's form come the sentence that holds its answer, word for word; the question as a
statement with the answer in it, in the words of whoever asked; both with another number or name in the answer's place;
and sentences from elsewhere. The statements are rough English ("1685 was this edict declared"), which asks more of
what checks them than good English would.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from engine.documents.chunks import bare, passages, sentences
from engine.documents.folding import fold
from engine.documents.numerals import numbers
from engine.documents.words import mostly_cjk

TRUE, REWORDED = "word for word", "reworded"
NUMBER, NUMBER_REWORDED = "number swapped", "number swapped, reworded"
NUMBER_THERE = "number swapped for another of the passages"
NAME, NAME_REWORDED = "name swapped", "name swapped, reworded"
SAME_ARTICLE, SAME_REWORDED = "of another paragraph", "of another paragraph, reworded"
OTHER_ARTICLE, OTHER_REWORDED = "of another article", "of another article, reworded"

LONGEST = {False: 80, True: 30}  # characters of an answer, in Japanese or not; a longer one is no name or number
GIVEN = 3  # paragraphs of the article that are the passages, the right one among them
_ASKED = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how(?: (?:many|much|old|long|far|often|large|big|tall))?)\b",
    re.IGNORECASE,
)
_ASKED_JA = re.compile(r"何という|なんという|どの[一-鿿]*|どんな|誰|だれ|どこ|いつ|いくつ|いくら|どれ|何[一-鿿]?|なに")
_END_JA = re.compile(r"(?:です|でしょう|ます)?か$")


class Asked(NamedTuple):
    """One question: the article it is from (counted from 0), its paragraph, the sentence that answers, the answer."""

    article: int
    paragraph: int
    question: str
    sentence: str
    answer: str


class Case(NamedTuple):
    """Passages, and what is said of them by the kind of saying."""

    passages: tuple[str, ...]
    said: dict[str, str]


class Collection:
    """The articles of a file, each with its paragraphs, and the questions that can be made into statements."""

    def __init__(self, path: Path) -> None:
        groups = json.loads(path.read_text(encoding="utf-8"))["data"]
        self.articles = [[_text(entry) for entry in group["paragraphs"]] for group in groups]
        self.asked = [
            one
            for article, group in enumerate(groups)
            for paragraph, entry in enumerate(group["paragraphs"])
            for asked in entry["qas"]
            if (one := _asked(article, paragraph, entry, asked))
        ]

    def cases(self, articles: range, count: int, seed: int = 1) -> Iterator[Case]:
        """At most `count` questions of these articles, with what is right and what is wrong."""
        rng = random.Random(seed)
        asked = [one for one in self.asked if one.article in articles]
        names = [one.answer for one in self.asked if _is_name(one.answer)]
        for one in rng.sample(asked, min(count, len(asked))):
            yield self._case(one, names, rng)

    def _case(self, one: Asked, names: list[str], rng: random.Random) -> Case:
        article = self.articles[one.article]
        others = [number for number in range(len(article)) if number != one.paragraph]
        rng.shuffle(others)
        given = [article[number] for number in (one.paragraph, *others[: GIVEN - 1])]
        texts = tuple(text[start:end] for text in given for start, end in passages(text))
        said = {TRUE: one.sentence, REWORDED: statement(one.question, one.answer)}
        for kind, word_for_word, answer in _swapped(one, texts, names, rng):
            said[kind] = (
                one.sentence.replace(one.answer, answer, 1) if word_for_word else statement(one.question, answer)
            )
        apart = [a for a in self.asked if a.article == one.article and a.paragraph in others[GIVEN - 1 :]]
        elsewhere = [a for a in rng.sample(self.asked, 40) if a.article != one.article]
        for kind, reworded, there in (
            (SAME_ARTICLE, SAME_REWORDED, apart),
            (OTHER_ARTICLE, OTHER_REWORDED, elsewhere),
        ):
            if there:
                other = rng.choice(there)
                said |= {kind: other.sentence, reworded: statement(other.question, other.answer)}
        return Case(texts, said)


def statement(question: str, answer: str) -> str:
    """The question as a sentence that says the answer."""
    question = question.rstrip(" ?？。")
    japanese = mostly_cjk(question)
    if japanese:
        question = _END_JA.sub("", question)
    said, found = (_ASKED_JA if japanese else _ASKED).subn(lambda _: answer, question, count=1)
    joined = said if found else f"{question}{'' if japanese else ' '}{answer}"
    return joined + ("。" if japanese else ".")


# Its own affairs.


def _text(entry: dict[str, Any]) -> str:
    """A paragraph; JSQuAD writes the title before it."""
    return str(entry["context"].rpartition("[SEP]")[2])


def _asked(article: int, paragraph: int, entry: dict[str, Any], asked: dict[str, Any]) -> Asked | None:
    context, text = entry["context"], _text(entry)
    answer, at = asked["answers"][0]["text"], asked["answers"][0]["answer_start"] - (len(context) - len(text))
    if len(answer) > LONGEST[mostly_cjk(text)]:
        return None
    for first, last in sentences(text):
        span = bare(text, first, last)
        if span and first <= at < last and answer in text[span[0] : span[1]]:
            return Asked(article, paragraph, asked["question"], text[span[0] : span[1]], answer)
    return None


def _is_name(answer: str) -> bool:
    written_so = answer[0].isupper() or re.search("[ァ-ヺ]{2}", answer) is not None
    return written_so and len(answer) < 25 and not list(numbers(answer))


def _swapped(
    one: Asked, texts: tuple[str, ...], names: list[str], rng: random.Random
) -> Iterator[tuple[str, bool, str]]:
    """Each kind of wrong answer, whether it goes into the sentence word for word, and the answer."""
    number = next(numbers(one.answer), None)
    if number:
        there = [(text[found.start : found.end], found.values) for text in texts for found in numbers(text)]
        known = {value for _, values in there for value in values}
        value = int(max(number.values))
        among = range(1000, 2030) if 1000 <= value < 2030 else range(2, max(60, 3 * min(value, 10**6)))
        new = next(str(each) for each in rng.sample(among, 58) if each not in known)
        answer = one.answer[: number.start] + new + one.answer[number.end :]
        yield NUMBER, True, answer
        yield NUMBER_REWORDED, False, answer
        if others := [word for word, values in there if not values & number.values and values != {1.0}]:
            yield NUMBER_THERE, True, one.answer[: number.start] + rng.choice(others) + one.answer[number.end :]
    elif _is_name(one.answer):
        whole = " ".join(map(fold, texts))
        answer = next(name for name in rng.sample(names, len(names)) if fold(name) not in whole)
        yield NAME, True, answer
        yield NAME_REWORDED, False, answer
