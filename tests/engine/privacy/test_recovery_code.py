"""The recovery code: what is shown is what can be typed, however clumsily; a slip is noticed."""

import re

import pytest

from engine.privacy import recovery_code
from engine.privacy.recovery_code import ALPHABET, CodeMistyped, looks_like_one, new, typed, written

CODE = bytes(range(100, 120))


def test_a_code_has_a_hundred_and_sixty_bits_in_nine_groups_of_four() -> None:
    assert len(new()) == 20
    assert new() != new()
    assert re.fullmatch(rf"([{ALPHABET}]{{4}}-){{8}}[{ALPHABET}]{{4}}", written(CODE))


@pytest.mark.parametrize("code", [bytes(20), b"\xff" * 20, CODE, new()])
def test_what_is_shown_can_be_typed(code: bytes) -> None:
    assert typed(written(code)) == code


@pytest.mark.parametrize(
    "clumsy",
    [
        str.lower,
        lambda text: text.replace("-", ""),
        lambda text: f"\n  {text.replace('-', ' ')}\t",
        lambda text: text.replace("-", " – ").replace("0", "O").replace("1", "l"),
        lambda text: text.replace("0", "o").replace("1", "I"),
        lambda text: "".join(chr(ord(letter) + 0xFEE0) for letter in text),  # wide letters
        lambda text: text.replace("-", "ー"),
    ],
)
def test_clumsy_typing_is_forgiven(clumsy: object) -> None:
    assert callable(clumsy)
    for code in (CODE, bytes(20), bytes([0, 68, 50, 20] * 5)):
        assert typed(clumsy(written(code))) == code


def test_every_single_slip_and_every_swap_of_neighbours_is_noticed() -> None:
    letters = written(CODE).replace("-", "")
    unnoticed = []
    for at, letter in enumerate(letters):
        wrong = [letters[:at] + other + letters[at + 1 :] for other in ALPHABET if other != letter]
        if at + 1 < len(letters) and letters[at + 1] != letter:
            wrong.append(letters[:at] + letters[at + 1] + letter + letters[at + 2 :])
        unnoticed += [text for text in wrong if looks_like_one(text)]
    assert unnoticed == []


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "0 letters"), ("ABCD-EFGH", "8 letters"), ("U" * 36, "“U” occurs"), ("é" * 36, "“É” occurs")],
)
def test_what_can_be_no_code_is_told_without_trying(text: str, why: str) -> None:
    with pytest.raises(CodeMistyped, match=why):
        typed(text)


def test_a_passphrase_is_not_taken_for_a_code() -> None:
    assert not looks_like_one("correct horse battery staple")
    assert looks_like_one(recovery_code.written(new()))
