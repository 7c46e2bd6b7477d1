"""The Models page: open, drop, download, make, look at, remove."""

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton

from desktop.jobs import Jobs
from desktop.pages.models.download import DownloadDialog, DownloadWish
from desktop.pages.models.model_list import facts_words, state_words
from desktop.pages.models.presenter import loaded_text
from desktop.remember import Remembered
from desktop.theme import RESOURCES
from desktop.widgets.banner import Banner
from desktop.window import Window
from desktop.words import choose
from engine.engine import Cancel, Engine, finish
from engine.loading import LoadOptions
from engine.runtime import fit as memory_fit
from engine.types import Resident
from tests.desktop.models.conftest import Page, press
from tests.fakes import tiny_gguf
from tests.fakes.gguf_bytes import Row, model_bytes, weighed

LARGE = weighed(model_bytes(rows=[Row("token_embd.weight", (1024, 5 * 1024))]))  # 20 MiB


def drop(page: Page, *urls: QUrl) -> bool:
    """Whether the page took what was dropped on it."""
    data = QMimeData()
    data.setUrls(list(urls))
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(40, 40), copy, data, left, none)
    enter.ignore()
    QApplication.sendEvent(page.view, enter)
    if enter.isAccepted():
        QApplication.sendEvent(page.view, QDropEvent(QPointF(40, 40), copy, data, left, none))
        page.wait(lambda: not page.jobs.busy)
    return enter.isAccepted()


def test_an_empty_page_shows_what_suits_this_computer_and_the_other_ways(page: Page) -> None:
    assert page.view._body.currentWidget() is page.view.finder
    ways = page.view.finder.ways.findChildren(QPushButton)
    assert [button.text() for button in ways] == [
        "Open a GGUF file…",
        "Download…",
        "Models on this computer…",
        "Make test models",
    ]
    assert not page.view.finder.back.isVisible()


def test_a_file_is_listed_with_its_facts_and_stays_where_it_is(page: Page) -> None:
    file = page.file()
    page.add(file)
    assert page.names == ["small"]
    model = page.listed[0]
    assert model.path == file
    assert page.view.details._name.text() == "small"
    assert model.facts.architecture in facts_words(model)
    assert state_words(model) == ("Your file", "")
    assert "is free now" in page.view.details.memory.need.text()


def test_several_files_dropped_are_all_opened_and_other_files_are_not(page: Page) -> None:
    urls = [QUrl.fromLocalFile(str(page.file(name))) for name in ("one.gguf", "TWO.GGUF")]
    assert drop(page, *urls, QUrl.fromLocalFile(str(page.folder / "note.txt")))
    assert sorted(page.names) == ["TWO", "one"]
    assert not drop(page, QUrl.fromLocalFile(str(page.folder / "note.txt")))
    assert not drop(page, QUrl("https://hub.example/model.gguf"))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_of_a_model_is_cut_off_in_the_smallest_window(
    engine: Engine, jobs: Jobs, tmp_path: Path, language: str
) -> None:
    choose(language, RESOURCES / "translations")
    file = tmp_path / "a-model-with-quite-a-long-name-Q4_K_M.gguf"
    file.write_bytes(model_bytes())
    finish(engine.models.add(file, Cancel()))
    window = Window(engine, jobs, Remembered(engine.places.data))
    window.resize(window.minimumSize())
    window.show()
    window.show_page("models")
    QApplication.processEvents()
    details = window.built("models").details
    assert details.widget().minimumSizeHint().width() <= details.viewport().width()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_damaged_file_is_refused_with_its_reason_and_the_rest_goes_on(page: Page) -> None:
    cut = page.folder / "cut.gguf"
    cut.write_bytes(model_bytes()[:200])
    page.add(cut, page.file())
    assert page.names == ["small"]
    assert len(page.notices.shown) == 1
    assert "cut.gguf is not a usable GGUF model" in page.notices.shown[0]


def test_a_model_whose_file_is_gone_is_marked_and_cannot_be_chatted_with(page: Page) -> None:
    file = page.file()
    page.add(file)
    file.unlink()
    page.jobs.changed.emit("models")
    assert state_words(page.listed[0]) == ("File is missing", "bad")
    assert not page.view.details.chat.isEnabled()


def test_removing_ones_own_file_leaves_it_and_can_be_undone(page: Page) -> None:
    file = page.file()
    page.add(file)
    page.view.details.remove.click()
    assert page.names == []
    assert file.exists()
    press(page, "Undo")
    page.wait(lambda: page.names == ["small"])


def test_chatting_with_a_model_is_asked_of_the_window(page: Page) -> None:
    page.add(page.file())
    with page.qtbot.waitSignal(page.view.chat_requested) as wish:
        page.view.details.chat.click()
    assert wish.args == [page.listed[0].id]


