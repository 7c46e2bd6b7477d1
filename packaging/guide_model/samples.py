"""What the network learns from: conversations as tokens, with how much each token counts.

A question is asked in one of its variations, and answered by the token that its answer is. Reading tasks have none:
there the answer is copied from what was given. Paragraphs of the guide are learned as plain text.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.chat.prompt import compose
from engine.chat.quoting import TASK
from engine.documents.quotes import spans
from engine.types import Message, Role, Source
from guide_model.corpus import OUTSIDE, Block
from guide_model.guide_text import Page, hints
from guide_model.spelling import BEGIN, END, Spelling, prompt
from guide_model.unknown import Strange
from guide_model.variation import Variation

OTHERWISE = 0.3  # share of a question's words that are cut otherwise than usual
LOST = 0.05  # share of a question's tokens that are left out
OF_ANSWER, OF_TEXT = 1.0, 0.1  # how much a token counts
# As shares of the ways of asking: questions that are declined with words that mean nothing, and words of an answer.
STRANGE_SHARE, HINTED_SHARE = 0.15, 0.1
EPOCH_SHARE = 0.2  # of the questions in an epoch of the network; its words have met them all before
READING_SHARE = 0.005  # reading tasks, and as many of the guide; they are many times as long as questions
MOST_READ = 3  # passages of a reading task


@dataclass(frozen=True, slots=True)
class Question:
    """The tokens of what is asked, and the token that answers it."""

    tokens: tuple[int, ...]
    answer: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Tokens, and how much it counts that each is foreseen; the first never is."""

    tokens: tuple[int, ...]
    counts: tuple[float, ...]


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

    def questions(self, number: int, share: float = 1.0) -> list[Question]:
        """A share of the ways of asking, varied, and more that are declined or hint at an answer; by chance's order."""
        chance = random.Random(f"{self._seed} {number}")
        asked = [(block, way) for block in self._blocks for way in block.asked]
        count = max(1, round(share * len(asked)))
        asked = chance.sample(asked, count)
        for _ in range(round(STRANGE_SHARE * count) if self._outside else 0):
            block, way = chance.choice(self._outside)
            asked.append((block, self._strange[block.language].instead(way, chance)))
        known = [block for block in self._blocks if block.page != OUTSIDE]
        for _ in range(round(HINTED_SHARE * count)):
            block = chance.choice(known)
            asked.append((block, hints(chance.choice(block.answers), block.language, chance)))
        made = [self._question(block, way, chance) for block, way in asked]
        chance.shuffle(made)
        return made

    def epoch(self, number: int) -> list[Sample]:
        """All samples of an epoch, in an order by chance."""
        asked = self.questions(number, EPOCH_SHARE)
        made = [_sample((prompt(question.tokens), 0.0), ([question.answer, END], OF_ANSWER)) for question in asked]
        chance = random.Random(f"{self._seed} {number} reading")
        reading = max(1, round(READING_SHARE * len(asked)))
        made += [self._quoted(*one, chance) for one in chance.sample(self._read, min(len(self._read), reading))]
        made += [self._looked_up(chance) for _ in range(reading if self._pages else 0)]
        made += [self._told(paragraph) for page in self._pages for paragraph in page.paragraphs]
        chance.shuffle(made)
        return made

    def asked(self, question: str) -> list[int]:
        """The tokens of a prompt that asks one thing, as the model's template has it."""
        return prompt(self._spelling.encode(question))

    def _question(self, block: Block, asked: str, chance: random.Random) -> Question:
        varied = self._variations[block.language](asked, chance)
        tokens = self._spelling.encode(varied, otherwise=OTHERWISE, chance=chance)
        tokens = [token for token in tokens if chance.random() >= LOST] or tokens
        return Question(tuple(tokens), self._spelling.answer(block.answers[0]))

    def _quoted(self, block: Block, asked: str, chance: random.Random) -> Sample:
        """A reading task of the corpus, sometimes with passages beside the one that holds the answer."""
        passages = [_joined(block)]
        others = [one for one, _ in self._read if one.language == block.language and one is not block]
        for other in chance.sample(others, min(len(others), chance.randrange(MOST_READ))):
            passages.append(_joined(other))
        chance.shuffle(passages)
        return self._copied(asked, passages, block.answers[0])

    def _looked_up(self, chance: random.Random) -> Sample:
        """A sentence of the guide, looked up by some of its words among passages of several pages."""
        pages = chance.sample(self._pages, min(len(self._pages), 1 + chance.randrange(MOST_READ)))
        passages = [chance.choice(page.paragraphs) for page in pages]
        at = chance.randrange(len(passages))
        sentences = [passages[at][first:last] for first, last in spans(passages[at])] or [passages[at]]
        sentence = chance.choice(sentences)
        asked = self._variations[pages[at].language](hints(sentence, pages[at].language, chance), chance)
        return self._copied(asked, passages, sentence)

    def _copied(self, asked: str, passages: Sequence[str], answer: str) -> Sample:
        copy = [*self._spelling.encode(" ".join(answer.split())), END]
        return _sample((self.asked(reading(asked, passages)), 0.0), (copy, OF_TEXT))

    def _told(self, paragraph: str) -> Sample:
        return _sample(([BEGIN], 0.0), (self._spelling.encode(paragraph), OF_TEXT), ([END], OF_TEXT))


def _joined(block: Block) -> str:
    return (" " if block.language == "en" else "").join(block.passages)


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


def answers(blocks: Sequence[Block]) -> dict[str, str]:
    """What can be answered, with the page of each; of several answers to a question the first, of one text one."""
    found: dict[str, str] = {}
    for block in blocks:
        if not block.passages:
            found.setdefault(block.answers[0], block.page)
    return found


def _sample(*parts: tuple[Sequence[int], float]) -> Sample:
    tokens = tuple(token for part, _ in parts for token in part)
    counts = tuple(count for part, count in parts for _ in part)
    return Sample(tokens, counts)
