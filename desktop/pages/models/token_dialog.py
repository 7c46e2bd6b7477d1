"""The question for an access token, where a download needs one to go on and none is known any more."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr

WIDTH_PX = 560


class TokenDialog(QDialog):
    """Without a token it goes on as well, and may be refused."""

    def __init__(self, file: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Access token"))
        self.setFixedWidth(WIDTH_PX)
        words = tr("{file} was asked for with an access token, which is not kept. Give it again to go on.", file=file)
        about = PlainLabel(words, wordWrap=True)
        self._token = QLineEdit()
        self._token.setPlaceholderText("hf_…")
        self._token.setEchoMode(QLineEdit.EchoMode.Password)
        self._token.setAccessibleName(tr("Access token"))
        go = QPushButton(tr("Resume"))
        go.setProperty("role", "primary")
        go.setDefault(True)
        go.clicked.connect(self.accept)
        cancel = QPushButton(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(go)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        about.ensurePolished()
        about.setMinimumHeight(about.heightForWidth(WIDTH_PX - 2 * SPACE.xl))  # a dialog asks its words for one line
        column.addWidget(about)
        column.addWidget(self._token)
        column.addLayout(buttons)

    @property
    def token(self) -> str:
        """What is filled in now."""
        return self._token.text().strip()