@pytest.mark.parametrize(("answer", "left"), [("yes", []), ("no", ["model"])])
def test_a_downloaded_model_is_deleted_only_after_a_yes(page: Page, answer: str, left: list[str]) -> None:
    page.hub.put("someone/model", "model.gguf", model_bytes())
    page.view.download_requested.emit(DownloadWish("someone/model", "model.gguf"))
    page.wait(lambda: page.names == ["model"] and not page.jobs.busy)
    file = page.listed[0].path
    QTimer.singleShot(0, lambda: getattr(QApplication.activeModalWidget(), answer).click())
    page.view.details.remove.click()
    assert page.names == left
    assert file.exists() is bool(left)


def test_the_test_models_are_made_named_as_such_and_warned_of(page: Page) -> None:
    page.view.finder.make.click()
    assert not page.view.finder.make.isEnabled()
    page.wait(lambda: len(page.listed) >= 2 and not page.jobs.busy)
    assert all(state_words(model) == ("Test model: writes noise", "warn") for model in page.listed)
    assert page.view.test_banner.isVisible()
    assert page.view.focusWidget() is page.view.list  # the button that was pressed is gone
    page.add(page.file())
    assert not page.view.test_banner.isVisible()


def test_a_download_needs_a_repository_and_a_file(page: Page) -> None:
    dialog = DownloadDialog(page.view)
    assert not dialog.go.isEnabled()
    dialog.repository.setText("someone/model")
    assert not dialog.go.isEnabled()
    dialog.file.setText(" model.gguf ")
    assert dialog.go.isEnabled()
    assert dialog.wish == DownloadWish("someone/model", "model.gguf")


def test_a_pasted_link_fills_in_repository_and_file(page: Page) -> None:
    dialog = DownloadDialog(page.view)
    dialog.repository.setText("https://huggingface.co/someone/model-GGUF/blob/main/deep/model-Q4_K_M.gguf?x=1")
    assert dialog.wish == DownloadWish("someone/model-GGUF", "deep/model-Q4_K_M.gguf")


@pytest.mark.parametrize(
    ("link", "file", "revision"),
    [
        ("blob/main/model.gguf", "model.gguf", "main"),
        ("resolve/v2/deep/model.gguf?download=true", "deep/model.gguf", "v2"),
        ("blob/refs%2Fpr%2F3/my%20model.gguf", "my model.gguf", "refs/pr/3"),
        ("tree/4f2c1ab/deep", "", "4f2c1ab"),
        ("", "", "main"),
    ],
)
def test_a_pasted_link_names_the_branch_too(page: Page, link: str, file: str, revision: str) -> None:
    dialog = DownloadDialog(page.view)
    dialog.repository.setText(f"https://huggingface.co/someone/model-GGUF/{link}".rstrip("/"))
    assert dialog.wish == DownloadWish("someone/model-GGUF", file, revision=revision)
    assert dialog.revision.text() == (revision if link else "")


def test_another_link_forgets_the_branch_of_the_one_before(page: Page) -> None:
    dialog = DownloadDialog(page.view)
    dialog.repository.setText("https://huggingface.co/someone/model-GGUF/tree/v2")
    dialog.repository.setText("https://huggingface.co/someone/other-GGUF")
    assert dialog.wish.revision == "main"


def test_a_token_is_hidden_and_not_in_any_text_of_the_wish(page: Page) -> None:
    dialog = DownloadDialog(page.view)
    dialog.token.edit.setText("hf_secret")
    assert dialog.token.edit.echoMode() == dialog.token.edit.EchoMode.Password
    assert "hf_secret" not in repr(dialog.wish)
    assert dialog.wish.token == "hf_secret"


def test_the_dialog_says_what_leaves_the_computer(page: Page) -> None:
    dialog = DownloadDialog(page.view)
    assert dialog.findChild(Banner).label.text().startswith("What leaves this computer: your internet address")


def test_how_a_model_is_loaded_is_changed_at_once_and_its_need_with_it(page: Page) -> None:
    page.add(page.file())
    card, (model,) = page.view.details.loading, page.listed
    assert not card.rows["key_cache"].isVisible()
    card.fold.click()
    assert card.rows["key_cache"].isVisible()
    assert not card.rows["key_cache"].reset.isVisible()
    before = page.view.details.memory.parts.text()
    combo = card.rows["key_cache"].field.combo
    combo.setCurrentIndex(combo.findData("q4_0"))
    assert page.engine.models.get(model.id).loading == {"key_cache": "q4_0"}
    assert page.view.details.memory.parts.text() != before
    assert card.rows["key_cache"].reset.isVisible()
    card.rows["key_cache"].reset.click()
    assert page.engine.models.get(model.id).loading == {}
    assert page.view.details.memory.parts.text() == before


