"""What the network learns from: conversations as tokens, with how much each token counts.

A sample of a question is: instructions or none, sometimes an earlier exchange, the question in one of its variations,
the topic of its page, the topic of its block, and one of its answers. The topics are tokens that show as nothing: they
make choosing what to say a step of its own, so that an answer is not put together from two. Reading tasks have none:
there the answer is copied from what was given.
"""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine.chat.prompt import compose
from engine.chat.quoting import TASK
from engine.documents.quotes import spans
from engine.settings import Settings
from engine.types import Message, Role, Source
from guide_model.corpus import OUTSIDE, Block
from guide_model.guide_text import Page, hints
from guide_model.spelling import BEGIN, END, GUIDE, SYSTEM, USER, Spelling
from guide_model.unknown import Strange
from guide_model.variation import Variation

INSTRUCTIONS = Settings().system_prompt  # what the program tells every model before a chat, unless somebody changes it
OTHER_INSTRUCTIONS = (
    "Answer briefly.", "You are the built-in guide.", "You are a helpful assistant.", "Answer in plain words.",
    "日本語で答えてください。", "短く答えてください。", "あなたは親切なアシスタントです。",
)  # fmt: skip
INSTRUCTED, INSTRUCTED_OTHERWISE = 0.25, 0.03  # shares of the samples
ANSWERED = 0.25  # share of the samples that go on to the answer: it is learned by heart sooner than what it answers
EARLIER = 0.06  # share of the samples that come after another exchange
SKIPPED = 0.1  # share of the unions that are passed over in a question; see `Spelling.encode`
TOLD = 0.25  # share of the samples whose question is learned, too: reckoning the odds of every token takes its time
LOST = 0.05  # share of a question's tokens that are left out
OF_QUESTION, OF_TOPIC, OF_ANSWER, OF_TEXT = 0.1, 4.0, 1.0, 0.3  # how much a token counts
MOST_OF_A_BLOCK = 16  # ways of asking in an epoch, taken by chance: a block that has many is not asked for more often
OUTSIDE_SHARE = 0.12  # of the questions of an epoch, at least
STRANGE_SHARE = 0.06
HINTED_SHARE = 0.08  # that are asked by words of the answer
READING_SHARE = 0.01  # of the corpus, and as much again of the guide
MOST_READ = 3  # passages of a reading task


_Way = TypeVar("_Way")


@dataclass(frozen=True, slots=True)
class Question:
    """The tokens of what is asked, and the topics that are right for it: that of the page, and of the block."""

    tokens: tuple[int, ...]
    topics: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sample:
    """Tokens, and how much it counts that each is foreseen; the first never is. `question` is what they end with."""

    tokens: tuple[int, ...]
    counts: tuple[float, ...]
    question: Question | None = None


