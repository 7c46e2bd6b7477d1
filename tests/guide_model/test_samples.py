"""What is learned from is the same for one seed, counts answers alone, and quotes as the program asks to."""

import random
from dataclasses import replace
from pathlib import Path

from engine.chat.quoting import TASK
from guide_model.corpus import OUTSIDE, Block, divided
from guide_model.guide_text import guide_pages, hints
from guide_model.samples import Samples, answers, reading
from guide_model.spelling import BEGIN, END, GUIDE, USER, Spelling


def test_an_epoch_is_the_same_for_the_same_number_and_another_for_another(samples: Samples) -> None:
    assert samples.epoch(3) == samples.epoch(3)
    assert samples.epoch(3) != samples.epoch(4)


def test_each_way_of_asking_comes_up_in_the_questions_and_more_that_are_declined(
    samples: Samples, spelling: Spelling, blocks: tuple[Block, ...]
) -> None:
    asked = [block for block in divided(blocks).learned if not block.passages for _ in block.asked]
    assert samples.questions(0) == samples.questions(0) != samples.questions(1)

    def times(answer: str) -> int:
        return sum(question.answer == spelling.answer(answer) for question in samples.questions(0))

    for block in blocks:
        if not block.passages:
            assert times(block.answers[0]) >= sum(one.answers == block.answers for one in asked)
    declined = [block for block in asked if block.page == OUTSIDE]
    assert sum(times(answer) for answer in {block.answers[0] for block in declined}) > len(declined)


def test_a_question_is_answered_by_one_token_and_nothing_else_counts(samples: Samples, spelling: Spelling) -> None:
    answered = [sample for sample in samples.epoch(0) if sample.tokens[-2] >= spelling.first_answer]
    assert answered
    for sample in answered:
        assert sample.tokens[:2] == (BEGIN, USER)
        assert sample.tokens[-4:-2] == (END, GUIDE)
        assert sample.tokens[-1] == END
        assert sample.counts[-2:] == (1.0, 1.0)
        assert not any(sample.counts[:-2])


def test_the_same_answer_is_one_token_on_whatever_page_it_stands(blocks: tuple[Block, ...]) -> None:
    twin = replace(blocks[0], number=99, page="other")
    assert answers([*blocks, twin]) == answers(blocks)
    assert answers([replace(twin, answers=("Something else.", "More."))]) == {"Something else.": "other"}


def test_a_reading_task_is_put_in_the_words_of_the_program() -> None:
    told = reading("what is salt", ["The sea is salt.", "The moon is far."])
    assert told.startswith(TASK.words)
    assert "[2] (text.txt)\nThe moon is far." in told
    assert told.endswith("Question: what is salt")


def test_hints_are_words_of_the_text_in_their_order() -> None:
    text = "Open Documents and choose Add files."
    for seed in range(20):
        found = hints(text, "en", random.Random(seed)).split()
        assert found == [word.strip(".") for word in text.split() if word.strip(".") in found]
        assert 1 <= len(found) <= 4
    assert hints("文書を開きます。", "ja", random.Random(0)).replace(" ", "") in "文書を開きます"


def test_the_marks_of_a_page_are_no_part_of_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    page = "# Backups\n\n1. Open **Privacy**.\n2. See [the trash](t.md), or\n   `hanare backup`.\n\n![Picture](a.png)\n"
    (folder / "backups.md").write_text(page, encoding="utf-8")
    (folder / "index.md").write_text("# The guide\n\nA list of all pages.\n", encoding="utf-8")
    (found,) = guide_pages(tmp_path, ["en"])
    assert (found.name, found.paragraphs) == (
        "backups", ("1. Open Privacy. 2. See the trash, or hanare backup.",),
    )  # fmt: skip
