"""Words on screen stay words: labels and tooltips are plain, and what is hidden in them is seen."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.plain import PlainLabel, caption, tip
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.page_text import PageText
from desktop.widgets.passage_text import snippet
from desktop.window import Window
from tests.reliability.hub_surfaces import HUB_SURFACES
from tests.reliability.surfaces import SURFACES

ROOT = Path(__file__).parents[3]
RICH = "<b>x</b> &lt;img src=x&gt; &amp; \u202e"
EVERY_SURFACE = SURFACES | HUB_SURFACES


def test_a_label_shows_markup_as_it_is_written_and_what_is_hidden(qtbot: QtBot) -> None:
    label = PlainLabel(RICH)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == "<b>x</b> &lt;img src=x&gt; &amp; ‹U+202E›"
    label.setText("\u200b")
    assert label.text() == "‹U+200B›"
    elided = ElidedLabel("a\u202eb")
    qtbot.addWidget(elided)
    assert (elided.words, elided.accessibleName()) == ("a‹U+202E›b", "a‹U+202E›b")


def test_a_tooltip_is_never_taken_for_rich_text() -> None:
    assert Qt.mightBeRichText(RICH)
    assert not Qt.mightBeRichText(tip(RICH))
    assert tip("C:\\a & b") == "C:\\a & b"
    assert caption("a & b") == "a && b"


def widgets(top: QWidget) -> Iterator[QWidget]:
    yield top
    yield from top.findChildren(QWidget)


def test_every_label_of_the_window_is_plain_on_every_page(window: Window) -> None:
    labels = [widget for widget in widgets(window) if isinstance(widget, QLabel)]
    assert len(labels) > 10
    assert [label.text() for label in labels if label.textFormat() is not Qt.TextFormat.PlainText] == []
    assert [widget.toolTip() for widget in widgets(window) if Qt.mightBeRichText(widget.toolTip())] == []


@pytest.mark.parametrize("name", EVERY_SURFACE)
def test_hidden_characters_are_seen_wherever_text_is_shown(qtbot: QtBot, name: str) -> None:
    """In everything a widget says: its words, its tooltip, what a screen reader hears."""
    surface = EVERY_SURFACE[name]("ab\u202ecd<b>\n\n```\nx\u2066\n```")
    qtbot.addWidget(surface)
    surface.show()
    said = {
        f"{type(widget).__name__}.{says}": str(getattr(widget, says)())
        for widget in widgets(surface)
        for says in ("text", "toPlainText", "windowTitle", "toolTip", "accessibleName", "accessibleDescription")
        if callable(getattr(widget, says, None))
    }
    assert {where: words for where, words in said.items() if "\u202e" in words or "\u2066" in words} == {}


def test_a_highlighted_passage_is_the_same_words_with_what_is_hidden_in_it(qtbot: QtBot) -> None:
    page = PageText()
    qtbot.addWidget(page)
    text = "\u202eone \U0001f3e1 two\u200b three"
    page.show_text(text, text.index("two"), text.index(" three"))
    assert page.highlighted == "two‹U+200B›"
    shown = snippet(text, ((text.index("three"), len(text)),))
    assert [shown.text[start:end] for start, end in shown.marks] == ["three"]


def test_only_plain_labels_are_made_and_tooltips_with_outside_words_go_through_tip() -> None:
    wrong = []
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        if path.name == "plain.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("QLabel", "QMessageBox", "QToolTip.showText"):
                wrong.append(f"{path.name}:{node.lineno} makes a {ast.unparse(node.func)}")
            if isinstance(node, ast.ClassDef) and "QLabel" in [ast.unparse(base) for base in node.bases]:
                wrong.append(f"{path.name}:{node.lineno} is a QLabel")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "setToolTip":
                outside = any(isinstance(part, ast.Attribute | ast.FormattedValue) for part in ast.walk(node.args[0]))
                if outside and "tip(" not in ast.unparse(node.args[0]) and "tr(" not in ast.unparse(node.args[0]):
                    wrong.append(f"{path.name}:{node.lineno} shows {ast.unparse(node.args[0])}")
    assert wrong == []


def test_the_program_ends_in_order_after_words_of_an_answer_were_copied(tmp_path: Path) -> None:
    """Qt frees what is in the clipboard after Python has gone."""
    script = (
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from desktop.widgets.prose import Prose, hand_over_what_was_copied\n"
        "prose = Prose()\n"
        "prose.show_text('words of an answer')\n"
        "prose.selectAll()\n"
        "prose.copy()\n"
        "hand_over_what_was_copied()\n"
        "assert app.clipboard().text() == 'words of an answer'\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr.decode()[-500:]
