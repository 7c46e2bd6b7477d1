"""The corpus is read whole, its faults are named, and what is held back is never learned from."""

from pathlib import Path

import pytest

from engine.chat import guide
from guide_model.corpus import OUTSIDE, Block, Corpus, divided, folded, read, words
from guide_model.places import CORPUS
from tests.guide_model.conftest import written


def test_a_block_is_its_ways_of_asking_its_answers_and_its_passage(corpus: Corpus) -> None:
    assert corpus.faults == ()
    by_name = {block.name: block for block in corpus.blocks}
    assert len(by_name["en/adding/1"].asked) == 6
    assert by_name["en/adding/2"].answers == ("Press Stop.",)
    assert by_name["en/reading/1"].passages == ("The sea is salt. The moon is far.",)
    assert by_name["ja/adding/1"].page == "adding"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("? asked\n", "en/page.txt:1: a block without an answer"),
        ("! answered\n", "en/page.txt:1: a block without a way of asking"),
        ("? asked\nanswered\n! answered\n", "en/page.txt:2: no line of a block: 'answered'"),
        (f"\n? asked\n! {'word ' * 81}\n", "en/page.txt:2: an answer of 81 words"),
        ("? Ask it!\n! one\n\n? ask it\n! two\n", "en/page/2: asked in en/page/1 too: 'ask it'"),
    ],
)
def test_every_fault_is_named_with_its_place(tmp_path: Path, text: str, fault: str) -> None:
    assert fault in read(written(tmp_path, {"en/page.txt": text})).faults


def test_the_answer_of_a_reading_task_stands_in_its_passage(tmp_path: Path) -> None:
    (fault,) = read(written(tmp_path, {"en/reading.txt": "> The sea is salt.\n? what\n! The sea is sweet.\n"})).faults
    assert "stands not in the passage" in fault


def test_some_ways_of_asking_of_a_large_block_are_held_back_and_always_the_same_ones(
    blocks: tuple[Block, ...],
) -> None:
    once, again = divided(blocks), divided(blocks)
    assert once == again
    assert [block.name for block, _ in once.held_back] == ["en/adding/1"]
    learned = {asked for block in once.learned for asked in block.asked}
    assert not learned & {asked for _, asked in once.held_back}
    assert learned | {asked for _, asked in once.held_back} == {asked for block in blocks for asked in block.asked}


def test_texts_are_compared_without_case_width_and_punctuation() -> None:
    assert folded("Ａdd Files…?") == folded("add files") == "addfiles"
    assert folded("What is ≈?") != folded("What is ✓?")
    assert folded("「?」とは") != folded("「✓」とは")


def test_two_japanese_letters_count_as_a_word() -> None:
    assert words("one two three", "en") == 3
    assert words("文書を開く。", "ja") == 3
    assert words("Hanare を開く", "ja") == 3


def test_the_corpus_of_the_project_has_no_faults() -> None:
    assert read(CORPUS).faults == ()


def test_what_is_declined_is_told_by_its_beginning_and_nothing_else_begins_so() -> None:
    for block in read(CORPUS).blocks:
        assert block.answers[0].startswith(guide.BEYOND) == (block.page == OUTSIDE), block.name
