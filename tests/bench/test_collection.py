"""Collections are read from SQuAD's form and from TREC's folders."""

import json
from pathlib import Path

import pytest

from bench.collection import Collection, read


def test_a_paragraph_answers_its_questions_and_the_same_text_is_one_document(tmp_path: Path) -> None:
    def paragraph(context: str, *questions: str, **more: bool) -> dict[str, object]:
        return {"context": context, "qas": [{"question": one, **more} for one in questions]}

    groups = [
        {"paragraphs": [paragraph("first", "a?", "b?"), paragraph("second", "c?")]},
        {"paragraphs": [paragraph("first", "d?"), paragraph("third", "e?", is_impossible=True)]},
    ]
    path = tmp_path / "some.json"
    path.write_text(json.dumps({"data": groups}), encoding="utf-8")
    assert read(path) == Collection(
        "some", ["first", "second", "third"], ["a?", "b?", "c?", "d?"], [{0: 1}, {0: 1}, {1: 1}, {0: 1}]
    )


def trec(folder: Path, qrels: str) -> Path:
    """A folder of three documents and two questions."""
    (folder / "docs" / "more").mkdir(parents=True)
    for name, text in (("d1.txt", "one"), ("d2.md", "two"), ("more/d3.txt", "three")):
        (folder / "docs" / name).write_text(text, encoding="utf-8")
    (folder / "queries.tsv").write_text("q1\twhich is one?\nq2\twhich is\ttwo?\n", encoding="utf-8")
    (folder / "qrels.txt").write_text(qrels, encoding="utf-8")
    return folder


def test_a_folder_has_documents_questions_and_grades(tmp_path: Path) -> None:
    found = read(trec(tmp_path / "small", "q2 0 d2 2\nq2 0 d1 0\nq2 0 d3 1\n\nq1 0 d2 0\n"))
    assert found.name == "small"
    assert found.texts == ["one", "two", "three"]
    assert found.questions == ["which is\ttwo?"]  # nothing answers the other
    assert found.answers == [{1: 2, 2: 1}]


def test_documents_may_be_the_lines_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "docs.tsv").write_text("d1\tone\n\nd2\ttwo\n", encoding="utf-8")
    (tmp_path / "queries").write_text("q\tsecond?\n", encoding="utf-8")
    (tmp_path / "qrels").write_text("q\t0\td2\t1\n", encoding="utf-8")
    assert read(tmp_path) == Collection(tmp_path.name, ["one", "two"], ["second?"], [{1: 1}])


@pytest.mark.parametrize("qrels", ["q1 0 d1", "q1 0 d9 1", "q1 0 d1 much"])
def test_grades_that_are_none_are_refused(tmp_path: Path, qrels: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which line is wrong differs
        read(trec(tmp_path / "small", qrels))


def test_what_has_neither_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="is no collection"):
        read(tmp_path / "list.json")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="has 0 of docs, not one"):
        read(tmp_path / "empty")
