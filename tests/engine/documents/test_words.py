"""Words: what is found, and what is marked."""

import re
import unicodedata
from itertools import pairwise

import pytest

from engine.documents.folding import fold
from engine.documents.words import index_words, marks, read_query


def marked(text: str, query: str) -> list[str]:
    """The stretches of `text` that `query` marks."""
    return [text[start:end] for start, end in marks(text, read_query(query))]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("The Memory of a model", "memory", ["Memory"]),
        ("Résumé and naïve", "resume NAIVE", ["Résumé", "naïve"]),
        ("設定を開けません", "設定", ["設定"]),
        ("ｶﾞｿﾘﾝの値段", "ガソリン", ["ｶﾞｿﾘﾝ"]),
        ("秘密鍵と鍵穴", "鍵", ["鍵", "鍵"]),
        ("契約の有効期間は一年", "有効期間", ["有効期間"]),
        ("署\n名の検証", "署名", ["署\n名"]),
        ("infor-\nmation is here", "information", ["infor-\nmation"]),
        ("two models run", "model", ["models"]),
        ("quantization", "quan", ["quantization"]),
        ("A new house. The house is new.", '"new house"', ["new house"]),
        ("①と２", "1 2", ["①", "２"]),
        ("𠮷野家と𠮷田", "𠮷野", ["𠮷野"]),
        ("nothing here", "else", []),
    ],
)
def test_a_query_marks_what_it_matches(text: str, query: str, found: list[str]) -> None:
    assert marked(text, query) == found


def test_words_that_carry_no_matter_are_left_out_of_a_question_but_not_of_a_search_for_them() -> None:
    assert [unit.words for unit in read_query("what is the house?").may] == [("house",)]
    assert ("the",) in [unit.words for unit in read_query("the").may]


def test_only_a_word_still_being_typed_may_be_a_beginning() -> None:
    assert any(unit.beginning for unit in read_query("my quan").may)
    assert not any(unit.beginning for unit in read_query("my quan ").may)
    assert not any(unit.beginning for unit in read_query("is it quan?").may)


def test_stems_stand_behind_the_words_and_disturb_no_phrase() -> None:
    assert index_words("Two models, stopped.") == "two models stopped model stop"


@pytest.mark.parametrize("query", ["", "   ", "?!", '""', '"', "' OR 1=1 --", "NEAR(a b)", "*", "「」"])
def test_what_is_no_word_is_no_query(query: str) -> None:
    assert all(word.isalnum() for unit in read_query(query).may for word in unit.words)


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("ごみ箱は台所", "ゴミ箱", ["ごみ箱"]),
        ("ゴミ箱は台所", "ごみ箱", ["ゴミ箱"]),
        ("ゴミの日", "ごみ", ["ゴミ"]),
        ("ｺﾞﾐの日", "ごみ", ["ｺﾞﾐ"]),
        ("消しゴムを買う", "消しごむ", ["消しゴム"]),
        ("けしごむを買う", "ケシゴム", ["けしごむ"]),
        ("りんごの木", "赤いリンゴ", ["りんご"]),
        ("サーバを再起動", "サーバーの再起動", ["サーバ", "再起動"]),
        ("サーバーを再起動", "サーバ", ["サーバ"]),
        ("やっぱり行く", "花のパリ", []),
        ("きょう", "きよう", []),  # small kana are other kana
        ("ごみ箱は台所", "「ゴミ箱」", []),
    ],
)
def test_japanese_is_found_in_the_other_kana_and_without_the_last_long_vowel(
    text: str, query: str, found: list[str]
) -> None:
    assert marked(text, query) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("snake_case, Don't-stop 3.14\tEnd", "snake case don t stop 3 14 end"),
        ("the “house”—old–new…", "the house old new"),
        ("naïve Ω and ٣ and x²", "naive ω and ٣ and x2"),
        ("「設定」、PDFを開く。鍵", "設定 定 pdf を開 開く く 鍵"),
        ("ゝ々ー・Word漢", "ゝ々 々ー ー word 漢"),
    ],
)
def test_words_are_told_apart_by_all_that_is_no_letter_and_runs_by_pairs(text: str, words: str) -> None:
    """Also where a mark of the text is looked for apart from the others."""
    assert index_words(text) == words


def test_usual_japanese_is_folded_as_any_other_text() -> None:
    for start in range(0, 0x10000, 64):
        text = "".join(sign for sign in map(chr, range(start, start + 64)) if not "\ud800" <= sign <= "\udfff")
        for piece in (text, *text):
            apart = re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", piece))
            assert fold(piece) == unicodedata.normalize("NFKC", apart).casefold(), ascii(piece)


@pytest.mark.parametrize("between", [" ", "、", " a ", "ab12", "é"])
def test_runs_of_japanese_become_pairs_and_a_last_character_each_for_itself(between: str) -> None:
    runs = ["鍵", "設定", "署名の𠮷", "가나"]
    paired = [" ".join([*map("".join, pairwise(run)), run[-1]]) for run in runs]
    word = fold(between).strip(" 、")
    assert index_words(between.join(runs)) == (f" {word} " if word else " ").join(paired)
