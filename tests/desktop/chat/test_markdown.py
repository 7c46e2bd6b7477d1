"""Markdown on screen: it looks right while it streams, copies as it was written, and loads nothing."""

import ctypes
import os
import struct
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication, QImage, QTextFormat
from pytestqt.qtbot import QtBot

from desktop.theme import theme
from desktop.widgets.code_block import CodeBlock
from desktop.widgets.link_dialog import LinkDialog, can_open
from desktop.widgets.markdown import MarkdownView
from desktop.widgets.markdown_pieces import LIST_CHARS, MOST_CODE, PROSE_CHARS, cut
from desktop.widgets.prose import Prose
from desktop.widgets.sources import SourceCard
from engine.types import Source

HOSTILE = [
    "![x]({u})", "![x][r]\n\n[r]: {u}", "[![x]({u})](https://example.org)", "# ![x]({u})", "- ![x]({u})",
    "> ![x]({u})", "| ![x]({u}) |\n|---|\n| ![y]({u}) |", "<img src=\"{u}\">", "<link rel='stylesheet' href='{u}'>",
    "<style>@import url('{u}'); p {{ background: url('{u}') }}</style>", "<body background='{u}'>text</body>",
    "<table background='{u}'><tr><td>x</td></tr></table>", "<iframe src='{u}'></iframe>",
    "<object data='{u}'></object><video src='{u}'></video>", "text\n\n```html\n<img src='{u}'>\n```\n\n![x](<{u}>)",
]  # fmt: skip
ADDRESSES = ["{path}", "file://{path}", "file://localhost{path}", "/{path}"]  # the last begins like a share: //tmp/…


class OpenedFiles:
    """Counts how often a file is opened, by anybody in this process. Linux only."""

    OPENED = 0x20

    def __init__(self, path: Path) -> None:
        self._system = ctypes.CDLL(None, use_errno=True)
        self._watch = self._system.inotify_init1(os.O_NONBLOCK)
        assert self._system.inotify_add_watch(self._watch, bytes(path), self.OPENED) >= 0

    def count(self) -> int:
        """How many openings since the last look."""
        try:
            raw = os.read(self._watch, 65536)
        except BlockingIOError:
            return 0
        return len(raw) // struct.calcsize("iIII")

    def close(self) -> None:
        """Stop watching."""
        os.close(self._watch)


