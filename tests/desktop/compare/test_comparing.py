"""One prompt, two models: streaming side by side, figures, and failures that stay in their column."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from desktop.jobs import Jobs
from desktop.pages.compare.column import better, figure_text
from desktop.pages.compare.view import CompareView
from engine.engine import Cancel, Engine, finish
from engine.runtime import fit as memory_fit
from engine.types import Speed
from tests.desktop.compare.conftest import ComparePage
from tests.fakes.gguf_bytes import model_bytes
from tests.fakes.tiny_gguf import write as write_tiny
from tests.fakes.tiny_lora import Lora


def test_with_fewer_than_two_models_the_page_leads_to_the_models(empty_page: ComparePage) -> None:
    asked: list[str] = []
    empty_page.view.page_requested.connect(asked.append)
    empty_page.add_model("only")
    assert empty_page.view.middle.currentWidget() is empty_page.view.empty
    empty_page.view.models_button.click()
    assert asked == ["models"]
    empty_page.add_model("another")
    assert empty_page.view.middle.currentWidget() is not empty_page.view.empty


def test_two_different_models_are_chosen_at_first(page: ComparePage) -> None:
    left, right = page.view.model_ids
    assert left != right


def test_both_answers_appear_with_their_figures(page: ComparePage) -> None:
    page.run("the same words for both")
    for column in (page.left, page.right):
        assert column.body.text == "the same words for both"
        assert column.figures["tokens"].text() == "5"
        assert column.figures["tokens_per_s"].text() == "100"
        assert column.figures["peak_bytes"].text() == "64 MB"
        assert column.note.isHidden()


def test_in_turn_the_right_one_waits_and_at_once_both_write(page: ComparePage) -> None:
    page.begin("!slow")
    page.until(lambda: "tick" in page.left.body.text)
    assert page.right.phase.text() == "Waits until the left one has finished."
    page.view.stop_requested.emit()
    page.until(lambda: not page.busy)
    page.view.at_once.setChecked(True)
    page.begin("!slow")
    page.until(lambda: "tick" in page.left.body.text and "tick" in page.right.body.text)
    page.view.stop_requested.emit()
    page.until(lambda: not page.busy)


def test_stop_keeps_what_was_written(page: ComparePage) -> None:
    page.view.at_once.setChecked(True)
    page.begin("!slow")
    page.until(lambda: page.left.body.text.count("tick") > 2 and page.right.body.text.count("tick") > 2)
    page.qtbot.mouseClick(page.view.composer.button, Qt.MouseButton.LeftButton)
    page.until(lambda: not page.busy)
    for column in (page.left, page.right):
        assert column.body.text.count("tick") > 2
        assert "You stopped this answer." in column.note.label.text()


def test_a_model_that_dies_leaves_the_other_to_answer(page: ComparePage) -> None:
    refused = page.add_model("refused")
    page.left.picker.choose(refused)
    page.run("some words")
    assert "could not load" in page.left.note.label.text()
    assert page.right.body.text == "some words"
    page.run("!die")
    assert page.right.body.text.strip() == "dying"
    assert "stopped unexpectedly" in page.right.note.label.text()
    page.left.picker.choose(page.engine.models.all()[0].id)
    page.run("once more")
    assert page.left.body.text == page.right.body.text == "once more"


def test_a_new_run_clears_the_sheet(page: ComparePage) -> None:
    page.run("first prompt")
    page.begin("!slow")
    assert page.left.body.text == ""
    assert page.left.figures["tokens"].text() == "–"
    page.view.stop_requested.emit()
    page.until(lambda: not page.busy)


def test_both_are_given_the_same_sources(page: ComparePage, jobs: Jobs, tmp_path: Path) -> None:
    note = tmp_path / "tea.txt"
    note.write_text("Sencha is steeped for one minute at seventy degrees.", encoding="utf-8")
    assert not page.view.documents.isEnabled()
    finish(page.engine.documents.add([note], Cancel()))
    jobs.changed.emit("documents")
    page.view.documents.setChecked(True)
    page.run("How long is Sencha steeped?")
    assert [button.text() for button in page.view.sources.buttons] == ["1  tea.txt"]
    assert "steeped for one minute" in page.left.body.text
    page.left.body.source_chosen.emit(1)
    assert page.view.sources.card is not None
    page.view.sources.card.close()


FAST = Speed(tokens=10, first_token_s=0.1, tokens_per_s=50.0, peak_bytes=100_000_000)
SLOW = Speed(tokens=20, first_token_s=0.5, tokens_per_s=5.0, peak_bytes=900_000_000)


@pytest.mark.parametrize("name", ["first_token_s", "tokens_per_s", "peak_bytes"])
def test_the_better_figure_is_the_one_a_person_would_choose(name: str) -> None:
    assert better(name, FAST, SLOW) == 0
    assert better(name, SLOW, FAST) == 1
    assert better(name, FAST, FAST) is None
    assert better(name, FAST, None) is None
    assert better(name, FAST, Speed()) is None


def test_more_tokens_are_neither_better_nor_worse() -> None:
    assert better("tokens", FAST, SLOW) is None


def test_the_better_figure_is_told_to_a_screen_reader_too(page: ComparePage) -> None:
    page.left.show_speed(FAST)
    page.right.show_speed(SLOW)
    page.view.mark_better(fair=True)
    assert page.left.figures["tokens_per_s"].property("role") == "good"
    assert page.left.figures["tokens_per_s"].accessibleName().endswith("the better of the two")
    assert page.right.figures["tokens_per_s"].property("role") == ""
    page.view.mark_better(fair=False)
    assert page.left.figures["tokens_per_s"].property("role") == ""
    assert figure_text("peak_bytes", FAST) == "95.4 MB"


def test_the_prompt_stays_for_the_next_run(page: ComparePage) -> None:
    page.run("once more")
    assert page.view.composer.text == "once more"


def test_an_answer_that_has_ended_is_read_from_its_top(page: ComparePage) -> None:
    page.run("\n\n".join(f"line {number}" for number in range(120)))
    bars = [column.roll.verticalScrollBar() for column in (page.left, page.right)]
    page.until(lambda: all(bar.maximum() > 0 for bar in bars))
    assert [bar.value() for bar in bars] == [0, 0]


def test_whoever_has_scrolled_stays_there_when_the_answer_ends(page: ComparePage) -> None:
    page.run("\n\n".join(f"line {number}" for number in range(120)))
    bar = page.left.roll.verticalScrollBar()
    bar.setValue(100)
    page.left.show_end(page.left.speed, "")
    assert bar.value() == 100


def test_a_model_that_cannot_chat_is_not_offered(page: ComparePage, tmp_path: Path) -> None:
    before = page.left.picker.offered
    embedding = tmp_path / "embedding.gguf"
    embedding.write_bytes(model_bytes({"llama.pooling_type": 1}))
    model = finish(page.engine.models.add(embedding, Cancel()))
    assert model.facts.use == "embedding"
    page.view.came_on_show()
    assert page.left.picker.offered == before


def test_a_model_that_does_not_fit_can_be_loaded_anyway(page: ComparePage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: 1)
    page.run("some words")
    for column in (page.left, page.right):
        assert "No shorter context and no model that is here would fit." in column.note.label.text()
        QTimer.singleShot(0, lambda: QApplication.activeModalWidget().yes.click())
        column.note.anyway.click()
        page.until(lambda: not page.busy)
        assert column.body.text == "some words"
        assert column.note.isHidden()


def test_a_comparison_in_which_a_model_died_can_be_run_again(page: ComparePage) -> None:
    page.run("!die")
    assert not page.left.note.again.isHidden()
    page.left.note.again.click()
    page.until(lambda: not page.busy)
    assert "stopped unexpectedly" in page.left.note.label.text()


def test_one_model_with_an_adapter_is_enough_and_is_compared_without_it(
    empty_page: ComparePage, engine: Engine, tmp_path: Path
) -> None:
    model = finish(engine.models.add(write_tiny(tmp_path / "tiny.gguf"), Cancel()))
    lora = finish(engine.models.add(Lora().write(tmp_path / "lora.gguf"), Cancel()))
    page = empty_page
    page.view.came_into_view.emit()
    assert page.view.middle.currentIndex() == 0
    finish(engine.models.adapters.attach(model.id, lora.id, Cancel()))
    page.view.came_into_view.emit()
    assert page.view.middle.currentIndex() == 1
    assert page.view.model_ids == (model.id, model.id)
    assert page.left.plain.isVisible()
    page.right.plain.setChecked(True)
    assert page.view.without_adapters == (1,)
    engine.models.adapters.set_strength(model.id, lora.id, 0.0)
    page.view.came_into_view.emit()
    assert not page.right.plain.isVisible()
    assert page.view.without_adapters == ()


def test_what_a_model_thinks_is_folded_away_above_its_answer(page: ComparePage) -> None:
    page.run("!muse well")
    for column in page.view.columns:
        assert column.thoughts.text == "hm hm"
        assert not column.thoughts.isHidden()
        assert column.thoughts.prose.isHidden()
        assert column.body.text == "!muse well"
    page.run("well")
    assert all(column.thoughts.isHidden() for column in page.view.columns)


def test_the_guide_is_compared_only_where_one_chooses_it(guide: Path, page: ComparePage) -> None:
    view = CompareView(page.window)
    view.show_models(page.engine.models.for_chat(), ())
    left, right = (column.picker for column in view.columns)
    assert {left.model.name, right.model.name} == {"first", "second"}
    asked: list[str] = []
    view.bigger_requested.connect(lambda: asked.append("bigger"))
    assert left.bigger.isHidden()
    left.choose(page.engine.models.find("built-in").id)
    assert left.button.text() == "Built-in guide"
    left.bigger.click()
    assert asked == ["bigger"]


def test_the_guide_alone_is_no_comparison_and_with_another_it_is(guide: Path, empty_page: ComparePage) -> None:
    assert empty_page.view.middle.currentWidget() is empty_page.view.empty
    empty_page.add_model("first")
    assert empty_page.view.middle.currentWidget() is not empty_page.view.empty
    assert {column.picker.model.name for column in empty_page.view.columns} == {"first", "Built-in guide"}


def test_quotes_in_the_place_of_the_guide_cost_nothing_and_are_no_failure(guide: Path, page: ComparePage) -> None:
    paper = guide.parent / "lease.txt"
    paper.write_text("The deposit is 1,200 euro.", encoding="utf-8")
    finish(page.engine.documents.add([paper], Cancel()))
    page.view.came_on_show()
    page.left.picker.choose(page.engine.models.find("built-in").id)
    page.view.documents.setChecked(True)
    page.run("What is the deposit?")
    page.left.show_end(None, "These are the sentences of your documents that fit best; no model was asked.")
    assert page.left.body.text == "The deposit is 1,200 euro. [1]"
    assert page.left.note.property("tone") == ""
    assert page.left.figures["tokens"].text() == "–"


def test_another_page_may_choose_the_models_and_the_question(page: ComparePage) -> None:
    page.run("before")
    third = page.add_model("third")
    left, _ = page.view.model_ids
    page.view.begin_with(third, left, "what now?")
    assert page.view.model_ids == (third, left)
    assert page.left.body.isHidden()  # other models answered before
    assert page.view.composer.text == "what now?"
    page.begin("!slow")
    page.until(lambda: "tick" in page.left.body.text)
    page.view.begin_with(left, third, "not now")
    assert page.view.model_ids == (third, left)
    page.view.stop_requested.emit()
    page.until(lambda: not page.busy)
