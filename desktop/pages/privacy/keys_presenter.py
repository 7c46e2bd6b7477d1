"""What the card of the keys does: asks for what is needed and hands it to the engine."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFileDialog

from desktop.jobs import Jobs, Start
from desktop.notices import Notices
from desktop.pages.privacy.keys_card import KeysCard
from desktop.widgets.code_page import code_page
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
        card.asking_requested.connect(self._ask_at_every_start)
        card.keychain_requested.connect(self._let_keychain_open)
        jobs.changed.connect(self._heed)
        self._refresh()

    @Slot()
    def _set_passphrase(self) -> None:
        dialog = NewPassphraseDialog(self._card.window())
        accepted, text = dialog.exec() == QDialog.DialogCode.Accepted, dialog.text
        dialog.deleteLater()
        if not accepted:
            return
        self._change(partial(self._engine.keys.set_passphrase, text), self._after_passphrase)

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
    def _ask_at_every_start(self) -> None:
        ways = self._engine.keys.ways.ways
        text = tr(
            "From then on every start asks for the passphrase or the recovery code, which nobody but you has. "
            "The keychain opens neither your data nor a backup any more. You can give it the key again."
        )
        ready = {WayIn.PASSPHRASE, WayIn.RECOVERY} <= set(ways)  # else the engine says what is missing
        if ready and not self._notices.ask(tr("Ask at every start?"), text, tr("Ask at every start"), tr("Cancel")):
            return
        self._change(self._engine.ask_at_every_start, self._asks)

    def _asks(self, kept: tuple[str, ...]) -> None:
        self._settle()
        text = tr("Every start asks from now on.")
        if kept:
            text += " " + tr("{names} would not forget its part, which opens nothing any more.", names=", ".join(kept))
        self._notices.toast(text)

    @Slot()
    def _let_keychain_open(self) -> None:
        self._change(self._engine.let_keychain_open, self._opens)

    def _opens(self, _: object) -> None:
        self._settle()
        self._notices.toast(tr("The keychain opens your data from now on."))

    def _change(self, operation: Start, on_done: Callable[[Any], None]) -> None:
        self._card.show_busy(True)
        self._jobs.start(operation, on_done=on_done, on_error=self._fail, on_stopped=self._settle, owner=self._card)

    def _settle(self) -> None:
        self._card.show_busy(False)
        self._refresh()

    @Slot()
    def _make_code(self) -> None:
        keys = self._engine.keys
        code = keys.new_recovery_code()
        dialog = CodeToKeepDialog(code, replaces=WayIn.RECOVERY in keys.ways.ways, parent=self._card.window())
        dialog.save_requested.connect(partial(self._save, dialog))
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

    def _save(self, dialog: CodeToKeepDialog) -> None:
        title, kinds = tr("Save the recovery code"), ";;".join((tr("PDF, to print (*.pdf)"), tr("Text (*.txt)")))
        chosen, _ = QFileDialog.getSaveFileName(dialog, title, "hanare-recovery-code.pdf", kinds)
        if not chosen:
            return
        file, folder = Path(chosen), self._engine.places.data
        if file.suffix.lower() == ".txt":
            about = tr("Recovery code of Hanare, for {folder}", folder=folder)
            content = f"{about}\n{''.join(dialog.lines)}\n".encode()
        else:
            content = code_page(dialog.lines, folder)
        try:
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
                opened.write(content)
        except OSError as error:
            self._notices.error(from_os_error(error, file))
            return
        dialog.print_requested.connect(partial(QDesktopServices.openUrl, QUrl.fromLocalFile(chosen)))
        dialog.show_saved(file)

    def _after_passphrase(self, _: object) -> None:
        self._settle()
        if WayIn.RECOVERY in self._engine.keys.ways.ways:
            self._notices.toast(tr("The passphrase is set."))
            return
        self._notices.toast(
            tr("The passphrase is set. A recovery code opens your data if you forget it."),
            tr("Make a recovery code"),
            self._make_code,
        )

    def _fail(self, error: Exception) -> None:
        self._settle()
        self._notices.error(error)

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what == "keys":
            self._refresh()

    def _refresh(self) -> None:
        self._card.show_ways(self._engine.keys.ways)
