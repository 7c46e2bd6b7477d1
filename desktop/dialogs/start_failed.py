"""What is shown when Hanare cannot open: what is the matter, what is untouched, what to do."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.error_text import error_text
from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon_pixmap
from desktop.widgets.backup_words import moment_text
from desktop.words import tr
from engine.errors import EngineError
from engine.kept import Backup

WIDTH_PX = 520
ICON_PX = 36


class StartFailed(QDialog):
    """Stands in the window's place. Accepted where a damaged store is to be mended with the `backup` offered."""

    def __init__(
        self, error: EngineError, data: Path, backup: Backup | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Hanare")
        self.setFixedWidth(WIDTH_PX)
        words = error_text(error)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xxl, SPACE.xxl, SPACE.xxl, SPACE.xl)
        column.setSpacing(SPACE.m)
        picture = PlainLabel()
        picture.setPixmap(icon_pixmap("warning", "warn", ICON_PX, self.devicePixelRatioF()))
        column.addWidget(picture)
        for text, role in ((words.title, "title"), (words.advice, ""), (words.sentence, "faint")):
            label = PlainLabel(text, wordWrap=True)
            label.setProperty("role", role)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        place = PlainLabel(tr("Everything you made is in {folder}.", folder=data), wordWrap=True)
        place.setProperty("role", "small")
        column.addWidget(place)
        column.addSpacing(SPACE.m)
        buttons = QHBoxLayout()
        show = QPushButton(tr("Show the folder"))
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(data))))
        close = QPushButton(tr("Close"))
        close.setProperty("role", "primary")
        close.setDefault(True)
        close.clicked.connect(self.reject)
        buttons.addWidget(show)
        if backup is not None:
            self.mend = QPushButton(tr("Mend with the backup of {moment}", moment=moment_text(backup.made_at)))
            self.mend.setAutoDefault(False)
            self.mend.clicked.connect(self.accept)
            buttons.addWidget(self.mend)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column.addLayout(buttons)
