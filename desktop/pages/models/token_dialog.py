"""The question for an access token, where a download needs one to go on: none is known any more, or it did not do."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.pages.models.token_field import TokenField
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr

WIDTH_PX = 560


class TokenDialog(QDialog):
    """Without a token it goes on as well, and may be refused."""

    def __init__(self, file: str, kept: bool, parent: QWidget | None = None) -> None:
        """`kept`: there is a token in the keychain."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Access token"))
        self.setFixedWidth(WIDTH_PX)
        words = tr("{file} was asked for with an access token, which is not kept. Give it again to go on.", file=file)
        if kept:
            words = tr("{file} asks for an access token. Give one, or go on with the kept one.", file=file)
        about = PlainLabel(words, wordWrap=True)
        self.token = TokenField("hf_…", tr("Access token"))
        self.token.show_kept(kept)
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
        column.addWidget(self.token)
        column.addLayout(buttons)
        self.token.setFocus()
