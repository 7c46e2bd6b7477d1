"""How far a question reaches, at the terminal: what it costs, what was read, and what was found before it ended."""

import io
import json
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Engine
from engine.errors import NotFound, TextNotAccepted, WorkerDied
from tests.engine.chat.test_reading_all import fill
from tests.engine.cli.test_commands import AddModel, run


@pytest.fixture
def small(engine: Engine, tmp_path: Path) -> Engine:
    """Two documents, and a context that takes a few passages at a time."""
    engine.change_settings(context_tokens=512, answer_tokens=128, system_prompt="")
    fill(engine, tmp_path / "papers", files=2, passages=2)
    return engine


def test_all_documents_are_read_and_the_answer_says_so(small: Engine, add_model: AddModel) -> None:
    add_model()
    status, out = run(small, "ask", "--all", "--model", "echo", "!note marks")
    assert status == 0
    assert out.startswith("To read: 2 documents, about ")
    assert "Read 2 of 2 files: 4 passages in " in out
    told = json.loads(run(small, "ask", "--all", "--model", "echo", "--json", "!note marks")[1])
    assert (told["coverage"]["read"], told["coverage"]["documents"]) == (2, 2)
    assert len(told["sources"]) == 4


def test_a_whole_document_is_named_by_its_name_its_number_or_its_path(small: Engine, add_model: AddModel) -> None:
    add_model()
    first = small.documents.all()[0]
    for named in (first.path.name, str(first.id), str(first.path)):
        told = json.loads(run(small, "ask", "--whole", named, "--model", "echo", "--json", "!note")[1])
        assert {source["file"] for source in told["sources"]} == {str(first.path)}
        assert told["fitting"]["tokens"] <= told["fitting"]["room"]
    assert "Answered from the whole document" in run(small, "ask", "--whole", "1", "--model", "echo", "!note")[1]
    with pytest.raises(NotFound):
        run(small, "ask", "--whole", "nothing.txt", "!note")


def test_two_documents_of_one_name_must_be_told_apart(small: Engine, tmp_path: Path) -> None:
    other = tmp_path / "others"
    fill(small, other, files=1)
    with pytest.raises(TextNotAccepted):
        run(small, "ask", "--whole", "paper 00.txt", "harbour?")


def test_what_was_noted_before_a_model_died_is_printed(small: Engine, add_model: AddModel, tmp_path: Path) -> None:
    add_model()
    (tmp_path / "zz.txt").write_text("!die", encoding="utf-8")
    run(small, "index", "--words-only", str(tmp_path / "zz.txt"))
    printed: list[str] = []
    with pytest.raises(WorkerDied):
        _printing(small, printed, "ask", "--all", "--model", "echo", "!note marks")
    assert "mark0" in printed[0]
    assert "[1] paper 00.txt" in printed[0]


def test_a_question_to_everything_is_told_of_all(small: Engine, add_model: AddModel) -> None:
    add_model()
    assert "hanare ask --all" in run(small, "ask", "--model", "echo", "List all marks of the harbour")[1]
    assert "hanare ask --all" not in run(small, "ask", "--model", "echo", "What of the harbour?")[1]


def test_beside_an_answer_with_a_form_nothing_is_printed(small: Engine, add_model: AddModel) -> None:
    add_model()
    _, out = run(small, "ask", "--all", "--model", "echo", "--json-answer", "!note !judged:valid marks")
    assert "Read 2 of 2" not in out
    assert "To read:" not in out


def _printing(engine: Engine, printed: list[str], *words: str) -> None:
    """As `run`, and what was written until an error is in `printed`."""
    given, out = parser().parse_args(words), io.StringIO()
    try:
        given.run(engine, given, Screen(out=out))
    finally:
        printed.append(out.getvalue())