@pytest.fixture
def canary(tmp_path: Path, qtbot: QtBot) -> Path:
    """A picture that a text may name and that must never be opened."""
    theme().choose("light")
    picture = QImage(64, 64, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff00ff"))
    path = tmp_path / "canary.png"
    assert picture.save(str(path))
    return path


@pytest.fixture
def opened(canary: Path) -> Iterator[OpenedFiles]:
    """Counts openings of the canary."""
    if not sys.platform.startswith("linux"):
        pytest.skip("openings of a file can only be counted on Linux")
    files = OpenedFiles(canary)
    yield files
    files.close()


def shown(qtbot: QtBot, text: str = "", numbers: tuple[int, ...] = ()) -> MarkdownView:
    view = MarkdownView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show_text(text, numbers)
    view.show()
    return view


def prose(view: MarkdownView, at: int = 0) -> Prose:
    piece = view.pieces[at]
    assert isinstance(piece, Prose)
    return piece


def code(view: MarkdownView, at: int = 0) -> CodeBlock:
    piece = view.pieces[at]
    assert isinstance(piece, CodeBlock)
    return piece


def fuchsia_in(picture: QImage) -> bool:
    return any(
        picture.pixelColor(x, y) == QColor("#ff00ff") for x in range(picture.width()) for y in range(picture.height())
    )


@pytest.mark.parametrize(("form", "address"), list(product(HOSTILE, ADDRESSES)))
def test_no_text_makes_the_window_open_a_file(
    form: str, address: str, canary: Path, opened: OpenedFiles, qtbot: QtBot
) -> None:
    text = form.format(u=address.format(path=canary))
    view = shown(qtbot, text)
    streamed = shown(qtbot)
    for character in text:
        streamed.append(character)
    streamed.settle()
    for each in (view, streamed):
        assert not fuchsia_in(each.grab().toImage().scaled(120, 120))
        for piece in each.pieces:
            if isinstance(piece, Prose):
                formats = piece.inert.allFormats()
                assert not any(form.isImageFormat() for form in formats if _in_use(piece, form))
    assert opened.count() == 0


def _in_use(piece: Prose, form: QTextFormat) -> bool:
    block = piece.inert.begin()
    while block.isValid():
        if any(span.format == form for span in block.textFormats()):
            return True
        block = block.next()
    return False


def test_the_counter_of_openings_counts(canary: Path, opened: OpenedFiles) -> None:
    QImage(str(canary))
    assert opened.count() > 0


def test_a_source_card_shows_a_passage_as_it_is_written(canary: Path, opened: OpenedFiles, qtbot: QtBot) -> None:
    text = f"<img src='{canary}'> <b>bold</b>"
    card = SourceCard(Source(number=1, document_id=1, path=Path(text), page=1, start=0, end=5, text=text))
    qtbot.addWidget(card)
    card.show()
    card.grab()
    assert card.passage.text() == text
    assert opened.count() == 0


def test_a_picture_becomes_its_words(canary: Path, qtbot: QtBot) -> None:
    view = shown(qtbot, "see ![a cat](//host/share/cat.png) here")
    assert "[picture: a cat]" in prose(view).toPlainText()


def test_html_is_shown_as_it_is_written(qtbot: QtBot) -> None:
    view = shown(qtbot, "hm <script>alert(1)</script>")
    assert "<script>alert(1)</script>" in prose(view).toPlainText()


def test_a_first_line_of_dashes_hides_nothing(qtbot: QtBot) -> None:
    view = shown(qtbot, "---\nsecret: yes\n---\nrest")
    assert "secret: yes" in prose(view).toPlainText()


# Links.


def test_a_link_is_told_and_not_opened(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", launched.append)
    view = shown(qtbot, "[click](https://evil.example/?q=secret)")
    told: list[str] = []
    view.link_chosen.connect(told.append)
    prose(view).anchorClicked.emit(QUrl("https://evil.example/?q=secret"))
    assert told == ["https://evil.example/?q=secret"]
    assert launched == []


def test_the_link_dialog_copies_unless_asked_otherwise(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    launched: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", launched.append)
    dialog = LinkDialog("https://example.org/a?b=c")
    qtbot.addWidget(dialog)
    assert dialog.shown.toPlainText() == "https://example.org/a?b=c"
    assert (dialog.host.text(), dialog.host.font().bold()) == ("example.org", True)
    assert dialog.carried.toPlainText() == "b = c"
    assert dialog.copy_button.isDefault()
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == "https://example.org/a?b=c"
    assert launched == []


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "//host/share", "\\\\host\\share", "mailto:a@b.c", "smb://h/s",
     "data:text/html,x", "ftp://h/f", "https:", "http://", "", "ms-word:ofe|u|http://x", "search-ms:query=x", "/etc"],
)  # fmt: skip
def test_only_web_addresses_can_be_opened(address: str, qtbot: QtBot) -> None:
    assert not can_open(address)
    dialog = LinkDialog(address)
    qtbot.addWidget(dialog)
    assert not dialog.open_button.isEnabled()


@pytest.mark.parametrize(
    ("address", "host", "words"),
    [
        ("https://example.org/page", "example.org", ""),
        ("https://bank.example@evil.example/x", "evil.example", "bank.example@"),
        ("https://\u0430pple.com/", "xn--pple-43d.com  (\u0430pple.com)", ""),
        ("https://e.org/?q=my%20secret%0aline&id=7", "e.org", "q = my secret\nline\nid = 7"),
        ("https://e.org/my%20secret", "e.org", "/my secret"),
        ("https://e.org/#%E2%80%AEfdp", "e.org", "‹U+202E›fdp"),
    ],
)  # fmt: skip
def test_the_link_dialog_says_which_host_is_asked_and_what_is_told_to_it(
    qtbot: QtBot, address: str, host: str, words: str
) -> None:
    dialog = LinkDialog(address)
    qtbot.addWidget(dialog)
    assert dialog.host.text() == host
    assert dialog.carried.toPlainText() == words
    assert dialog.carried.isHidden() is not bool(words)


def test_the_title_of_a_link_is_no_tooltip(qtbot: QtBot) -> None:
    view = shown(qtbot, "[x](https://a.example \"<img src='//host/share/x.png'>\")")
    block = prose(view).document().begin()
    assert [span.format.toolTip() for span in block.textFormats()] == [""]


def test_what_is_hidden_in_a_text_is_seen_and_the_text_itself_stays(qtbot: QtBot) -> None:
    text = "pay\u202etxt.exe\u202c and\u200b\n\n```\nif\u2066 x\n```"
    view = shown(qtbot, text)
    assert prose(view).toPlainText() == "pay‹U+202E›txt.exe‹U+202C› and‹U+200B›"
    assert view.text == text
    code(view, 1).copy_button.click()
    assert QGuiApplication.clipboard().text() == "if\u2066 x"


# Form.


def test_fenced_code_has_its_language_and_copies_alone(qtbot: QtBot) -> None:
    view = shown(qtbot, "Look:\n\n```python\nprint('a')\n\nprint('b')\n```\n\nDone.")
    assert [type(piece) for piece in view.pieces] == [Prose, CodeBlock, Prose]
    assert code(view, 1).language.text() == "python"
    code(view, 1).copy_button.click()
    assert QGuiApplication.clipboard().text() == "print('a')\n\nprint('b')"


def test_code_inside_a_list_keeps_the_numbers_going(qtbot: QtBot) -> None:
    view = shown(qtbot, "1. one\n\n   ```sh\n   ls\n   ```\n\n2. two")
    assert code(view, 1).code == "ls"
    last = prose(view, 2).inert.begin().textList()
    assert last is not None
    assert last.format().start() == 2


def test_selected_text_copies_as_plain_text(qtbot: QtBot) -> None:
    view = shown(qtbot, "some **bold** words")
    piece = prose(view)
    piece.selectAll()
    piece.copy()
    data = QGuiApplication.clipboard().mimeData()
    assert data.text() == "some bold words"
    assert not data.hasHtml()


def test_a_number_of_a_source_is_a_citation_and_others_are_words(qtbot: QtBot) -> None:
    view = shown(qtbot, "Green [1], black [7], `[1]` in code, [2](https://example.org).", (1, 2))
    anchors = set()
    block = prose(view).inert.begin()
    for span in block.textFormats():
        if span.format.isAnchor():
            anchors.add((block.text()[span.start : span.start + span.length], span.format.anchorHref()))
    assert anchors == {("[1]", "source:1"), ("2", "https://example.org")}
    chosen: list[int] = []
    view.source_chosen.connect(chosen.append)
    prose(view).anchorClicked.emit(QUrl("source:1"))
    assert chosen == [1]


def test_citations_can_be_reached_with_the_keyboard(qtbot: QtBot) -> None:
    view = shown(qtbot, "see [1]", (1,))
    assert prose(view).focusPolicy() & Qt.FocusPolicy.TabFocus
    view.show_text("nothing to click")
    assert not prose(view).focusPolicy() & Qt.FocusPolicy.TabFocus


# Streaming.


def test_a_half_written_fence_never_shows_as_text(qtbot: QtBot) -> None:
    view = shown(qtbot)
    for piece in ("Look:\n", "`", "`", "`", "py", "thon\n", "x = 1\n", "`", "`"):
        view.append(piece)
        view._soon.stop()
        view._lay_out()
        assert "`" not in prose(view).toPlainText()
    assert code(view, 1).language.text() == "python"
    assert code(view, 1).code == "x = 1"
    view.append("`\nafter")
    view.settle()
    assert [type(piece) for piece in view.pieces] == [Prose, CodeBlock, Prose]


def test_streaming_ends_with_the_same_page_as_showing_at_once(qtbot: QtBot) -> None:
    text = (
        "# Head\n\nwords [1]\n\n"
        + "1. item\n" * 30
        + "\n```c\nint x;\n```\n"
        + "more words\n\n" * 400
        + "| a |\n|-|\n| 1 |\n"
    )
    streamed, at_once = shown(qtbot), shown(qtbot, text, (1,))
    streamed.cite([1])
    for at in range(0, len(text), 61):
        streamed.append(text[at : at + 61])
        streamed._soon.stop()
        streamed._lay_out()
    streamed.settle()

    def words(view: MarkdownView) -> list[str]:
        return [piece.code if isinstance(piece, CodeBlock) else piece.toPlainText() for piece in view.pieces]

    assert words(streamed) == words(at_once)


def test_only_the_last_piece_is_laid_out_again(qtbot: QtBot) -> None:
    view = shown(qtbot)
    view.append("words of an answer\n\n" * 400 + "the last paragraph")
    view.settle()
    assert len(view.pieces) > 2
    before = [piece.inert.revision() for piece in view.pieces if isinstance(piece, Prose)]
    view.append(" and more")
    view.settle()
    after = [piece.inert.revision() for piece in view.pieces if isinstance(piece, Prose)]
    assert after[:-1] == before[:-1]
    assert after[-1] != before[-1]


def test_many_tokens_at_once_are_laid_out_together(qtbot: QtBot) -> None:
    view = shown(qtbot)
    made = view.layouts_made
    for _ in range(500):
        view.append("word ")
    assert view.layouts_made == made
    qtbot.waitUntil(lambda: view.layouts_made == made + 1, timeout=5000)
    assert len(prose(view).toPlainText().split()) == 500


def test_long_text_is_cut_only_where_it_may_be() -> None:
    assert len(cut("word " * PROSE_CHARS)) == 1
    assert len(cut("a paragraph of words\n\n" * 1000)) > 5
    tight = "".join(f"{number}. item\n" for number in range(1, 400))
    assert len(cut(tight)) == 1
    assert len(cut(tight * (1 + LIST_CHARS // len(tight)) + tight)) > 1
    for text in (tight, "a\n\n- b\n\n  ```\n  c\n  ```\n" * 300, "| a |\n" * 3000):
        pieces = cut(text)
        assert [piece.start for piece in pieces] == sorted(piece.start for piece in pieces)
        for piece in pieces:
            assert piece.text in text or piece.is_code


def test_a_text_of_nothing_but_fences_does_not_become_thousands_of_widgets(qtbot: QtBot) -> None:
    view = shown(qtbot, "```\nx\n```\n" * 3000)
    assert len(view.pieces) == MOST_CODE + 1
    view.append("```\ny\n```\n" * 10)
    view.settle()
    assert len(view.pieces) == MOST_CODE + 1
    assert prose(view, -1).toPlainText().rstrip().endswith("y")


@pytest.mark.parametrize(
    "text",
    [">" * 20_000, "[" * 20_000, "*a " * 10_000, "`" * 20_000, "- " * 3_000, "|a" * 1500 + "\n" + "|-" * 1500,
     "\x00\u202e\ufffc", "&#x0;&nbsp;&bogus;", "```" * 5_000, "<" * 20_000, "![" * 5_000, "~~~\n" * 2_000],
)  # fmt: skip
def test_odd_text_is_shown_without_trouble(text: str, qtbot: QtBot) -> None:
    view = shown(qtbot, text)
    view.append(text)
    view.settle()
    assert view.pieces
    view.grab()


def test_a_change_of_theme_recolours_the_text(qtbot: QtBot) -> None:
    view = shown(qtbot, "[link](https://example.org)")
    try:
        before = ink(view)
        theme().choose("dark")
        qtbot.waitUntil(lambda: ink(view) != before, timeout=5000)
    finally:
        theme().choose("light")


def ink(view: MarkdownView) -> str:
    (span,) = prose(view).inert.begin().textFormats()
    return span.format.foreground().color().name()
