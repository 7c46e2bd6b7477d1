"""The card of what leaves this computer: the ledger, its sums, and its way into a file."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desktop.pages.privacy.ledger_model import OUTCOMES
from desktop.pages.privacy.view import PrivacyView
from desktop.window import Window
from desktop.words import choose
from engine.cli.ledger import one_line
from engine.engine import Engine
from engine.network import Connection, Outcome


@pytest.fixture
def with_lines(engine: Engine) -> Engine:
    """An engine whose ledger has a download and a refused attempt."""
    engine._store.connections.add(
        Connection(
            process="fetcher", why="download", what="ume/Ume-GGUF/ume.gguf", host="huggingface.co", port=443,
            began_at="2026-01-01T09:00:00.000000+00:00", ended_at="2026-01-01T09:00:02.000000+00:00",
            sent_bytes=812, received_bytes=5 << 20, outcome=Outcome.CLOSED,
        )
    )  # fmt: skip
    engine.ledger.blocked("model", "192.0.2.1", 53)
    return engine


def cells(page: PrivacyView, row: int) -> list[str]:
    """What a row of the table says."""
    rows = page.leaving.table.model()
    return [rows.data(rows.index(row, column)) for column in range(rows.columnCount())]


def test_an_empty_ledger_says_so_and_shows_no_table(page: PrivacyView) -> None:
    assert page.leaving.totals.text() == "Hanare has made no connection yet."
    assert not page.leaving.table.isVisible()


def test_every_connection_is_a_line_with_its_bytes_and_what_it_was_for(with_lines: Engine, page: PrivacyView) -> None:
    sums = "1 connection · to 1 host · 812 bytes sent · 5 MB received · 1 attempt refused"
    assert page.leaving.totals.text() == sums
    assert cells(page, 0)[1:] == [
        "192.0.2.1:53", "nothing you asked for", "0 bytes", "0 bytes", "A model", "refused here",
    ]  # fmt: skip
    assert cells(page, 1)[1:] == [
        "huggingface.co", "ume.gguf", "812 bytes", "5 MB", "The download", "in order",
    ]  # fmt: skip


def test_a_line_that_comes_while_the_page_is_open_is_shown(page: PrivacyView, window: Window, engine: Engine) -> None:
    engine.ledger.blocked("reader", "192.0.2.7", 80)
    window._jobs.changed.emit("connections")
    assert cells(page, 0)[1] == "192.0.2.7:80"


def test_a_try_of_native_code_names_the_kind_of_socket_in_place_of_a_host(
    page: PrivacyView, window: Window, engine: Engine
) -> None:
    engine.ledger.blocked("reader", "", 0, "udp")
    window._jobs.changed.emit("connections")
    assert cells(page, 0)[1] == "not said (udp)"
    assert one_line(engine.ledger.all()[0]).split("  ")[1] == "not said (udp)"


def test_the_list_is_written_to_the_chosen_file(with_lines: Engine, page: PrivacyView, tmp_path: Path) -> None:
    page.leaving.save_requested.emit(tmp_path / "list.csv")
    assert "huggingface.co" in (tmp_path / "list.csv").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_explained(
    with_lines: Engine, page: PrivacyView, window: Window, tmp_path: Path
) -> None:
    page.leaving.save_requested.emit(tmp_path / "nowhere" / "list.csv")
    assert len(window.notices.shown) == 1


def test_the_table_speaks_japanese(with_lines: Engine, window: Window) -> None:
    choose("ja", Path("resources/translations").resolve())
    window.show_page("privacy")
    view = window.built("privacy")
    assert isinstance(view, PrivacyView)
    assert cells(view, 1)[6] == "正常に終了"
    rows = view.leaving.table.model()
    assert rows.headerData(0, Qt.Orientation.Horizontal) == "日時"


def test_every_outcome_has_words() -> None:
    assert set(OUTCOMES) == set(Outcome)
