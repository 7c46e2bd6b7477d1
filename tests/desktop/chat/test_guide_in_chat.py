"""The guide that comes with Hanare answers the first chat, says what it is, and leads to a bigger model."""

import json
from pathlib import Path

import pytest

from desktop.jobs import Jobs
from desktop.theme import RESOURCES
from desktop.widgets.guide_words import NAME, QUESTIONS
from desktop.words import choose, tr
from engine.engine import Cancel, finish
from engine.types import Model
from tests.desktop.chat.conftest import ChatPage
from tests.fakes import tiny_gguf

CORPUS = Path(__file__).parents[3] / "packaging" / "guide_model" / "corpus"


def add(page: ChatPage, path: Path) -> Model:
    model = finish(page.engine.models.add(tiny_gguf.write(path), Cancel()))
    page.view.came_on_show()
    return model


def test_the_first_chat_begins_with_the_guide_and_can_be_written_at_once(guide: Path, empty_page: ChatPage) -> None:
    welcome, view = empty_page.view.welcome, empty_page.view
    assert view.picker.button.text() == "Built-in guide"
    assert "knows this program" in view.picker.button.toolTip()
    assert welcome.state.title.text() == "The guide is ready"
    assert (welcome.suggestions.isVisible(), welcome.for_guide.isVisible()) == (False, True)
    assert not welcome.pick_button.isVisible()
    assert view.composer.box.placeholderText() == "Ask about Hanare"
    questions = [welcome.for_guide.layout().itemAt(at).widget() for at in range(3)]
    questions[0].click()
    assert view.composer.text == "How do I add documents?"
    answer = empty_page.say(view.composer.text)
    assert answer.body.text
    assert answer.figures.text().endswith("Built-in guide")


def test_with_documents_the_best_sentences_stand_in_its_name_and_the_card_says_that_no_model_was_asked(
    guide: Path, empty_page: ChatPage, tmp_path: Path
) -> None:
    (tmp_path / "lease.txt").write_text("The deposit is 1,200 euro.", encoding="utf-8")
    finish(empty_page.engine.documents.add([tmp_path / "lease.txt"], Cancel()))
    empty_page.view.came_on_show()
    empty_page.view.documents.setChecked(True)
    answer = empty_page.say("What is the deposit?")
    assert answer.body.text == "The deposit is 1,200 euro. [1]"
    assert answer.figures.text() == "Built-in guide"
    assert answer.note.label.text().endswith("no model was asked.")
    assert (answer.sources.isVisible(), answer.given.toggle.isVisible()) == (True, False)
    assert empty_page.view.gauge.isHidden()
    assert empty_page.engine.runtime.loaded() == ()


def test_one_click_leads_to_a_bigger_model_and_stands_once_on_the_page(guide: Path, empty_page: ChatPage) -> None:
    view, asked = empty_page.view, []
    view.bigger_requested.connect(lambda: asked.append("bigger"))
    assert (view.welcome.bigger.isVisible(), view.picker.bigger.isVisible()) == (True, False)
    view.welcome.bigger.click()
    empty_page.say("How do I add documents?")
    assert view.picker.bigger.isVisible()
    view.picker.bigger.click()
    assert asked == ["bigger", "bigger"]


def test_without_the_guide_the_first_chat_says_that_there_is_no_model(empty_page: ChatPage) -> None:
    welcome = empty_page.view.welcome
    assert welcome.state.title.text() == "No model yet"
    assert (welcome.pick_button.isVisible(), welcome.bigger.isVisible()) == (True, False)
    assert not welcome.for_guide.isVisible()
    assert empty_page.view.composer.box.placeholderText() == "Ask anything"


def test_a_model_of_ones_own_answers_from_when_it_comes(guide: Path, empty_page: ChatPage, tmp_path: Path) -> None:
    add(empty_page, tmp_path / "owl.gguf")
    view = empty_page.view
    assert view.picker.model.name == "owl"
    assert view.welcome.state.title.text() == "What would you like to know?"
    assert (view.welcome.bigger.isVisible(), view.picker.bigger.isHidden()) == (False, True)
    assert view.composer.box.placeholderText() == "Ask anything"


def test_the_guide_that_one_chooses_stays_chosen(guide: Path, empty_page: ChatPage, tmp_path: Path) -> None:
    add(empty_page, tmp_path / "owl.gguf")
    picker = empty_page.view.picker
    picker.choose(next(model.id for model in empty_page.engine.models.all() if model.built_in))
    empty_page.view.came_on_show()
    assert picker.model.built_in
    assert empty_page.view.welcome.for_guide.isVisible()


def test_a_chat_with_the_guide_goes_on_with_it(guide: Path, empty_page: ChatPage, tmp_path: Path) -> None:
    empty_page.say("How do I add documents?")
    add(empty_page, tmp_path / "owl.gguf")
    assert empty_page.view.picker.model.built_in
    assert empty_page.engine.models.find("owl").id in empty_page.view.picker.offered


def test_test_models_do_not_take_the_place_of_the_guide(guide: Path, empty_page: ChatPage) -> None:
    finish(empty_page.engine.models.make_test_models(Cancel()))
    empty_page.view.came_on_show()
    assert empty_page.view.picker.model.built_in
    assert empty_page.view.banner.isHidden()  # it says that only test models are here


def test_the_guide_has_its_name_in_japanese_under_old_answers_too(
    guide: Path, empty_page: ChatPage, jobs: Jobs
) -> None:
    empty_page.say("How do I add documents?")
    choose("ja", RESOURCES / "translations")
    jobs.changed.emit("models")
    empty_page.view.chat_chosen.emit(empty_page.engine.chats.all()[0].id)
    assert empty_page.view.picker.button.text() == "内蔵ガイド"
    assert empty_page.answer.figures.text().endswith("内蔵ガイド")
    assert "内蔵ガイド" in empty_page.view.gauge.toolTip()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_guide_has_learned_to_answer_the_questions_that_are_offered(language: str) -> None:
    choose(language, RESOURCES / "translations")
    learned = {
        line.removeprefix("? ").casefold().strip("?？。")
        for file in (CORPUS / language).rglob("*.txt")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.startswith("? ")
    }
    assert [tr(question) for question in QUESTIONS if tr(question).casefold().strip("?？。") not in learned] == []


def test_the_name_on_screen_is_the_one_that_the_engine_gives(guide: Path, empty_page: ChatPage) -> None:
    assert empty_page.view.picker.model.name == NAME
    assert NAME in json.loads((RESOURCES / "translations" / "ja" / "built-in.json").read_text(encoding="utf-8"))