def test_a_loaded_model_says_so_and_is_unloaded_when_one_asks(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.add(page.file())
    details, (model,) = page.view.details, page.listed
    assert details.memory.unload.isHidden()
    loaded = [Resident(model_id=model.id, options=LoadOptions(), need_bytes=1, answers=0, idle_s=130.0)]
    monkeypatch.setattr(page.engine.runtime, "residents", lambda: tuple(loaded))
    monkeypatch.setattr(page.engine.runtime, "unload", lambda model_id: loaded.clear())
    page.presenter._show_loaded()
    assert details.memory.loaded.text() == "It is loaded. Nobody has asked it for 2 min."
    details.memory.unload.click()
    page.wait(lambda: not page.jobs.busy and details.memory.unload.isHidden())
    assert loaded == []


def test_only_small_models_of_the_same_vocabulary_are_offered_to_guess_ahead(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runtime.drafts.MOST_SHARE", 0.8)
    large, small, other = (page.folder / name for name in ("large.gguf", "small.gguf", "other.gguf"))
    tiny_gguf.write(large, architecture="cohere2")
    tiny_gguf.write(small, seed=1)
    other.write_bytes(LARGE)
    page.add(large, other)
    page.view.list.setCurrentIndex(page.view.list.model().index(page.names.index("large"), 0))
    row, details = page.view.details.loading.draft, page.view.details
    page.view.details.loading.fold.click()
    assert [row.combo.itemText(at) for at in range(row.combo.count())] == ["None"]
    assert row._none_fits.isVisible()
    page.add(small)
    page.view.list.setCurrentIndex(page.view.list.model().index(page.names.index("large"), 0))
    offered = [row.combo.itemText(at) for at in range(row.combo.count())]
    assert [text.split(" ")[0] for text in offered] == ["None", "small"]
    model = page.engine.models.find("large")
    before = page.engine.models.fit(model.facts, page.engine.models.options(model)).need_bytes
    row.combo.setCurrentIndex(1)
    model = page.engine.models.find("large")
    assert model.loading == {"draft": str(small)}
    assert page.engine.models.fit(model.facts, page.engine.models.options(model)).need_bytes > before
    assert "draft model" in details.memory.parts.text()
    row.combo.setCurrentIndex(0)
    assert page.engine.models.find("large").loading == {}


def test_options_that_exclude_each_other_are_told_and_shown_as_they_are(page: Page) -> None:
    page.add(page.file())
    card, (model,) = page.view.details.loading, page.listed
    flash, values = card.rows["flash_attention"].field.combo, card.rows["value_cache"].field.combo
    flash.setCurrentIndex(flash.findData("off"))
    values.setCurrentIndex(values.findData("q8_0"))
    assert "needs flash attention" in page.notices.shown[-1]
    assert page.engine.models.get(model.id).loading == {"flash_attention": "off"}
    assert values.currentData() == "f16"


def test_a_model_that_does_not_fit_says_what_would_and_is_loaded_only_when_one_insists(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.add(page.file())
    details = page.view.details
    assert details.memory.load_anyway.isHidden()
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: 1)
    page.jobs.changed.emit("models")
    page.add(page.file("another.gguf"))
    assert "only if you insist" in details.memory.need.text()
    assert "Closing other programs may help." in details.memory.ways.text()
    asked: list[int] = []
    page.view.chat_requested.connect(asked.append)
    QTimer.singleShot(0, lambda: QApplication.activeModalWidget().no.click())
    details.memory.load_anyway.click()
    assert asked == []
    QTimer.singleShot(0, lambda: QApplication.activeModalWidget().yes.click())
    details.memory.load_anyway.click()
    assert asked == [page.listed[1].id]


@pytest.mark.parametrize(
    ("answers", "idle_s", "layers", "words"),
    [
        (1, 0.0, 0, "It is loaded and at work now."),
        (0, 20.0, 0, "It is loaded."),
        (0, 130.0, 0, "It is loaded. Nobody has asked it for 2 min."),
        (0, 20.0, 9, "It is loaded. 9 of its layers are on the graphics card (A card)."),
    ],
)
def test_a_loaded_model_tells_where_it_is(answers: int, idle_s: float, layers: int, words: str) -> None:
    resident = Resident(
        model_id=1, options=LoadOptions(), need_bytes=1, answers=answers, idle_s=idle_s, card="A card" * bool(layers),
        card_layers=layers,
    )  # fmt: skip
    assert loaded_text(resident) == words
