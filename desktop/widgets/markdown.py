"""Text from a model, shown as markdown while it streams in and after.

The text is cut into pieces (`markdown_pieces`), each its own widget. New text is gathered and
laid out at most `PER_SECOND` times a second, and only the last piece is laid out again; a piece
that takes long is laid out less often, so that the window always has most of its time left.
Nothing in the text is ever loaded or opened; links are reported to whoever shows the view.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QElapsedTimer, QEvent, QTimer, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop.theme import Colours, colours
from desktop.widgets.code_block import CodeBlock
from desktop.widgets.markdown_pieces import MOST_CODE, Piece, cut, without_half_fence
from desktop.widgets.prose import Prose
from desktop.widgets.prose_marks import Mark, with_places, without_places

PER_SECOND = 30
REST = 3  # times as long as a layout took, at least, until the next one


class MarkdownView(QWidget):
    """Shows one text. `append` while it is written, `settle` when it is finished."""

    link_chosen = Signal(str)
    source_chosen = Signal(int)
    mark_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pieces: list[Prose | CodeBlock] = []
        self.layouts_made = 0
        self._text = ""
        self._settled_to = 0  # pieces before this offset do not change any more
        self.numbers: frozenset[int] = frozenset()
        self.marks: tuple[Mark, ...] = ()
        self._writing = False
        self._look: Colours | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        self._soon = QTimer(self, singleShot=True, interval=1000 // PER_SECOND)
        self._soon.timeout.connect(self._lay_out)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The whole text as it was written, markdown and all."""
        return self._text

    def show_text(self, text: str, numbers: Iterable[int] = (), marks: Sequence[Mark] = ()) -> None:
        """Show a finished text; `[n]` for n in `numbers` becomes a citation, sentences get their `marks`."""
        self._clear()
        self._text, self.numbers, self.marks, self._writing = text, frozenset(numbers), tuple(marks), False
        self._lay_out()

    def cite(self, numbers: Iterable[int]) -> None:
        """The sources that text still to come may cite."""
        self.numbers = frozenset(numbers)

    def append(self, text: str) -> None:
        """More of a text that is being written."""
        self._text += text
        self._writing = True
        if not self._soon.isActive():
            self._soon.start()

    def settle(self) -> None:
        """The text is finished: lay out what waits."""
        self._writing = False
        self._soon.stop()
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._look not in (None, colours()):
            text, numbers, marks, writing = self._text, self.numbers, self.marks, self._writing
            self.show_text(text, numbers, marks)
            self._writing = writing

    # Its own affairs.

    @Slot()
    def _lay_out(self) -> None:
        clock = QElapsedTimer()
        clock.start()
        self._show_pieces()
        self._soon.setInterval(max(1000 // PER_SECOND, REST * clock.elapsed()))

    def _show_pieces(self) -> None:
        self._look = colours()
        self.layouts_made += 1
        text = without_half_fence(self._text) if self._writing else with_places(self._text, self.marks)
        settled_code = sum(isinstance(piece, CodeBlock) for piece in self.pieces[:-1])
        found = cut(text[self._settled_to :], MOST_CODE - settled_code)
        if not found:
            return
        kept = len(self.pieces) - 1 if self.pieces else 0
        for index, piece in enumerate(found):
            self._show(kept + index, piece)
        self._settled_to += found[-1].start

    def _show(self, index: int, piece: Piece) -> None:
        kind = CodeBlock if piece.is_code else Prose
        if index < len(self.pieces) and not isinstance(self.pieces[index], kind):
            self._drop(self.pieces.pop(index))
        if index == len(self.pieces):
            self.pieces.append(self._made(kind))
        shown = self.pieces[index]
        if isinstance(shown, CodeBlock):
            shown.show_code(without_places(piece.text) if self.marks else piece.text, piece.language)
        else:
            shown.show_text(piece.text, self.numbers, self.marks)

    def _made(self, kind: type[Prose] | type[CodeBlock]) -> Prose | CodeBlock:
        made = kind(self)
        made.resize(self.width(), made.height())  # laid out at its width from the first, not at Qt's 100 pixels
        if isinstance(made, Prose):
            made.link_chosen.connect(self.link_chosen)
            made.source_chosen.connect(self.source_chosen)
            made.mark_chosen.connect(self.mark_chosen)
        self._column.addWidget(made)
        return made

    def _clear(self) -> None:
        self._soon.stop()
        for piece in self.pieces:
            self._drop(piece)
        self.pieces = []
        self._settled_to = 0

    def _drop(self, piece: QWidget) -> None:
        self._column.removeWidget(piece)
        piece.hide()
        piece.deleteLater()
