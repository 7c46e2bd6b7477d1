"""How the built-in guide is asked: by the question alone, for its likeliest answer, and others where it is not sure.

Each of its answers is one token of its vocabulary, so what it writes is one of them, whole. A person's own
instructions, what was said before or a throw of the dice would only lead it astray; so none of these reach it.
From documents it is not asked: ranking finds the sentences that answer better than a model of its size.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import exp

from engine.documents import Documents
from engine.errors import GuideOnlyQuotes
from engine.events import Event, TextAdded, TokenWeighed
from engine.forms import FREE
from engine.operation import Cancel, Operation, heard
from engine.types import Message, MessageState, Model, Source, Wanted, Written

MOST_TOKENS = 1  # of an answer
LIKELIEST = 12  # tokens that come into question, refusals and pieces among them
DOUBTED = 0.5  # how likely, to its likeliest answer, the refusals together may be; found on questions it never learned
NEARLY = 3.0  # how much less likely than the first another answer may be, in nats: a twentieth
MOST_ANSWERS = 3  # that it says at once
MOST_WORDS = 80  # of what it says at once
LETTERS_A_WORD = 2  # where words are not set apart, as in Japanese
ALIKE = 0.5  # share of the shorter one's stretches of three letters that the other has, too: it tells nothing new
LONGEST_PIECE = 12  # letters of any token of its vocabulary that is no answer
RANKED = "These are the sentences of your documents that fit best; no model was asked."
BEYOND = ("That is beyond me", "それは私", "それは手引きに")  # how the answers begin with which it declines


def alone(messages: Sequence[Message]) -> Sequence[Message]:
    """What it is given of a conversation: it never met one while it learned."""
    return messages[-1:]


def asked_for(wanted: Wanted) -> Wanted:
    """The same, with how likely its other answers were, and without what would cut or bend one of its answers."""
    return replace(wanted, likeliest=max(wanted.likeliest, LIKELIEST), stop=(), weights=(), form=FREE)


def weighed_up(work: Operation[Written], *, weighed: bool) -> Operation[Written]:
    """Do the work of one token, and say what its odds come to.

    Yields what the work does, but for the text, which comes whole and last; TokenWeighed only to whom wants it
    `weighed`.
    """
    odds: list[tuple[tuple[str, float], ...]] = []

    def passed_on(event: Event) -> Event | None:
        if isinstance(event, TextAdded):
            return None
        if not isinstance(event, TokenWeighed):
            return event
        odds.append(event.odds.others)
        return event if weighed else None

    written = yield from heard(work, passed_on)
    if written.state is MessageState.CUT:  # after one token, which is all of an answer
        written = replace(written, state=MessageState.COMPLETE)
    if odds and written.text and (said := said_by(odds[0])):
        written = replace(written, text="\n\n".join(said))
    if written.text:
        yield TextAdded(text=written.text, tokens=written.speed.tokens)
    return written


def said_by(odds: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """What is said where these are the likeliest tokens, each with the logarithm of its probability.

    It declines where the refusals together are likely enough; otherwise it says the likeliest answer, and others that
    are nearly as likely, say something else and make no more words than `MOST_WORDS` with those before. Nothing where
    all are mere pieces.
    """
    refusals = [(text, odd) for text, odd in odds if text.startswith(BEYOND)]
    answers = [(text, odd) for text, odd in odds if len(text) > LONGEST_PIECE and not text.startswith(BEYOND)]
    if not (answers or refusals):
        return ()
    if not answers or sum(exp(odd) for _, odd in refusals) >= DOUBTED * exp(answers[0][1]):
        return (refusals[0][0].strip(),)
    said = [answers[0][0].strip()]
    for text, odd in answers[1:]:
        if answers[0][1] - odd > NEARLY or len(said) == MOST_ANSWERS:
            break
        if not any(_alike(text, other) for other in said) and sum(map(_words, (*said, text))) <= MOST_WORDS:
            said.append(text.strip())
    return tuple(said)


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
