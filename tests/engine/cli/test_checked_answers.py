"""What `hanare ask` says of how far the passages support its answer, and when there is none."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli.ask import answer_facts, ask
from engine.cli.printing import Screen, as_json
from engine.engine import Cancel, Engine, finish
from engine.types import Model, Refusal


@pytest.fixture
def model(engine: Engine, add_model: Callable[..., Model], tmp_path: Path) -> Model:
    (tmp_path / "lease.txt").write_text(
        "The deposit is 1,200 euro. It is returned within thirty days after the end of the tenancy.", encoding="utf-8"
    )
    finish(engine.documents.add([tmp_path / "lease.txt"], Cancel()))
    return add_model()


def asked(engine: Engine, model: Model, question: str) -> tuple[str, dict[str, object]]:
    out = io.StringIO()
    answer = ask(engine, Screen(out=out, err=io.StringIO()), question, Cancel(), model_id=model.id)
    return out.getvalue(), json.loads(json.dumps(as_json(answer_facts(answer))))


def test_what_is_not_supported_is_listed_after_the_answer(engine: Engine, model: Model) -> None:
    said, facts = asked(engine, model, "When is the deposit returned? The deposit is 77 euro.")
    assert "supported by the passages." in said
    assert "not there: 77" in said
    marks = facts["checked"]
    assert isinstance(marks, list)
    wrong = next(one for one in marks if one["unfound"])
    text = facts["text"]
    assert isinstance(text, str)
    assert [text[start:end] for start, end in wrong["unfound"]] == ["77"]
    right = next(one for one in marks if one["support"] == "supported")
    assert right["source"]["file"].endswith("lease.txt")
    assert (facts["refused"], facts["withheld"]) == (None, "")


def test_where_only_the_documents_are_to_answer_the_command_says_that_they_do_not(
    engine: Engine, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.change_settings(only_supported=True)
    said, facts = asked(
        engine, model, "Which deposit of minerals does the tallest penguin colony of Antarctica defend?"
    )
    assert said.startswith("Not found in your documents.")
    assert facts["refused"] == Refusal.WEAK.value
    said, facts = asked(engine, model, "When is the deposit returned?")
    assert said.count("thirty days") == facts["text"].count("thirty days")  # type: ignore[attr-defined]
    monkeypatch.setattr("engine.chat.asking.cited", lambda *_: ("Penguins eat krill.", ""))
    said, facts = asked(engine, model, "When is the deposit returned?")
    assert "Penguins" not in said
    assert (facts["refused"], facts["text"], facts["withheld"]) == ("unsupported", "", "Penguins eat krill.")


def test_a_citation_of_no_passage_is_removed_and_that_is_said(engine: Engine, model: Model) -> None:
    said, facts = asked(engine, model, "When is the deposit returned? [77]")
    assert "One citation of a passage that does not exist was removed." in said
    assert facts["note"] == "One citation of a passage that does not exist was removed."
    said, facts = asked(engine, model, "When is the deposit returned? [1]")
    assert "was removed" not in said
    assert facts["note"] == ""
