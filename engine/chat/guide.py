"""How the built-in guide is asked: by the question alone, for its likeliest answer, and one more where it is not sure.

Each of its answers is one token of its vocabulary, so what it writes is one of them, whole. A person's own
instructions, what was said before or a throw of the dice would only lead it astray; so none of these reach it.
From documents it is not asked: ranking finds the sentences that answer better than a model of its size.
"""

from collections.abc import Sequence
from dataclasses import replace

from engine.documents import Documents
from engine.errors import GuideOnlyQuotes
from engine.events import Event, TextAdded, TokenWeighed
from engine.operation import Cancel, Operation, heard
from engine.types import Message, MessageState, Model, Source, Wanted, Written

MOST_TOKENS = 1  # of an answer
LIKELIEST = 6  # answers that come into question, the refusals among them
NEARLY = 2.3  # how much less likely a second answer may be, in nats: a tenth
MOST_WORDS = 80  # of what it says at once
LETTERS_A_WORD = 2  # where words are not set apart, as in Japanese
ALIKE = (
    0.5  # share of the shorter one's stretches of three letters that the other has, too: the second tells nothing new
)
LONGEST_PIECE = 12  # letters of any token of its vocabulary that is no answer
RANKED = "These are the sentences of your documents that fit best; no model was asked."
BEYOND = ("That is beyond me", "それは私", "それは手引きに")  # how the answers begin with which it declines


def alone(messages: Sequence[Message]) -> Sequence[Message]:
    """What it is given of a conversation: it never met one while it learned."""
    return messages[-1:]


def asked_for(wanted: Wanted) -> Wanted:
    """The same, with how likely its other answers were."""
    return replace(wanted, likeliest=max(wanted.likeliest, LIKELIEST))


def with_a_second(work: Operation[Written], *, weighed: bool) -> Operation[Written]:
    """Do the work, and add a second answer where one was nearly as likely.

    Yields what the work does, TokenWeighed only to whom wants it `weighed`.
    """
    odds: list[tuple[tuple[str, float], ...]] = []

    def passed_on(event: Event) -> Event | None:
        if not isinstance(event, TokenWeighed):
            return event
        odds.append(event.odds.others)
        return event if weighed else None

    written = yield from heard(work, passed_on)
    if written.state is MessageState.CUT:  # after one token, which is all of an answer
        written = replace(written, state=MessageState.COMPLETE)
    _, *more = said_by(written.text, odds[0] if odds else ())
    for text in more:
        yield TextAdded(text=f"\n\n{text}", tokens=written.speed.tokens)
        written = replace(written, text=f"{written.text}\n\n{text}")
    return written


def said_by(answer: str, odds: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """What is said: the answer, and the next likeliest where it is not sure. `odds` has logarithms of probabilities.

    Nothing is added to what declines, and nothing that says the same or makes more words than `MOST_WORDS`.
    """
    answer = answer.strip()
    known = dict(odds)
    if answer not in known or answer.startswith(BEYOND):
        return (answer,)
    for text, odd in odds:
        if known[answer] - odd > NEARLY:
            break
        new = len(text) > LONGEST_PIECE and not text.startswith(BEYOND) and not _alike(answer, text)
        if new and _words(answer) + _words(text) <= MOST_WORDS:
            return answer, text
    return (answer,)


def quoted(documents: Documents, question: str, sources: Sequence[Source], cancel: Cancel) -> Operation[str]:
    """What stands in the place of its answer from `sources`: their sentences that fit best, each with its number.

    "" where none answers. Yields `Progressed`.
    """
    quotes = yield from documents.best(question, sources, cancel)
    return "\n\n".join(f"{' '.join(quote.text.split())} [{quote.source.number}]" for quote in quotes)


def must_write(model: Model) -> None:
    """Raises `GuideOnlyQuotes` where something is to be written from documents, and not quoted."""
    if model.built_in:
        raise GuideOnlyQuotes(model=model.name)


def _alike(one: str, other: str) -> bool:
    """Whether two answers say the same; also where they are equal."""
    stretches, others = ({text[at : at + 3] for at in range(len(text) - 2)} for text in (one, other))
    return len(stretches & others) >= ALIKE * min(len(stretches), len(others))


def _words(text: str) -> int:
    others = sum(letter.isalnum() and not letter.isascii() for letter in text)
    return len("".join(letter if letter.isascii() else " " for letter in text).split()) + -(-others // LETTERS_A_WORD)
