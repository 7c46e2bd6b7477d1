"""What the card of the place does: shows the folder, and has everything moved to another one."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from desktop.notices import Notices
from desktop.pages.privacy.place_card import PlaceCard
from desktop.widgets.amounts import count_text, size_text
from desktop.widgets.parting import Parting
from desktop.words import tr
from engine.engine import Engine, moved
from engine.kept import Moved

NAME = "hanare"  # of a new folder, in a chosen one that has something in it


class PlacePresenter(QObject):
    """Lives exactly as long as its card."""

    parting_requested = Signal(object)  # Parting: close, then do that

    def __init__(self, card: PlaceCard, engine: Engine, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine, self._notices = card, engine, notices
        card.folder_requested.connect(self._show_folder)
        card.move_requested.connect(self._move)
        card.show_place(engine.places.data)

    @Slot()
    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._engine.places.data)))

    @Slot()
    def _move(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._card.window(), tr("Move everything to"))
        if not chosen:
            return
        target = target_in(Path(chosen))
        sure = self._notices.ask(
            tr("Move everything?"),
            tr("To: {folder}\nThe window closes, everything is moved, and Hanare is started as before. Until the end "
               "it can be stopped, and everything is where it was.", folder=target),
            tr("Move"), tr("Cancel"),
        )  # fmt: skip
        if sure:
            start = partial(moved, self._engine.places, target, keys=self._engine.keys)
            self.parting_requested.emit(Parting(tr("Moving everything…"), start, moved_text))


def target_in(chosen: Path) -> Path:
    """The chosen folder where it is empty, else a new one in it."""
    try:
        empty = not any(chosen.iterdir())
    except OSError:
        return chosen  # the engine says what is the matter
    return chosen if empty else chosen / NAME


def moved_text(done: Moved) -> str:
    """Where everything is, and what stayed."""
    lines = [
        tr("{count} files, {size}, were moved and compared. They are in {folder}, where Hanare finds them when it is "
           "started as before.", count=count_text(done.files), size=size_text(done.size_bytes), folder=done.data)
    ]  # fmt: skip
    if done.left:
        lines.append(tr("Would not go from the old place, and is tried again at the next start: {names}",
                        names=", ".join(path.name for path in done.left)))  # fmt: skip
    return "\n".join(lines)
