"""The Privacy page in the real window, on an engine whose model process is pretended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.pages.privacy.view import PrivacyView
from desktop.window import Window
from engine.engine import Engine, Places


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine that needs no real model."""
    with Engine.open(Places(tmp_path / "data"), model_process="tests.fakes.model_worker") as opened:
        yield opened


@pytest.fixture
def page(window: Window) -> PrivacyView:
    """The open page."""
    window.show_page("privacy")
    view = window.built("privacy")
    assert isinstance(view, PrivacyView)
    return view
