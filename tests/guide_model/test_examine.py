"""An answer counts as right when it holds every fact, and as declined when it is one of the fixed answers."""

import json

import pytest

from guide_model.corpus import LANGUAGES
from guide_model.examine import Answered, examined, holds, titles
from guide_model.places import HERE


def answer(*, outside: bool = False, right: bool | None = True, words: int = 10, declined: bool = False) -> Answered:
    """One answer of an examination."""
    return Answered(0, outside, "", words, declined, None if outside else True, right)


def test_an_answer_holds_the_facts_when_it_has_one_text_of_every_group() -> None:
    facts = [["Documents"], ["Add files", "Add folder"]]
    assert holds("Open documents and choose ADD FOLDER….", facts)
    assert not holds("Open Documents.", facts)
    assert not holds("Choose Add files.", facts)


def test_case_width_and_room_do_not_matter() -> None:
    assert holds("「文書」で Ｃｔｒｌ＋６ を押します", [["ctrl+6"]])
    assert holds("Add\n  files", [["add files"]])


def test_the_shares_count_what_was_asked_and_what_was_declined() -> None:
    found = examined([answer(), answer(right=False), answer(outside=True, declined=True)], "en")
    assert (found.right, found.declined, found.asked, found.outside) == (0.5, 1.0, 2, 1)
    assert not found.passed


def test_an_examination_is_passed_by_right_short_answers_alone() -> None:
    good = [answer(), answer(outside=True, declined=True)]
    assert examined(good, "en").passed
    assert not examined([*good, answer(words=81)], "en").passed
    assert not examined([*good, answer(right=None)], "en").passed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_names_a_page_of_the_guide(language: str) -> None:
    held_out = json.loads((HERE / f"held_out.{language}.json").read_text(encoding="utf-8"))
    named = {one["title"] for one in held_out["asked"]}
    assert named <= set(titles())
