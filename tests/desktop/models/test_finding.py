"""Finding a model on the Models page: what is recommended, the search of the hub, a repository and its files."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QLabel

from desktop.jobs import Jobs
from desktop.pages.models.convert_dialog import ConvertDialog
from desktop.pages.models.download import DownloadWish
from desktop.pages.models.find_words import languages_text, offer_words, result_words
from desktop.pages.models.recommended_list import RecommendedRow
from desktop.pages.models.repository_panel import RepositoryPanel
from desktop.remember import Remembered
from desktop.theme import RESOURCES
from desktop.window import Window
from desktop.words import choose
from engine.engine import Engine
from engine.runtime import fit as memory_fit
from engine.types import HubKind, HubModel, HubOffer, HubSort, Verdict
from tests.desktop.models.conftest import Page
from tests.fakes.gguf_bytes import model_bytes
from tests.fakes.hub_api import Card

REPOSITORY = "someone/Tea-1B-GGUF"
KEY = Qt.Key


def settle(page: Page) -> None:
    """Until nothing is under way."""
    page.wait(lambda: not page.jobs.busy)


def rows(page: Page) -> list[RecommendedRow]:
    """The recommended models that are seen."""
    settle(page)
    return [row for row in page.view.finder.recommended.rows if not row.isHidden()]


def search(page: Page, words: str) -> list[str]:
    """Type words and press Enter; what is listed then."""
    page.view.finder.field.setText(words)
    page.qtbot.keyClick(page.view.finder.field, KEY.Key_Return)
    settle(page)
    return [model.repository for model in page.view.finder.found]


def tea(page: Page, **card: object) -> None:
    """A hub with one repository of two files."""
    page.hub.cards[REPOSITORY] = Card(downloads=12, licence="mit", **card)  # type: ignore[arg-type]
    page.hub.put(REPOSITORY, "tea-Q4_K_M.gguf", model_bytes())
    page.hub.put(REPOSITORY, "tea-Q8_0.gguf", model_bytes() + b"x")


def test_an_empty_page_recommends_models_and_asks_nobody(page: Page) -> None:
    shown = rows(page)
    assert shown
    assert shown[0].one.best_for
    assert all(row.one.outlook.verdict is not Verdict.TOO_BIG for row in shown)
    assert "needs about" in shown[0].facts.text()
    assert page.hub.requests == []


def test_a_purpose_shows_the_models_for_it_alone(page: Page) -> None:
    rows(page)
    page.view.finder.recommended.purposes.button(4).click()
    assert {row.one.model.use for row in rows(page)} == {"embedding", "reranking"}
    page.view.finder.recommended.purposes.button(3).click()
    assert all("ja" in row.one.model.languages for row in rows(page))


def test_the_button_of_a_recommended_model_downloads_it(page: Page) -> None:
    row = rows(page)[0]
    page.hub.put(row.one.model.repository, row.one.file.name, model_bytes())
    row.go.click()
    page.wait(lambda: len(page.listed) == 1 and not page.jobs.busy)
    assert page.listed[0].repository == row.one.model.repository
    assert page.view._body.currentIndex() == 1  # the first model is here, and the list shows it
    page.view.find_more.click()
    page.wait(lambda: "Here already" in [one.go.text() for one in rows(page)])
    page.view.finder.back.click()
    assert page.view._body.currentIndex() == 1


def test_what_waits_among_the_downloads_is_marked(page: Page) -> None:
    row = rows(page)[0]
    page.engine.downloads.add(row.one.model.repository, row.one.file.name)
    page.jobs.changed.emit("downloads")
    assert (row.go.text(), row.go.isEnabled()) == ("In the downloads", False)


def test_a_computer_without_room_is_told_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(page)
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: 0)
    monkeypatch.setattr("engine.models.outlook.most_bytes", lambda: 0)
    page.jobs.changed.emit("settings")
    assert rows(page) == []
    assert "None of the models of this list fits" in page.view.finder.recommended.about.text()
    page.view.finder.recommended.purposes.button(1).click()
    assert {row.one.outlook.verdict for row in rows(page)} == {Verdict.TOO_BIG}


def test_the_sizes_are_looked_up_by_a_click(page: Page) -> None:
    rows(page)
    page.hub.put("Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf", b"x" * 7000)
    page.view.finder.recommended.refresh.click()
    settle(page)
    assert "told the sizes of 1 models" in page.notices.shown[0]
    (row,) = [row for row in rows(page) if row.one.model.name == "Qwen3 8B"]
    assert "6.84 KB" in row.facts.text()


def test_typing_asks_nobody_and_enter_does(page: Page) -> None:
    tea(page)
    page.qtbot.keyClicks(page.view.finder.field, "tea")
    settle(page)
    assert page.hub.requests == []
    assert search(page, "tea") == [REPOSITORY]
    assert len(page.hub.requests) == 1
    assert page.view.finder.list.hasFocus()


def test_kind_and_order_are_sent_with_the_words(page: Page) -> None:
    find = page.view.finder
    with page.qtbot.waitSignal(find.search_requested) as wish:
        find.sort.setCurrentIndex(2)
        find.search_for("tea", HubKind.SAFETENSORS)
    assert wish.args == ["tea", HubKind.SAFETENSORS, HubSort.NEWEST]
    settle(page)


def test_a_search_without_a_result_says_so_and_nothing_at_all_leads_back(page: Page) -> None:
    assert search(page, "cocoa") == []
    assert page.view.finder._nothing.isVisible()
    page.view.finder.field.clear()
    page.qtbot.keyClick(page.view.finder.field, KEY.Key_Return)
    assert page.view.finder.recommended.isVisible()
    assert len(page.hub.requests) == 1


def test_enter_on_a_result_opens_it_with_its_files_and_the_usual_one_chosen(page: Page) -> None:
    tea(page)
    search(page, "tea")
    page.qtbot.keyClick(page.view.finder.list, KEY.Key_Return)
    settle(page)
    panel = page.view.finder.repository
    assert panel.isVisible()
    assert panel.name.words == REPOSITORY
    assert panel.chosen is not None
    assert panel.chosen.file == "tea-Q4_K_M.gguf"
    assert "Fits into what is free now" in panel.note.text()
    assert not panel.token.isVisible()
    asked = len(page.hub.requests)
    page.qtbot.keyClick(page.view.finder.list, KEY.Key_Return)  # it is open already
    settle(page)
    assert len(page.hub.requests) == asked


def test_a_file_of_a_repository_is_downloaded(page: Page) -> None:
    tea(page)
    search(page, "tea")
    page.view.finder._open(page.view.finder.list.currentIndex())
    settle(page)
    page.view.finder.repository.table.selectRow(1)
    page.view.finder.repository.go.click()
    page.wait(lambda: page.names == ["tea-Q8_0"] and not page.jobs.busy)


def test_a_gated_repository_takes_a_token_which_goes_with_the_wish_and_is_hidden(page: Page) -> None:
    tea(page, gated="manual")
    search(page, "tea")
    page.view.finder._open(page.view.finder.list.currentIndex())
    settle(page)
    panel = page.view.finder.repository
    assert panel.token.isVisible()
    assert panel.token.edit.echoMode() == panel.token.edit.EchoMode.Password
    panel.token.edit.setText("hf_secret")
    with page.qtbot.waitSignal(page.view.download_requested) as wish:
        panel.go.click()
    assert wish.args == [DownloadWish(REPOSITORY, "tea-Q4_K_M.gguf", "hf_secret")]
    page.wait(lambda: page.names == ["tea-Q4_K_M"] and not page.jobs.busy)


def trained(page: Page, file: str = "model.safetensors", architecture: str = "llama") -> RepositoryPanel:
    """The repository of a model as it is trained, opened."""
    page.hub.cards["someone/Tea-1B"] = Card(kind="safetensors", architecture=architecture)
    for name in (file, "config.json", "tokenizer.json"):
        page.hub.put("someone/Tea-1B", name, b"x" * 100)
    page.view.finder.repository_requested.emit("someone/Tea-1B")
    settle(page)
    return page.view.finder.repository


def test_safetensors_are_fetched_with_all_that_belongs_to_them_and_then_converted(page: Page) -> None:
    panel = trained(page)
    assert "then made into a GGUF file" in panel.note.text()
    panel.go.click()
    settle(page)
    dialog = page.view.findChild(ConvertDialog)
    assert dialog is not None
    assert not dialog.deletes
    dialog.delete.click()
    assert dialog.deletes
    (folder,) = page.engine.places.models.glob("models--someone--Tea-1B/*/*")
    assert {path.name for path in folder.iterdir()} == {"model.safetensors", "config.json", "tokenizer.json"}
    assert page.view.folder_to_convert == folder
    dialog.reject()


def test_where_the_page_is_not_on_show_a_notice_tells_that_it_can_be_converted(page: Page) -> None:
    panel = trained(page)
    panel.download_requested.emit(DownloadWish("someone/Tea-1B", "model.safetensors"))
    page.view.hide()
    settle(page)
    assert page.view.findChild(ConvertDialog) is None
    assert page.notices.shown == ("someone/Tea-1B is here and can be converted.",)


@pytest.mark.parametrize(("file", "architecture"), [("model.safetensors", "mamba"), ("lora.safetensors", "llama")])
def test_safetensors_that_cannot_be_converted_are_not_fetched(page: Page, file: str, architecture: str) -> None:
    panel = trained(page, file, architecture)
    assert not panel.go.isVisible()
    assert "cannot be made into a GGUF file here" in panel.note.text()


def test_safetensors_lead_to_the_gguf_files_of_the_same_name(page: Page) -> None:
    page.hub.cards["someone/Tea-1B"] = Card(kind="safetensors")
    page.hub.put("someone/Tea-1B", "model.safetensors", b"x" * 100)
    tea(page)
    page.view.finder.search_for("tea", HubKind.SAFETENSORS)
    settle(page)
    page.view.finder._open(page.view.finder.list.currentIndex())
    settle(page)
    panel = page.view.finder.repository
    panel.find_gguf.click()
    settle(page)
    assert [model.repository for model in page.view.finder.found] == [REPOSITORY]


def test_what_goes_wrong_is_said_and_can_be_tried_again(page: Page) -> None:
    tea(page)
    search(page, "tea")
    page.hub.told = b"<html>"
    page.view.finder._open(page.view.finder.list.currentIndex())
    settle(page)
    assert "does not tell of someone/Tea-1B-GGUF" in page.notices.shown[0]
    page.hub.told = None
    page.view.finder._open(page.view.finder.list.currentIndex())
    settle(page)
    assert page.view.finder.repository.isVisible()


def test_a_search_can_be_stopped(page: Page) -> None:
    page.hub.latency_s = 1.0
    page.view.finder.search_for("tea", HubKind.GGUF)
    row = page.view.progress.column.itemAt(0).widget()
    row.stop_requested.emit()
    settle(page)
    assert page.view.progress.column.count() == 0
    assert page.notices.shown == ()


def test_a_hostile_card_is_words_and_no_more(page: Page) -> None:
    evil = '<img src="//evil.example/x"><b>\x1b\u202e'
    page.hub.cards[REPOSITORY] = Card(licence=evil, base_model=evil, languages=[evil] * 900)
    siblings = [{"rfilename": f"<b>{number}</b>-Q8_0.gguf", "size": 5 + number} for number in range(900)]
    page.hub.cards[REPOSITORY].more = {"siblings": siblings}
    search(page, "tea")
    page.view.finder._open(page.view.finder.list.currentIndex())
    settle(page)
    panel = page.view.finder.repository
    for label in panel.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
        assert not {"\x1b", "\u202e"} & set(label.text())
        assert "<" not in label.toolTip()
    assert panel.table.model().rowCount() == 300
    assert "600 files are left out" in panel.note.text()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_is_wider_than_the_smallest_window(engine: Engine, jobs: Jobs, language: str) -> None:
    choose(language, RESOURCES / "translations")
    window = Window(engine, jobs, Remembered(engine.places.data))
    window.resize(window.minimumSize())
    window.show()
    window.show_page("models")
    QApplication.processEvents()
    find = window.built("models").finder
    assert find.minimumSizeHint().width() <= find.width()
    recommended = find.recommended
    assert recommended.widget().minimumSizeHint().width() <= recommended.viewport().width()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_result_is_told_in_words_and_what_is_not_told_is_left_out(page: Page) -> None:
    assert languages_text(("ja", "xx", "en")) == "日本語, xx, English"
    assert languages_text(tuple("abcdefgh")) == "a, b, c, d, e, f and 2 more"
    assert result_words(HubModel(repository="a/b")) == "licence not told · 0 downloads · 0 likes"
    assert offer_words(HubOffer(file="a.gguf", size_bytes=1, whole=False)) == "Parts are missing"
    assert offer_words(HubOffer(file="mmproj.gguf", size_bytes=1)) == "For pictures"
