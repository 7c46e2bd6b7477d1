"""Tokens on their way to a reader: sent together, in whole characters, and no later than a stop text asks for."""

from collections.abc import Callable
from typing import cast

import pytest

from engine import wire
from engine.worker.model.reply import PIECE_S, Reply
from engine.worker.model.vocabulary import Vocabulary

KYO = "京".encode()
SPELLED = (b"one ", b"two ", KYO[:1], KYO[1:], b"END", b"three")
ONE, TWO, FIRST_BYTE, OTHER_BYTES, END, THREE = range(len(SPELLED))


class Spelling:
    """A vocabulary that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def piece(self, token: int) -> bytes:
        self.asked += 1
        return SPELLED[token]


Make = Callable[..., Reply]


@pytest.fixture
def sent() -> list[wire.Token]:
    return []


@pytest.fixture
def spelling() -> Spelling:
    return Spelling()


@pytest.fixture
def reply(sent: list[wire.Token], spelling: Spelling) -> Make:
    def make(*stops: str) -> Reply:
        def report(message: wire.Message) -> None:
            sent.append(cast("wire.Token", message))

        return Reply(report, wire.Generate(job=1, stop=stops), cast("Vocabulary", spelling), None)

    return make


def test_between_two_pieces_nothing_is_spelled_and_then_all_that_came_is_sent_as_one(
    reply: Make, sent: list[wire.Token], spelling: Spelling
) -> None:
    one = reply()
    one.add(ONE, 1.0)
    assert [(token.text, token.tokens) for token in sent] == [("one ", 1)]
    for token in (TWO, FIRST_BYTE, OTHER_BYTES):
        one.add(token, 1.0 + PIECE_S / 2)
    assert spelling.asked == 1
    one.add(THREE, 1.0 + PIECE_S)
    assert [(token.text, token.tokens) for token in sent[1:]] == [("two 京three", 5)]


def test_half_a_character_waits_for_its_other_half_and_none_is_sent_at_the_end(
    reply: Make, sent: list[wire.Token]
) -> None:
    one = reply()
    one.add(FIRST_BYTE, 1.0)
    assert not sent
    one.add(OTHER_BYTES, 1.0)
    one.add(TWO, 1.0)
    one.add(FIRST_BYTE, 1.0)
    one.finish()
    assert [token.text for token in sent] == ["京", "two "]
    assert one.text == "京two "


def test_a_stop_text_ends_the_answer_with_the_token_that_completes_it_however_soon_that_comes(
    reply: Make, sent: list[wire.Token]
) -> None:
    one = reply("END")
    one.add(ONE, 1.0)
    one.add(TWO, 1.0)
    assert not one.ended
    one.add(END, 1.0)
    assert one.ended
    one.finish()
    assert "".join(token.text for token in sent) == "one two "
