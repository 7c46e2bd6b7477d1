"""What the Models page tells of a model: how it is built, whether it fits and how fast, where its template differs."""

from hashlib import sha256
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.pages.models.card_words import (
    attention_words,
    experts_words,
    importance_words,
    layers_words,
    positions_words,
    vocabulary_words,
    window_words,
)
from desktop.pages.models.memory_card import speed_words
from desktop.theme import RESOURCES, colour, theme
from desktop.words import choose
from engine.engine import Cancel, Operation, finish
from engine.loading import LoadOptions
from engine.models import prospects
from engine.runtime import fit as memory_fit
from engine.runtime.paces import Speeds
from engine.types import (
    Attention,
    Checksum,
    Differing,
    Fit,
    Model,
    ModelCard,
    ModelFacts,
    Origin,
    Paces,
    Positions,
    Prospect,
    Speed,
    Terms,
    WaysDown,
)
from tests.desktop.models.conftest import Page
from tests.fakes.gguf_bytes import Row, model_bytes
from tests.fakes.tiny_gguf import CHATML, write
from tests.fakes.tiny_lora import Lora


@pytest.fixture(autouse=True)
def small_models_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here all models are."""
    monkeypatch.setattr(prospects, "LEAST_BYTES", 1)


def shown(page: Page, path: Path) -> None:
    """Add a file and have its card read."""
    page.add(path)
    page.wait(lambda: not page.jobs.busy)


def test_a_card_tells_how_a_model_is_built_and_where_it_comes_from(page: Page) -> None:
    path = page.folder / "one.gguf"
    entries = {
        "llama.embedding_length": 64, "llama.attention.head_count": 8, "general.license": "mit",
        "quantize.imatrix.file": "ume.dat",
    }  # fmt: skip
    rows = [Row("token_embd.weight", (64, 64)), Row("output_norm.weight", (64,)), Row("blk.0.ffn_up.weight", (4, 4), 1)]
    path.write_bytes(model_bytes(entries, rows=rows))
    shown(page, path)
    about = page.view.details.about
    assert about.isVisible()
    assert about.built.shown["Attention"].text() == "Multi-query: 8 heads share one of keys and values"
    assert about.origin.shown["Licence"].text() == "mit"
    assert about.origin.shown["Importance matrix"].text() == "ume.dat"
    assert about.weights.text().startswith("31.9 bits for each weight")
    assert about.bar.accessibleDescription() == "F32 99.6 %, F16 0.4 %"
    assert not about.table.isVisible()
    about.fold.click()
    assert about.table.isVisible()
    model = about.table.model()
    assert [model.data(model.index(0, column)) for column in range(4)] == ["blk.*.ffn_up.weight", "F16", "all 1", "16"]


def test_the_card_of_another_model_shows_nothing_of_the_one_before(page: Page) -> None:
    one, lora = page.folder / "one.gguf", page.folder / "lora.gguf"
    shown(page, write(one))
    shown(page, Lora().write(lora))
    about = page.view.details.about
    assert page.names[page.view.list.currentIndex().row()] == "lora"
    assert about.built.shown == {}
    assert not page.view.details.memory.isVisible()
    page.view.list.setCurrentIndex(page.view.list.model().index(0, 0))
    page.wait(lambda: not page.jobs.busy)
    assert about.origin.shown["Adapters that match"].text() == "lora"


def test_a_file_that_is_gone_has_no_card(page: Page) -> None:
    path = page.file()
    shown(page, path)
    path.unlink()
    page.jobs.changed.emit("models")
    page.wait(lambda: not page.jobs.busy)
    assert not page.view.details.about.isVisible()


def test_a_checksum_is_computed_when_one_asks_and_stays(page: Page) -> None:
    path = page.file()
    shown(page, path)
    about = page.view.details.about
    assert not about.checksum.isVisible()
    about.reckon.click()
    assert about.stop.isVisible()
    page.wait(lambda: not page.jobs.busy and about.stop.isHidden())
    whole = sha256(path.read_bytes()).hexdigest()
    assert about.checksum.text().splitlines()[1].replace(" ", "") == whole
    about.copy.click()
    assert QApplication.clipboard().text() == whole
    assert about.reckon.isHidden()
    page.jobs.changed.emit("models")
    page.wait(lambda: not page.jobs.busy)
    assert about.checksum.text().startswith("SHA-256, computed here:")


def test_a_checksum_that_is_stopped_can_be_asked_for_again(page: Page) -> None:
    shown(page, page.file())
    about = page.view.details.about
    about.reckon.click()
    about.stop.click()
    page.wait(lambda: not page.jobs.busy)
    assert about.stop.isHidden()


def test_another_model_is_shown_while_a_file_is_read_and_the_reading_ends(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(model: Model, cancel: Cancel) -> Operation[Checksum]:
        cancel.wait(60.0)
        cancel.check()
        yield from ()
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(page.engine.models.cards, "reckon_checksum", held)
    shown(page, page.file("one.gguf"))
    shown(page, write(page.folder / "two.gguf"))
    about = page.view.details.about
    about.reckon.click()
    page.view.list.setCurrentIndex(page.view.list.model().index(0, 0))
    page.wait(lambda: not page.jobs.busy)
    assert about.isVisible()
    assert about.reckon.isVisible()
    assert about.stop.isHidden()


def test_a_checksum_that_cannot_be_computed_says_why(page: Page) -> None:
    path = page.file()
    shown(page, path)
    path.unlink()
    page.view.details.about.reckon.click()
    page.wait(lambda: not page.jobs.busy)
    assert "small.gguf" in page.notices.shown[-1]
    assert page.view.details.about.reckon.isVisible()


def test_a_checksum_of_the_download_is_told_and_can_be_computed_anew(page: Page) -> None:
    about = page.view.details.about
    shown(page, page.file())
    about.show_checksum(Checksum(files=(("a.gguf", "ab" * 32), ("b.gguf", "cd" * 32)), known="download"))
    assert about.checksum.text().startswith("SHA-256, from the download:")
    assert "b.gguf" in about.checksum.text()
    assert about.reckon.isVisible()


# --- memory and speed ---------------------------------------------------------------------------


def test_another_context_and_cache_are_tried_at_once_and_kept_only_when_one_says_so(page: Page) -> None:
    shown(page, page.file())
    memory, (model,) = page.view.details.memory, page.listed
    before = memory.parts.text()
    assert (memory.context.value(), memory.context.maximum()) == (256, 256)  # the model knows no more
    memory.cache.setCurrentIndex(memory.cache.findText("q8_0"))
    assert memory.parts.text() != before
    assert page.engine.models.get(model.id).loading == {}
    page.jobs.changed.emit("models")
    assert memory.cache.currentText() == "q8_0"  # what is tried stays
    memory.back.click()
    assert memory.parts.text() == before
    assert memory.back.isHidden()
    memory.cache.setCurrentIndex(memory.cache.findText("q4_0"))
    memory.adopt.click()
    assert page.engine.models.get(model.id).loading["key_cache"] == "q4_0"
    assert memory.adopt.isHidden()


def test_a_model_whose_caches_differ_shows_both(page: Page) -> None:
    shown(page, page.file())
    (model,) = page.listed
    page.engine.models.set_loading(model.id, key_cache="q8_0")
    page.jobs.changed.emit("models")
    assert page.view.details.memory.cache.currentText() == "q8_0 / f16"


def test_the_wheel_and_the_keyboard_treat_the_fields_as_all_others(page: Page) -> None:
    shown(page, write(page.folder / "one.gguf"))
    memory = page.view.details.memory
    before = memory.context.value()
    position = memory.context.rect().center().toPointF()
    down, no = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    wheel = QWheelEvent(position, memory.context.mapToGlobal(position), memory.pos(), memory.pos(), down, no,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(memory.context, wheel)
    assert memory.context.value() == before
    memory.context.setFocus()
    QTest.keyClick(memory.context, Qt.Key.Key_Down)
    assert memory.context.value() == before - 512
    assert memory.adopt.isVisible()


def test_what_is_tried_and_does_not_fit_says_what_would_and_offers_no_loading(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(page, write(page.folder / "one.gguf"))
    memory = page.view.details.memory
    model = page.engine.models.get(page.listed[0].id)
    least = page.engine.models.need(model, LoadOptions(context_tokens=512)).need_bytes
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: least + 1000)
    page.jobs.changed.emit("models")
    assert memory.load_anyway.isVisible()
    assert "With a context length of" in memory.ways.text()
    memory.context.setValue(1024)
    assert not memory.load_anyway.isVisible()
    memory.context.setValue(512)
    assert not memory.ways.isVisible()


def test_before_any_answer_the_speed_is_a_guess_and_afterwards_it_is_measured_with_the_error_of_the_estimate(
    page: Page,
) -> None:
    shown(page, write(page.folder / "one.gguf"))
    memory = page.view.details.memory
    assert memory.speed.text().startswith("Estimate: it may write")
    shown(page, write(page.folder / "two.gguf", seed=1))
    speeds = Speeds(page.engine._store.models)
    for model, per_s in zip(page.listed, (100.0, 80.0), strict=True):
        speed = Speed(tokens=64, tokens_per_s=per_s, prompt_tokens=256, reading_tokens_per_s=500.0)
        speeds.keep(model, page.engine.models.options(model), speed, on_card=False)
    page.engine.runtime._peaks.keep(model, page.engine.models.options(model), 1 << 30)
    page.jobs.changed.emit("models")
    assert memory.speed.text() == (
        "Measured on this computer: it writes 80 tokens a second and reads 500. "
        "The estimate, by how fast one was here, was 100: 25 % too much."
    )
    assert "too little" in memory.measured.text()


@pytest.mark.parametrize(
    ("expected", "measured", "like", "begins"),
    [
        (50.0, 0.0, "Ume", "Estimate: it writes about 50 tokens a second, by how fast Ume was here."),
        (50.0, 100.0, "Ume", "Measured on this computer: it writes 100 tokens a second. The estimate"),
        (50.0, 100.0, "", "Measured on this computer: it writes 100 tokens a second."),
        (0.0, 0.0, "", ""),
    ],
)
def test_speed_is_told_in_a_sentence(expected: float, measured: float, like: str, begins: str) -> None:
    fit = Fit(need_bytes=1, free_bytes=2, weights_bytes=1, context_bytes=0, working_bytes=0, context_tokens=1)
    paces = {"expected": Paces(writing=expected), "measured": Paces(writing=measured)}
    words = speed_words(Prospect(fit=fit, ways=WaysDown(), like=like, **paces))
    assert words.startswith(begins)
    assert words.endswith("too little.") is (bool(measured) and bool(like))


# --- the template -------------------------------------------------------------------------------


def test_the_difference_of_a_template_is_shown_as_it_is_written_and_coloured(page: Page) -> None:
    shown(page, write(page.folder / "one.gguf"))
    card = page.view.details.template
    shown(page, write(page.folder / "two.gguf", seed=1, template=CHATML + "<img src='//host/x.png'>\u202e"))
    assert card.beside.text() == "1 lines are not as in that of one, another form of this model."
    assert not card.diff.isVisible()
    card.fold.click()
    assert card.diff.isVisible()
    last = card.diff.document().lastBlock()
    assert last.text().startswith("+<img src='//host/x.png'>")
    assert "\u202e" not in last.text()
    for kind in ("light", "dark"):
        theme().choose(kind)
        (ink,) = last.layout().formats()
        assert ink.format.foreground().color() == colour("good")
    page.view.list.setCurrentIndex(page.view.list.model().index(0, 0))
    page.wait(lambda: not page.jobs.busy)
    assert card.beside.text() == "1 lines are not as in that of two, another form of this model."


def test_a_template_like_its_original_says_so_and_one_without_relatives_says_nothing(page: Page) -> None:
    card = page.view.details.template
    shown(page, write(page.folder / "one.gguf", template="{{ messages }}"))
    assert not card.beside.isVisible()
    shown(page, write(page.folder / "two.gguf", seed=1, template="{{ messages }}"))
    assert card.beside.text().startswith("The same as that of one")
    assert not card.fold.isVisible()


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_kind_of_model_has_words(page: Page, language: str) -> None:
    choose(language, RESOURCES / "translations")
    for attention in Attention:
        assert attention_words(Terms(attention=attention, heads=8, kv_heads=2, layers=4, attending=2))
    for positions in Positions:
        assert positions_words(Terms(attention=Attention.FULL, positions=positions))
    stretched = {"turned": 8, "head_width": 16, "scaling_factor": 4.0, "trained_tokens": 64, "rope_base": 1e4}
    for scaling in ("frequencies", "yarn"):
        terms = Terms(attention=Attention.FULL, positions=Positions.ROTARY, scaling=scaling, **stretched)
        assert "64" in positions_words(terms)
    assert window_words(Terms(attention=Attention.FULL, window_tokens=512)) != window_words(
        Terms(attention=Attention.FULL, window_tokens=512, windowed=2, layers=4)
    )
    assert "2" in experts_words(Terms(attention=Attention.FULL, experts=8, experts_used=4, experts_shared=2))
    choose("en", RESOURCES / "translations")


def test_words_for_vocabularies_matrices_and_layers(page: Page) -> None:
    shown(page, page.file())
    (model,) = page.listed
    facts: ModelFacts = model.facts
    plain = Terms(attention=Attention.FULL)

    def vocabulary(kind: str, cut: str = "") -> str:
        card = ModelCard(facts=facts, terms=plain, origin=Origin(), vocabulary_kind=kind, vocabulary_cut=cut)
        return vocabulary_words(card)

    assert vocabulary("gpt2", "qwen2") == "byte-level BPE, cut as qwen2"
    assert vocabulary("own") == "own"
    assert vocabulary("") == "The file does not say"
    assert importance_words(model, Origin()) == "The file tells of none"
    told = importance_words(model, Origin(matrix_text="letters.txt", chunks=80))
    assert told == "Yes · measured with letters.txt · 80 pieces of text"
    few = Differing(name="a", form="Q8_0", weights=1, layers=(0, 1, 2, 5, 7, 8), of_layers=12)
    assert layers_words(few) == "0–2, 5, 7–8"
    assert layers_words(Differing(name="a", form="Q8_0", weights=1)) == ""


def test_the_cards_of_a_model_of_the_library_are_those_of_its_file(page: Page) -> None:
    shown(page, page.file())
    (model,) = page.listed
    card = finish(page.engine.models.cards.of(model.id, Cancel())).card
    assert card.facts == model.facts