class Samples:
    """Makes the samples of an epoch: the same ones for the same seed and number, wherever it is run."""

    def __init__(
        self, blocks: Sequence[Block], pages: Sequence[Page], spelling: Spelling, variations: dict[str, Variation],
        strange: dict[str, Strange], seed: int = 0,
    ) -> None:  # fmt: skip
        """`variations` and what makes `strange` questions, by language."""
        self._spelling, self._variations, self._strange, self._seed = spelling, variations, strange, seed
        self._blocks = [block for block in blocks if not block.passages]
        self._read = [(block, asked) for block in blocks if block.passages for asked in block.asked]
        self._outside = [(block, asked) for block in self._blocks if block.page == OUTSIDE for asked in block.asked]
        self._pages = pages

    def epoch(self, number: int) -> list[Sample]:
        """All samples of an epoch, in an order by chance."""
        chance = random.Random(f"{self._seed} {number}")
        asked = [(block, way) for block in self._blocks for way in _some(block.asked, MOST_OF_A_BLOCK, chance)]
        declined = sum(block.page == OUTSIDE for block, _ in asked)
        if self._outside:
            missing = max(0, round(OUTSIDE_SHARE * len(asked)) - declined)
            asked += [chance.choice(self._outside) for _ in range(missing)]
        made = [self._answered(block, way, chance) for block, way in asked]
        for _ in range(round(STRANGE_SHARE * len(asked)) if self._outside else 0):
            block, way = chance.choice(self._outside)
            stranger = self._strange[block.language].instead(way, chance)
            made.append(self._answered(block, stranger, chance))
        known = [block for block in self._blocks if block.page != OUTSIDE]
        for block in _some(known, round(HINTED_SHARE * len(asked)), chance):
            asked_by = hints(chance.choice(block.answers), block.language, chance)
            made.append(self._answered(block, asked_by, chance))
        made += [self._hinted(page, paragraph, chance) for page in self._pages for paragraph in page.paragraphs]
        reading = round(READING_SHARE * len(asked))
        made += [self._quoted(block, way, chance) for block, way in _some(self._read, reading, chance)]
        made += [self._looked_up(chance) for _ in range(reading if self._pages else 0)]
        made += [self._told(page, paragraph) for page in self._pages for paragraph in page.paragraphs]
        chance.shuffle(made)
        return made

    def questions(self, number: int) -> list[Question]:
        """Every way of asking once, varied, in an order by chance."""
        chance = random.Random(f"{self._seed} questions {number}")
        made = [self._question(block, way, chance) for block in self._blocks for way in block.asked]
        chance.shuffle(made)
        return made

    def asked(self, question: str, *, instructions: str = INSTRUCTIONS) -> list[int]:
        """The tokens of a prompt that asks one thing, as the model's template has it."""
        told = [SYSTEM, *self._spelling.encode(instructions), END] if instructions else []
        return [BEGIN, *told, USER, *self._spelling.encode(question), END, GUIDE]

    def _question(self, block: Block, asked: str, chance: random.Random) -> Question:
        tokens = self._spelling.encode(self._varied(block, asked, chance), skipped=SKIPPED, chance=chance)
        tokens = [token for token in tokens if chance.random() >= LOST] or tokens
        return Question(tuple(tokens), (self._spelling.topic(block.page), self._spelling.topic(topic_of(block))))

    def _varied(self, block: Block, asked: str, chance: random.Random) -> str:
        return self._variations[block.language](asked, chance)

    def _answered(self, block: Block, asked: str, chance: random.Random) -> Sample:
        before = self._before(chance)
        if chance.random() < EARLIER:
            earlier = chance.choice(self._blocks)
            question = self._spelling.encode(self._varied(earlier, chance.choice(earlier.asked), chance))
            answer = self._spelling.encode(chance.choice(earlier.answers))
            before += [USER, *question, END, GUIDE, *answer, END]
        question = self._question(block, asked, chance)
        of_question = OF_QUESTION if chance.random() < TOLD else 0.0
        answer = []
        if chance.random() < ANSWERED:
            answer = [*self._spelling.encode(chance.choice(block.answers)), END]
        return _sample(
            (before, 0.0), ([USER], 0.0), (question.tokens, of_question), ([END, GUIDE], 0.0),
            (question.topics, OF_TOPIC), (answer, OF_ANSWER), question=question,
        )  # fmt: skip

    def _hinted(self, page: Page, paragraph: str, chance: random.Random) -> Sample:
        """The topic of a page, asked for by words that stand on it."""
        asked = self._variations[page.language](hints(paragraph, page.language, chance), chance)
        question = self._spelling.encode(asked, skipped=SKIPPED, chance=chance)
        topic = [self._spelling.topic(page.name)] if page.name in self._spelling.topics else []
        return _sample(
            (self._before(chance), 0.0), ([USER], 0.0), (question, OF_QUESTION), ([END, GUIDE], 0.0), (topic, OF_TOPIC)
        )

    def _quoted(self, block: Block, asked: str, chance: random.Random) -> Sample:
        """A reading task of the corpus, sometimes with passages beside the one that holds the answer."""
        passages = [_joined(block)]
        others = [one for one, _ in self._read if one.language == block.language and one is not block]
        for other in chance.sample(others, min(len(others), chance.randrange(MOST_READ))):
            passages.append(_joined(other))
        chance.shuffle(passages)
        return self._copied(asked, passages, chance.choice(block.answers), chance)

    def _looked_up(self, chance: random.Random) -> Sample:
        """A sentence of the guide, looked up by some of its words among passages of several pages."""
        pages = chance.sample(self._pages, min(len(self._pages), 1 + chance.randrange(MOST_READ)))
        passages = [chance.choice(page.paragraphs) for page in pages]
        at = chance.randrange(len(passages))
        sentences = [passages[at][first:last] for first, last in spans(passages[at])] or [passages[at]]
        sentence = chance.choice(sentences)
        asked = self._variations[pages[at].language](hints(sentence, pages[at].language, chance), chance)
        return self._copied(asked, passages, sentence, chance)

    def _copied(self, asked: str, passages: Sequence[str], answer: str, chance: random.Random) -> Sample:
        prompt = self._spelling.encode(reading(asked, passages))
        copy = [*self._spelling.encode(" ".join(answer.split())), END]
        return _sample(
            (self._before(chance), 0.0), ([USER], 0.0), (prompt, 0.0), ([END, GUIDE], 0.0), (copy, OF_ANSWER)
        )

    def _told(self, page: Page, paragraph: str) -> Sample:
        return _sample(([BEGIN], 0.0), (self._spelling.encode(paragraph), OF_TEXT), ([END], OF_TEXT))

    def _before(self, chance: random.Random) -> list[int]:
        way = chance.random()
        if way < INSTRUCTED:
            return [BEGIN, SYSTEM, *self._spelling.encode(INSTRUCTIONS), END]
        if way < INSTRUCTED + INSTRUCTED_OTHERWISE:
            return [BEGIN, SYSTEM, *self._spelling.encode(chance.choice(OTHER_INSTRUCTIONS)), END]
        return [BEGIN]


def _joined(block: Block) -> str:
    return (" " if block.language == "en" else "").join(block.passages)


def _some(ways: Sequence[_Way], most: int, chance: random.Random) -> Sequence[_Way]:
    """All of them, or `most` of them by chance."""
    return ways if len(ways) <= most else chance.sample(ways, most)


def reading(asked: str, passages: Sequence[str]) -> str:
    """What the program tells a model that is to quote from passages, in its own words."""
    sources = [
        Source(
            document_id=1, path=Path("text.txt"), page=1, paged=False, start=0, end=len(text), text=text, number=number
        )
        for number, text in enumerate(passages, start=1)
    ]
    message = Message(id=1, chat_id=1, parent_id=None, role=Role.USER, text=asked)
    return compose("", [message], sources, 1 << 20, task=TASK).turns[-1].text


def topics(blocks: Sequence[Block]) -> list[str]:
    """The topics of a corpus: its pages, then its blocks; reading tasks have none."""
    asked = [block for block in blocks if not block.passages]
    return [*sorted({block.page for block in asked}), *dict.fromkeys(topic_of(block) for block in asked)]


def topic_of(block: Block) -> str:
    """The topic that stands for a block, and for every other of its page that has the same answers."""
    said = hashlib.sha256("\n".join(block.answers).encode()).hexdigest()
    return f"{block.language}/{block.page}/{said[:6]}"


def _sample(*parts: tuple[Sequence[int], float], question: Question | None = None) -> Sample:
    tokens = tuple(token for part, _ in parts for token in part)
    counts = tuple(count for part, count in parts for _ in part)
    return Sample(tokens, counts, question)
