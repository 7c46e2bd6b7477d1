"""The card of a model's adapters: attached, taken off, brought back, and refused in words."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from desktop.notices import Notice
from engine.types import Model
from tests.desktop.models.conftest import Page, press
from tests.fakes.tiny_gguf import EMBEDDING
from tests.fakes.tiny_gguf import write as write_tiny
from tests.fakes.tiny_lora import RANK, Lora


def adapters_page(page: Page) -> tuple[Model, Model]:
    """A model and an adapter for it, the model on show."""
    page.add(write_lora(page), write_tiny(page.folder / "tiny.gguf"))
    adapter, model = sorted(page.listed, key=lambda each: each.facts.use)
    page.view.list.setCurrentIndex(page.view.list.model().index_of(model.id))
    return model, adapter


def write_lora(page: Page) -> Path:
    return Lora().write(page.folder / "lora.gguf")


def test_an_adapter_says_what_it_is_for_and_is_attached_on_the_page_of_its_model(page: Page) -> None:
    model, adapter = adapters_page(page)
    card = page.view.details.adapters
    assert [action.text() for action in card.menu.actions()] == ["lora"]
    card.menu.actions()[0].trigger()
    page.wait(lambda: not page.jobs.busy)
    assert [row.name.text() for row in card.rows] == ["lora"]
    assert not card.attach.isVisible()
    card.rows[0].strength.setValue(0.0)
    assert card.rows[0].name.text() == "lora (off)"
    assert page.engine.models.get(model.id).adapters[0].strength == 0.0
    card.rows[0].strength.setValue(-1.5)
    assert page.engine.models.get(model.id).adapters[0].strength == -1.5
    card.rows[0].detach.click()
    assert card.rows == []
    assert page.engine.models.get(model.id).adapters == ()
    page.view.list.setCurrentIndex(page.view.list.model().index_of(adapter.id))
    assert page.view.details._adapts.text().startswith("Made from tiny 0; changes how models of the architecture llama")
    assert not card.isVisible()
    assert [label.text() for label in page.view.details._facts[4:7]] == ["–"] * 3


def attached_adapter(page: Page, strength: float) -> tuple[Model, Model]:
    model, adapter = adapters_page(page)
    card = page.view.details.adapters
    card.menu.actions()[0].trigger()
    page.wait(lambda: not page.jobs.busy)
    card.rows[0].strength.setValue(strength)
    return model, adapter


def test_an_adapter_that_was_taken_off_comes_back_with_its_strength(page: Page) -> None:
    model, adapter = attached_adapter(page, -1.5)
    card = page.view.details.adapters
    card.rows[0].detach.click()
    assert page.engine.models.get(model.id).adapters == ()
    press(page, "Undo")
    page.wait(lambda: not page.jobs.busy)
    assert [(one.id, one.strength) for one in page.engine.models.get(model.id).adapters] == [(adapter.id, -1.5)]
    assert [row.name.text() for row in card.rows] == ["lora"]


@pytest.mark.parametrize("which", ["model", "adapter"])
def test_removing_and_undo_leave_an_adapter_at_work_as_strongly_as_before(page: Page, which: str) -> None:
    model, adapter = attached_adapter(page, 0.5)
    page.engine.models.set_loading(model.id, context_tokens=1024)
    gone = model if which == "model" else adapter
    page.view.remove_requested.emit(gone.id)
    assert len(page.names) == 1
    press(page, "Undo")
    assert len(page.names) == 2
    back = page.engine.models.get(model.id)
    assert [(one.id, one.strength) for one in back.adapters] == [(adapter.id, 0.5)]
    assert back.loading == {"context_tokens": 1024}


def test_an_adapter_that_does_not_go_with_the_model_is_refused_in_words(page: Page) -> None:
    model, adapter = adapters_page(page)
    wide = {"blk.0.attn_q.weight.lora_a": np.zeros((RANK, 2 * EMBEDDING), np.float32)}
    Lora().write(adapter.path, tensors=wide)
    page.view.details.adapters.attach_requested.emit(adapter.id)
    page.wait(lambda: not page.jobs.busy)
    assert page.engine.models.get(model.id).adapters == ()
    titles = [label.text() for notice in page.window.findChildren(Notice) for label in notice.findChildren(QLabel)]
    assert any("does not go with this model" in title for title in titles)
