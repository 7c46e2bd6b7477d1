"""The Settings page: built from the declarations, kept at once, taken back to the default."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.settings.presenter import SettingsPresenter
from desktop.pages.settings.view import SettingsView
from desktop.theme import DARK, LIGHT, RESOURCES, colours, theme
from desktop.widgets.fields import ChoiceField, FractionField, NumberField, TextField
from desktop.words import choose, tr
from engine.engine import Cancel, Engine, Places, Settings, described, finish
from tests.fakes import tiny_encoder


class Page:
    """The page in a window of its own."""

    def __init__(self, engine: Engine, jobs: Jobs) -> None:
        self.engine = engine
        self.window = QMainWindow()
        self.window.resize(1000, 700)
        self.view = SettingsView()
        self.window.setCentralWidget(self.view)
        self.notices = Notices(self.window)
        SettingsPresenter(self.view, engine, jobs, self.notices)
        self.window.show()


@pytest.fixture
def page(engine: Engine, jobs: Jobs, qtbot: QtBot) -> Iterator[Page]:
    """An open Settings page."""
    theme().choose("light")
    made = Page(engine, jobs)
    yield made
    made.window.close()
    made.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    theme().choose("light")


def test_every_setting_is_on_the_page_with_its_title_and_its_help(page: Page) -> None:
    assert list(page.view.fields) != []
    assert set(page.view.fields) == set(described())
    words = {label.text() for label in page.view.findChildren(QLabel)}
    for about in described().values():
        assert {tr(about.title), tr(about.help)} <= words


def test_a_field_knows_the_limits_of_its_setting(page: Page) -> None:
    spin = page.view.fields["context_tokens"].spin
    assert (spin.minimum(), spin.maximum()) == (512, 131072)
    slider = page.view.fields["temperature"].spin
    assert (slider.minimum(), slider.maximum()) == (0.0, 2.0)


def test_opening_the_page_changes_nothing(page: Page) -> None:
    assert page.engine.settings == Settings()


@pytest.mark.parametrize(("name", "value"), [("context_tokens", 8192), ("threads", 3), ("passages", 7)])
def test_a_number_is_kept_at_once(page: Page, name: str, value: int) -> None:
    field = page.view.fields[name]
    assert isinstance(field, NumberField)
    field.spin.setValue(value)
    assert getattr(page.engine.settings, name) == value


def test_a_changed_setting_is_still_there_at_the_next_start(tmp_path: Path, page: Page) -> None:
    page.view.fields["answer_tokens"].spin.setValue(99)
    page.engine.close()
    with Engine.open(Places(tmp_path / "data")) as again:
        assert again.settings.answer_tokens == 99


def test_the_slider_and_its_figure_move_together(page: Page) -> None:
    field = page.view.fields["temperature"]
    assert isinstance(field, FractionField)
    field.slider.setValue(24)
    assert field.spin.value() == 1.2
    field.spin.setValue(0.35)
    assert field.slider.value() == 7
    assert page.engine.settings.temperature == 0.35


def test_the_theme_is_worn_at_once(page: Page) -> None:
    field = page.view.fields["theme"]
    assert isinstance(field, ChoiceField)
    field.combo.setCurrentIndex(field.combo.findData("dark"))
    assert colours() == DARK
    page.view.resets["theme"].click()
    assert page.engine.settings.theme == "system"
    assert colours() == LIGHT


def test_a_new_language_says_when_it_comes(page: Page) -> None:
    field = page.view.fields["language"]
    field.combo.setCurrentIndex(field.combo.findData("ja"))
    assert page.engine.settings.language == "ja"
    assert page.notices.shown == ("The language changes at the next start.",)


def test_the_instructions_are_kept_when_the_keyboard_leaves_them(page: Page, qtbot: QtBot) -> None:
    field = page.view.fields["system_prompt"]
    assert isinstance(field, TextField)
    field.edit.setPlainText("Answer in verse.")
    assert page.engine.settings.system_prompt == Settings().system_prompt
    field.edit.setFocus()
    QTest.keyClick(field.edit, Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: page.engine.settings.system_prompt == "Answer in verse.")


def test_going_back_to_the_default_is_offered_only_where_something_was_changed(page: Page) -> None:
    assert not any(reset.isVisible() for reset in page.view.resets.values())
    page.view.fields["threads"].spin.setValue(2)
    assert [name for name, reset in page.view.resets.items() if reset.isVisible()] == ["threads"]
    page.view.resets["threads"].click()
    assert page.engine.settings.threads == 0
    assert page.view.fields["threads"].spin.text() == "Automatic"
    assert not page.view.resets["threads"].isVisible()


def test_the_wheel_scrolls_the_page_and_leaves_the_values(page: Page) -> None:
    spin = page.view.fields["context_tokens"].spin
    before = spin.value()
    wheel(spin)
    assert spin.value() == before


def wheel(widget: object) -> None:
    """Turn the mouse wheel over a widget."""
    turn = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, turn)


def test_the_page_says_where_everything_is_kept(page: Page) -> None:
    assert page.view._place.toolTip() == str(page.engine.places.data)
    assert page.view._place.text().endswith("data")


def test_the_many_figures_of_sampling_are_shown_when_they_are_asked_for(page: Page, qtbot: QtBot) -> None:
    fold, style, seed = page.view.folds["Sampling"], page.view.fields["style"], page.view.fields["seed"]
    assert style.isVisible()
    assert not seed.isVisible()
    QTest.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert seed.isVisible()
    QTest.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert not seed.isVisible()


def test_word_weights_that_are_none_are_not_kept_and_the_person_is_told(page: Page) -> None:
    field = page.view.fields["word_weights"]
    field.chosen.emit("sure: much")
    assert page.engine.settings.word_weights == ""
    field.chosen.emit("sure: -5")
    assert page.engine.settings.word_weights == "sure: -5"


def test_the_models_of_the_search_are_those_of_the_library_for_it(page: Page, jobs: Jobs, tmp_path: Path) -> None:
    combo = page.view.fields["meaning_model"].combo
    assert [combo.itemData(row) for row in range(combo.count())] == ["built-in", "llama.cpp", "sentence-transformers"]
    assert combo.currentData() == "built-in"
    model = finish(page.engine.models.add(tiny_encoder.write(tmp_path / "plum.gguf"), Cancel()))
    jobs.changed.emit("models")
    assert combo.itemData(3) == str(model.id)
    assert combo.currentData() == "built-in"
    combo.setCurrentIndex(3)
    assert page.engine.settings.meaning_model == str(model.id)
    page.engine.models.remove(model.id)
    jobs.changed.emit("models")
    assert combo.currentData() == str(model.id)
    assert combo.currentText() == tr("Model {number}, which is not here", number=model.id)
    reranker = page.view.fields["reranker"].combo
    assert [reranker.itemData(row) for row in range(reranker.count())] == ["none"]


def test_below_the_model_of_the_search_stands_which_library_reads_and_why(page: Page, jobs: Jobs) -> None:
    note, combo = page.view._rows["meaning_model"].note, page.view.fields["meaning_model"].combo
    assert note.isVisible()
    assert "llama.cpp reads your passages" in note.text()
    combo.setCurrentIndex(combo.findData("llama.cpp"))
    assert note.text() == "llama.cpp reads your passages, as you chose."
    choose("ja", RESOURCES / "translations")
    jobs.changed.emit("documents")
    assert note.text() == "選択どおり、llama.cpp が文書を読みます。"
    page.engine.change_settings(meaning_model="7")
    jobs.changed.emit("settings")
    assert not note.isVisible()
