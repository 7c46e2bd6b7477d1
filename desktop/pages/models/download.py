"""The question which model to download, and what leaves this computer when one is."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.pages.models.token_field import TokenField
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.banner import Banner
from desktop.words import tr

WIDTH_PX = 560
# A link as the address line of a browser shows it: /owner/name/blob/main/file.gguf, or /owner/name/tree/main/folder
_LINK = re.compile(
    r"https://[^/]+/(?P<repository>[^/?#]+/[^/?#]+)"
    r"(?:/(?:(?:blob|resolve)/(?P<at>[^/?#]+)/(?P<file>[^?#]+)|tree/(?P<tree>[^/?#]+)))?"
)
MAIN = "main"  # the branch of a link that names none


@dataclass(frozen=True, slots=True)
class DownloadWish:
    """What to fetch. The token is never shown; the keychain is to keep it only where `keep_token` says so.

    `kept_token`: without a token of its own it is asked for with the one that is kept.
    """

    repository: str
    file: str
    token: str = field(default="", repr=False)
    revision: str = MAIN
    keep_token: bool = False
    kept_token: bool = False


class DownloadDialog(QDialog):
    """Repository, file and, for models that ask for one, an access token."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Download a model"))
        self.setFixedWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.s)
        heading = PlainLabel(tr("Download a model"))
        heading.setProperty("role", "heading")
        words = tr(
            "From the Hugging Face hub, by the exact name of the repository and of a GGUF file in it, or of "
            "model.safetensors for a model that is to be converted. A link to the file can be pasted too."
        )
        about = PlainLabel(words, wordWrap=True)
        about.setProperty("role", "faint")
        column.addWidget(heading)
        column.addWidget(about)
        column.addSpacing(SPACE.s)
        self.repository = self._field(column, tr("Repository"), "owner/name-GGUF")
        self.file = self._field(column, tr("File"), "name-Q4_K_M.gguf")
        self.revision = self._field(column, tr("Branch, tag or commit"), MAIN)
        title = tr("Access token (only if the model asks for one)")
        label, self.token = PlainLabel(title), TokenField("hf_…", title)
        label.setBuddy(self.token.edit)
        column.addWidget(label)
        column.addWidget(self.token)
        column.addSpacing(SPACE.s)
        column.addWidget(
            Banner(
                tr(
                    "What leaves this computer: your internet address, the names of the repository, the branch and the "
                    "file, and the token if you give one or one is kept. Nothing of your chats or documents. The token "
                    "is kept only if you want it."
                ),
                icon_name="lock",
            )
        )
        column.addSpacing(SPACE.s)
        column.addLayout(self._buttons())
        self.repository.textChanged.connect(self._read_link)
        for field_ in (self.repository, self.file):
            field_.textChanged.connect(self._check)
        self._check()
        self.ensurePolished()
        self.resize(WIDTH_PX, column.totalHeightForWidth(WIDTH_PX))  # by itself Qt takes two thirds of a screen at most

    @property
    def wish(self) -> DownloadWish:
        """What is filled in now."""
        return DownloadWish(
            self.repository.text().strip(), self.file.text().strip(), self.token.text,
            self.revision.text().strip() or MAIN, keep_token=self.token.keep, kept_token=self.token.uses_kept,
        )  # fmt: skip

    # Its own affairs.

    def _field(self, column: QVBoxLayout, title: str, example: str) -> QLineEdit:
        label, edit = PlainLabel(title), QLineEdit()
        edit.setPlaceholderText(example)
        edit.setAccessibleName(title)
        label.setBuddy(edit)
        column.addWidget(label)
        column.addWidget(edit)
        return edit

    def _buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        cancel = QPushButton(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.go = QPushButton(tr("Download"))
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        return buttons

    def _read_link(self, text: str) -> None:
        found = _LINK.match(text.strip())
        if found is None:
            return
        if found["file"]:
            self.file.setText(unquote(found["file"]))
        self.revision.setText(unquote(found["at"] or found["tree"] or ""))
        self.repository.setText(found["repository"])

    def _check(self) -> None:
        self.go.setEnabled(bool(self.wish.repository and self.wish.file))
