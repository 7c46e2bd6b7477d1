"""What is learned from is the same for one seed, counts answers and topics, and quotes as the program asks to."""

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from engine.chat.quoting import TASK
from guide_model.corpus import Block, divided
from guide_model.guide_text import guide_pages, hints
from guide_model.samples import Samples, reading, topic_of, topics
from guide_model.spelling import END, GUIDE, USER, Spelling


def test_an_epoch_is_the_same_for_the_same_number_and_another_for_another(samples: Samples) -> None:
    assert samples.epoch(3) == samples.epoch(3)
    assert samples.epoch(3) != samples.epoch(4)


def test_each_way_of_asking_comes_up_once_in_the_questions(samples: Samples, blocks: tuple[Block, ...]) -> None:
    asked = sum(len(block.asked) for block in divided(blocks).learned if not block.passages)
    assert len(samples.questions(0)) == asked
    assert samples.questions(0) == samples.questions(0) != samples.questions(1)


def test_an_answer_follows_the_topics_of_its_page_and_of_what_is_answered(
    samples: Samples, spelling: Spelling, blocks: tuple[Block, ...]
) -> None:
    first = spelling.first_topic
    topics = [pair for sample in samples.epoch(0) for pair in pairwise(sample.tokens) if min(pair) >= first]
    names = [(spelling.topics[page - first], spelling.topics[block - first]) for page, block in topics]
    assert ("adding", topic_of(blocks[0])) in names or ("adding", topic_of(blocks[1])) in names
    assert all(block.split("/")[1] == page for page, block in names)


def test_the_question_counts_little_the_topics_most_and_the_frame_nothing(samples: Samples, spelling: Spelling) -> None:
    for sample in samples.epoch(0):
        for token, count in zip(sample.tokens, sample.counts, strict=True):
            if token in (USER, GUIDE):
                assert count == 0.0
            if token >= spelling.first_topic:
                assert count == 4.0
        assert sample.tokens[-1] == END or sample.tokens[-1] >= spelling.first_topic
        assert sample.counts[-1] > 0


def test_blocks_of_a_page_with_the_same_answers_share_a_topic(blocks: tuple[Block, ...]) -> None:
    twin = replace(blocks[0], number=99, asked=("another way",))
    assert topic_of(twin) == topic_of(blocks[0])
    assert topics([*blocks, twin]) == topics(blocks)
    assert topic_of(replace(twin, answers=("Something else.",))) != topic_of(blocks[0])


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
