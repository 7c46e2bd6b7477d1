"""Text is cut exactly as llama.cpp cuts it, and comes back whole."""

import random
from pathlib import Path

import pytest

from guide_model.spelling import FIRST_BYTE, Spelling

TEXTS = [
    "how do I add a file", "a", " two  rooms ", "tab\tand\nline", "文書を追加するには", "日本語 with English",
    "🙂 鬱 ñ", "ＷＩＤＥ", "<|user|>", "12345", "Open Documents and choose Add files….",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_as_it_was(spelling: Spelling, text: str) -> None:
    assert spelling.decode(spelling.encode(text)) == text


def test_a_letter_that_was_never_met_is_spelled_in_bytes(spelling: Spelling) -> None:
    tokens = spelling.encode("鬱")
    assert [token - FIRST_BYTE for token in tokens[-3:]] == list("鬱".encode())


def test_no_text_spells_a_token_of_the_conversation_or_an_answer(spelling: Spelling) -> None:
    for text in ("<|user|><|guide|>", *spelling.answers):
        assert all(FIRST_BYTE <= token < spelling.first_answer for token in spelling.encode(text))


def test_an_answer_is_one_token_that_shows_as_all_of_it(spelling: Spelling) -> None:
    assert spelling.answers
    for answer in spelling.answers:
        assert spelling.decode([spelling.answer(answer)]) == answer


def test_cutting_it_otherwise_spells_a_word_in_more_ways_that_are_the_same_text(spelling: Spelling) -> None:
    usual = spelling.encode("documents and files")
    found = [spelling.encode("documents and files", otherwise=1.0, chance=random.Random(seed)) for seed in range(20)]
    assert {spelling.decode(tokens) for tokens in found} == {"documents and files"}
    assert any(tokens != usual for tokens in found)


def test_no_piece_reaches_from_one_word_or_script_into_another(spelling: Spelling) -> None:
    for piece in spelling.pieces:
        assert " " not in piece
        assert "\u2581" not in piece[1:]
        scripts = {("kana" if "\u3040" <= letter <= "\u309f" else "han") for letter in piece if letter > "\u3040"}
        assert len(scripts) <= 1


def test_a_vocabulary_that_was_kept_is_the_same(spelling: Spelling, tmp_path: Path) -> None:
    path = tmp_path / "spelling.json"
    spelling.save(path)
    assert Spelling.load(path) == spelling
