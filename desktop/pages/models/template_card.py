"""The chat template of a model, and where it differs from the one that it should be like."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from desktop.plain import PlainLabel
from desktop.theme import colour, mono_font, theme
from desktop.widgets.card import Card
from desktop.words import later, tr
from engine.types import Against, TemplateDiff
from engine.unseen import visible

TEMPLATE_PX = 190
INKS = {"+": "good", "-": "bad", "@": "faint"}  # by how a line of a diff begins
SAME = {
    Against.PARENT: later("The same as that of {name}, which it was made from."),
    Against.BASE: later("The same as that of {name}, which its file names as its origin."),
    Against.SIBLING: later("The same as that of {name}, another form of this model."),
    Against.FAMILY: later("The same as the plain template of {name}."),
}
CHANGED = {
    Against.PARENT: later("{count} lines are not as in that of {name}, which it was made from."),
    Against.BASE: later("{count} lines are not as in that of {name}, which its file names as its origin."),
    Against.SIBLING: later("{count} lines are not as in that of {name}, another form of this model."),
    Against.FAMILY: later("{count} lines are not as in the plain template of {name}, whose marks it uses."),
}


class TemplateCard(Card):
    """Shows the template as it is written, which is never run here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Chat template"), parent,
            about=tr("How a conversation is written down for this model. It comes with the file."),
        )  # fmt: skip
        self.source = _shown(tr("Chat template"))
        self.none = PlainLabel(tr("The file carries none; a plain one is used."), wordWrap=True)
        self.beside = PlainLabel(wordWrap=True)
        self.fold = QPushButton()
        self.fold.setProperty("role", "link")
        self.fold.setCheckable(True)
        self.diff = _shown(tr("What differs in the chat template"))
        self._inks = _Inks(self.diff.document())
        theme().changed.connect(self._inks.rehighlight)
        for widget in (self.source, self.none, self.beside, self.diff):
            self.column.addWidget(widget)
        self.column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        self.fold.toggled.connect(self._unfold)
        self._unfold(False)
        self.show_template(None)

    def show_template(self, template: str | None) -> None:
        """Show this one; None where the file has none. What it is held against follows."""
        shown = visible(template or "")
        if shown != self.source.toPlainText():
            self.source.setPlainText(shown)
        self.source.setVisible(bool(template))
        self.none.setVisible(not template)
        self.show_diff(None)

    def show_diff(self, found: TemplateDiff | None) -> None:
        """Say what it was held against, and offer what differs."""
        lines = found.lines if found else ()
        changed = sum(line[0] in "+-" for line in lines)
        if found:
            words = (CHANGED if changed else SAME)[found.against]
            self.beside.setText(tr(words, count=changed, name=visible(found.name)))
        self.beside.setVisible(found is not None)
        text = "\n".join(map(visible, lines))
        if text != self.diff.toPlainText():
            self.diff.setPlainText(text)
        self.fold.setVisible(changed > 0)
        self._unfold(self.fold.isChecked())

    def _unfold(self, shown: bool) -> None:
        self.diff.setVisible(shown and not self.fold.isHidden())
        self.fold.setText(tr("Hide the difference") if shown else tr("Show the difference"))


class _Inks(QSyntaxHighlighter):
    """Colours a line by the sign that it begins with."""

    def highlightBlock(self, text: str) -> None:
        """Qt's wish."""
        if ink := INKS.get(text[:1]):
            form = QTextCharFormat()
            form.setForeground(colour(ink))
            self.setFormat(0, len(text), form)


def _shown(name: str) -> QPlainTextEdit:
    edit = QPlainTextEdit(readOnly=True)
    edit.setProperty("role", "code")
    edit.setAccessibleName(name)
    edit.setFont(mono_font())
    edit.setFixedHeight(TEMPLATE_PX)
    edit.setTabChangesFocus(True)
    return edit
