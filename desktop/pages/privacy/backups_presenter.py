"""What the card of backups does: lists, makes and restores them, and leads to the end of everything."""

from functools import partial

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.privacy.backups_card import BackupsCard
from desktop.widgets.amounts import count_text
from desktop.widgets.backup_key import BackupKey
from desktop.widgets.backup_words import held_text, moment_text
from desktop.widgets.parting import Parting
from desktop.widgets.typed_question import TypedQuestion
from desktop.words import tr
from engine.engine import Engine, erase_everything
from engine.errors import EngineError, NotFound
from engine.kept import Backup, Erased, Restored


class BackupsPresenter(QObject):
    """Lives exactly as long as its card."""

    parting_requested = Signal(object)  # Parting: close, then do that

    def __init__(self, card: BackupsCard, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine, self._jobs, self._notices = card, engine, jobs, notices
        card.make_requested.connect(self._make)
        card.restore_requested.connect(self._restore)
        card.folder_requested.connect(self._show_folder)
        card.erase_requested.connect(self._erase)
        jobs.changed.connect(self._heed)
        card.show_place(engine.places.backups)
        self._refresh()

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what == "backups":
            self._refresh()

    def _refresh(self) -> None:
        self._card.show_backups(self._engine.backups.all())

    @Slot()
    def _make(self) -> None:
        self._card.show_busy(True)
        self._jobs.start(
            self._engine.backups.make, on_done=self._made, on_error=self._fail, on_stopped=self._stopped,
            owner=self._card, title=tr("Making a backup…"),
        )  # fmt: skip

    def _made(self, backup: Backup) -> None:
        self._card.show_busy(False)
        self._notices.toast(tr("Backed up, opened and read: {held}.", held=held_text(backup.counts)))

    @Slot(object)
    def _restore(self, backup: Backup) -> None:
        try:
            now = self._engine.counts()
        except EngineError as error:
            self._notices.error(error)
            return
        sure = self._notices.ask(
            tr("Restore the backup of {moment}?", moment=moment_text(backup.made_at)),
            tr("Here now: {now}.\nIn the backup: {held}.\nWhat is here now is backed up first, so that you can go "
               "back. Answers that are being written end.", now=held_text(now), held=held_text(backup.counts)),
            tr("Restore this backup"), tr("Leave everything as it is"), danger=True,
        )  # fmt: skip
        if not sure:
            return
        self._card.show_busy(True)
        self._bring_back(BackupKey(backup, self._card.window()))

    def _bring_back(self, key: BackupKey) -> None:
        self._jobs.start(
            partial(self._engine.restore, key.backup.name, unlock=key.offered), on_done=self._restored,
            on_error=partial(self._ask_or_fail, key), on_stopped=self._stopped, owner=self._card,
            title=tr("Restoring a backup…"),
        )  # fmt: skip

    def _ask_or_fail(self, key: BackupKey, error: Exception) -> None:
        """A backup with a key of its own wants its words, as often as they are wrong."""
        if not key.is_wanted(error):
            self._fail(error)
        elif key.ask(error):
            self._bring_back(key)
        else:
            self._card.show_busy(False)

    def _restored(self, restored: Restored) -> None:
        self._card.show_busy(False)
        aside = tr("What was there before is the newest backup in the list.") if restored.aside else ""
        told = tr(
            "Before: {before}.\nNow: {after}.\n{aside}",
            before=held_text(restored.before), after=held_text(restored.after), aside=aside,
        )  # fmt: skip
        self._notices.explain(tr("The backup was restored"), told.strip())

    def _fail(self, error: Exception) -> None:
        self._card.show_busy(False)
        self._notices.error(error)

    def _stopped(self) -> None:
        self._card.show_busy(False)

    @Slot()
    def _show_folder(self) -> None:
        folder = self._engine.places.backups
        if not folder.is_dir():
            self._notices.error(NotFound(what="folder", which=str(folder)))
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    @Slot()
    def _erase(self) -> None:
        question = TypedQuestion(
            tr("Erase everything?"),
            tr("All chats, the text of your documents, settings and downloaded models will be erased: the keys first, "
               "so that nothing can be read even if this is cut off. Your own files are not touched. There is no way "
               "back."),
            word=tr("erase"), yes=tr("Erase everything"), option=tr("Erase the backups too"),
            parent=self._card.window(),
        )  # fmt: skip
        if question.exec():
            start = partial(erase_everything, self._engine.places, question.option.isChecked())
            self.parting_requested.emit(Parting(tr("Erasing everything…"), start, erased_text))


def erased_text(erased: Erased) -> str:
    """What was erased and what may remain."""
    lines = [tr("The keys and {count} files were erased.", count=count_text(erased.files))]
    if erased.backups:
        lines.append(tr("{count} backups and what opens them were left.", count=count_text(erased.backups)))
    if erased.left:
        lines.append(tr("Still there, because it is not Hanare's or would not go: {names}",
                        names=", ".join(path.name for path in erased.left)))  # fmt: skip
    lines.append(
        tr("A solid-state disk may keep old pieces of the encrypted store, which nothing opens any more. Copies and "
           "exports you made are yours to remove.")
    )  # fmt: skip
    return "\n".join(lines)
