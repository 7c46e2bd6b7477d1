"""A text document that loads nothing, whatever its text says.

Text from a model or a file may name pictures, style sheets, shares (`//host/share/x.png` opens
SMB on Windows) and files of this computer. Every request for a resource is answered with one
transparent pixel; returning nothing would make Qt go on and open the name itself.
"""

from typing import Any

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument

_Feature = QTextDocument.MarkdownFeature
SAFE_MARKDOWN = _Feature.MarkdownDialectGitHub | _Feature.MarkdownNoHTML


class InertDocument(QTextDocument):
    """`asked` counts the resources its text wanted; none was opened."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asked = 0
        self.setUndoRedoEnabled(False)
        self._blank = QImage(1, 1, QImage.Format.Format_ARGB32)
        self._blank.fill(Qt.GlobalColor.transparent)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """One transparent pixel, for everything."""
        self.asked += 1
        return self._blank

    def show_markdown(self, text: str) -> None:
        """Lay out `text` as markdown; HTML in it is shown as it is written."""
        # Qt takes a first line of three dashes for front matter and hides it.
        self.setMarkdown("\n" + text if text.startswith("---") else text, SAFE_MARKDOWN)
