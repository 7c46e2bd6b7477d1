"""What the card of the keys does: asks for what is needed and hands it to the engine."""

import os
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QFileDialog

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.privacy.keys_card import KeysCard
from desktop.widgets.code_to_keep import CodeToKeepDialog
from desktop.widgets.new_passphrase import NewPassphraseDialog
from desktop.words import tr
from engine.engine import Engine
from engine.errors import EngineError, from_os_error
from engine.ways import WayIn


class KeysPresenter(QObject):
    """Lives exactly as long as its card."""

    def __init__(self, card: KeysCard, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine, self._jobs, self._notices = card, engine, jobs, notices
        card.passphrase_requested.connect(self._set_passphrase)
        card.removal_requested.connect(self._remove_passphrase)
        card.code_requested.connect(self._make_code)
        jobs.changed.connect(self._heed)
        self._refresh()

    @Slot()
    def _set_passphrase(self) -> None:
        dialog = NewPassphraseDialog(self._card.window())
        accepted, text = dialog.exec() == QDialog.DialogCode.Accepted, dialog.text
        dialog.deleteLater()
        if not accepted:
            return
        self._card.show_busy(True)
        self._jobs.start(
            partial(self._engine.keys.set_passphrase, text),
            on_done=self._after_passphrase,
            on_error=self._fail,
            on_stopped=partial(self._card.show_busy, False),
            owner=self._card,
        )

    @Slot()
    def _remove_passphrase(self) -> None:
        keychain = WayIn.KEYCHAIN in self._engine.keys.ways.ways
        text = (
            tr("The keychain goes on opening your data.")
            if keychain
            else tr("The key then lies in a file on this computer again, and your data open by themselves.")
        )
        if self._notices.ask(tr("Remove the passphrase?"), text, tr("Remove"), tr("Keep"), danger=True):
            try:
                self._engine.keys.remove_passphrase()
            except EngineError as error:
                self._notices.error(error)
            self._jobs.changed.emit("keys")

    @Slot()
    def _make_code(self) -> None:
        keys = self._engine.keys
        code = keys.new_recovery_code()
        dialog = CodeToKeepDialog(code, replaces=WayIn.RECOVERY in keys.ways.ways, parent=self._card.window())
        dialog.save_requested.connect(partial(self._save, code))
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        dialog.deleteLater()
        if not accepted:
            return
        try:
            keys.keep_recovery_code(code)
        except EngineError as error:
            self._notices.error(error)
        else:
            self._notices.toast(tr("The recovery code opens your data from now on."))
        self._jobs.changed.emit("keys")

    def _save(self, code: str) -> None:
        title = tr("Save the recovery code")
        chosen, _ = QFileDialog.getSaveFileName(self._card.window(), title, "hanare-recovery-code.txt")
        if not chosen:
            return
        try:
            with open(os.open(chosen, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(f"{tr('Recovery code of Hanare, for {folder}', folder=self._engine.places.data)}\n{code}\n")
        except OSError as error:
            self._notices.error(from_os_error(error, Path(chosen)))

    def _after_passphrase(self, _: object) -> None:
        self._card.show_busy(False)
        self._refresh()
        if WayIn.RECOVERY in self._engine.keys.ways.ways:
            self._notices.toast(tr("The passphrase is set."))
            return
        self._notices.toast(
            tr("The passphrase is set. A recovery code opens your data if you forget it."),
            tr("Make a recovery code"),
            self._make_code,
        )

    def _fail(self, error: Exception) -> None:
        self._card.show_busy(False)
        self._notices.error(error)

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what == "keys":
            self._refresh()

    def _refresh(self) -> None:
        self._card.show_ways(self._engine.keys.ways)
