"""What it takes to have a model read documents in passes, about: told before it begins."""

import contextlib
from collections.abc import Sequence

from engine.chat.answer import prompt_tokens
from engine.chat.read_all import AROUND_TOKENS, NOTE, noting
from engine.documents import Documents
from engine.errors import NotFound
from engine.runtime.measures import estimated_tokens
from engine.types import Document, DocumentState, Model, ReadingCost, Speed, Wanted

SAMPLED = 20  # documents whose beginnings tell how many tokens their letters make
SAMPLE = 2000  # letters of each
NOTED_TOKENS = 80  # about what the notes of one pass have


def reading_cost(
    documents: Documents, among: Sequence[Document], model: Model, wanted: Wanted, speed: Speed | None
) -> ReadingCost:
    """The cost of reading `among`; its time from the `speed` of an earlier answer of that model."""
    read = [one for one in among if one.state is DocumentState.READ and one.passages]
    passages = sum(one.passages for one in read)
    letters = documents.letters([one.id for one in read])
    tokens = int(letters * _tokens_a_letter(documents, read)) + passages * AROUND_TOKENS
    room = prompt_tokens(model, noting(wanted, model)) - estimated_tokens(NOTE)
    passes = -(-tokens // max(1, room))
    seconds = None
    if speed is not None and speed.reading_tokens_per_s and speed.tokens_per_s:
        seconds = tokens / speed.reading_tokens_per_s + passes * NOTED_TOKENS / speed.tokens_per_s
    return ReadingCost(documents=len(among), tokens=tokens, passes=passes, seconds=seconds)


def _tokens_a_letter(documents: Documents, read: Sequence[Document]) -> float:
    sample = ""
    for document in read[:: len(read) // SAMPLED + 1]:
        with contextlib.suppress(NotFound):  # it was removed a moment ago
            sample += documents.page(document.id, 1).text[:SAMPLE]
    return estimated_tokens(sample) / len(sample) if sample else 0.0
