"""One sitting: the window on an open engine, the unlock screen in its place, and the way between the two.

A lock stops all work, keeps what was written so far, and closes the store and the processes. The window goes with
every page and every text in it; what must come back (the page, the chat, texts not yet sent) waits encrypted under the
key that the lock forgets. The folder stays held, so no second start can open it meanwhile.
"""

import contextlib
import gc
import json
from collections.abc import Callable, Collection
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QDialog

from desktop.dialogs.unlock import UnlockScreen
from desktop.error_text import error_text
from desktop.jobs import Jobs
from desktop.remember import Remembered
from desktop.theme import RESOURCES, theme
from desktop.watch import Clocks, Watch
from desktop.widgets.backup_key import BackupKey
from desktop.widgets.backup_words import mended_text, moment_text
from desktop.window import Window
from desktop.words import choose, told, tr
from engine.engine import Engine, OneWriter, Operation, Places, mended, newest_backup
from engine.errors import Locked, LockNotPossible, StoreUnreadable
from engine.kept import Mended
from engine.walls import shut
from engine.ways import KeyWays, Unlock, WayIn

SETTLED_MS = 1000  # by then the display, the input method and the screen reader are connected
AGAIN_MS = 20  # for the screen to be drawn, and for a dialog that was closed to return to its caller

Unlocking = Callable[..., Operation[Engine]]  # with the folder, what is offered, a Cancel, and `held`


class Sitting(QObject):
    """Holds the window or the unlock screen, and the engine behind the former."""

    def __init__(self, places: Places, clocks: Clocks | None = None, unlocking: Unlocking = Engine.unlocking) -> None:
        super().__init__()
        self.places = places
        self._unlocking = unlocking
        self._jobs = Jobs()
        self._remembered = Remembered(places.data)
        self._held: OneWriter | None = None
        self._offered: Unlock | None = None  # on the screen that is shown, the last
        self._backup_key: BackupKey | None = None  # of the backup that is offered to mend with
        self._told = ""  # what came of mending, for the window that opens then
        self._sealed = b""  # what a lock keeps for the window that comes after it
        self._leaving = self._ended = False
        self.engine: Engine | None = None
        self.window: Window | None = None
        self.screen: UnlockScreen | None = None
        self.watch = Watch(clocks, self)
        self.watch.idle.connect(self._lock_if_possible)
        self.watch.slept.connect(self._lock_after_sleep)

    def begin(self, engine: Engine) -> None:
        """Show the window on an open engine, as a former one was left."""
        self.engine, self._held, self._leaving, self._offered = engine, None, False, None
        self._backup_key = None
        choose(engine.settings.language, RESOURCES / "translations")
        theme().choose(engine.settings.theme)
        self.window = Window(engine, self._jobs, self._remembered)
        self.window.lock_requested.connect(self.lock)
        self._jobs.changed.connect(self._heed)
        self.watch.choose(engine.settings.lock_after_minutes)
        if self._sealed:
            self.window.take_up(json.loads(engine.keys.reveal(self._sealed)))
            self._sealed = b""
        self.window.show()
        QTimer.singleShot(SETTLED_MS, self.window, partial(_shut, self.window))
        self._advise(self.window, engine.keys.ways)
        if self.screen is not None:
            self._put_away(self.screen)
            self.screen = None
        if self._told:
            text, self._told = self._told, ""
            QTimer.singleShot(0, self.window, partial(self.window.notices.explain, tr("Your data were mended"), text))

    def ask(self, locked: Locked) -> None:
        """Show the unlock screen: the store did not open by itself."""
        self._show_screen(
            locked.ways, tr("It did not open by itself: {why}.", why=told(locked.why)), locked.keychain_gone
        )

    @Slot()
    def lock(self) -> None:
        """Cover everything at once, then close it. Says why where a lock would keep nobody out."""
        if self.engine is None or self.window is None or self._leaving or self.window.parted:
            return
        try:
            self.engine.refuse_lock()
        except LockNotPossible as error:
            self.window.notices.error(error)
            return
        self._leaving = True
        ways = set(self.engine.keys.ways.ways)
        if WayIn.PASSPHRASE in ways:
            ways -= {WayIn.KEYCHAIN}  # it would open the store for whoever sits down here
        self._show_screen(ways, tr("Models are unloaded and nothing is open. Work that was going on was stopped."))
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        for dialog in QApplication.topLevelWidgets():
            if isinstance(dialog, QDialog) and dialog.isVisible():
                dialog.reject()
        self.window.close()  # writes down where it stands; the screen above keeps the program alive
        QTimer.singleShot(AGAIN_MS, self, self._take_away)  # not from within a key or a button of that window

    def come_to_front(self) -> None:
        """Show what there is above other windows."""
        shown = self.window or self.screen
        if shown is not None:
            shown.come_to_front()

    def error(self, error: Exception) -> None:
        """Say what went wrong, where there is a window to say it in."""
        if self.window is not None:
            self.window.notices.error(error)

    def end(self) -> None:
        """Stop everything, let the folder go, and be gone: Python might delete a timer on any thread, Qt must not."""
        if self._ended:
            return
        self._ended = True
        self._jobs.shut_down()
        for widget in (self.window, self.screen):
            if widget is not None:
                self._put_away(widget)
        self.window = self.screen = None
        if self.engine is not None:
            self.engine.close()
        if self._held is not None:
            self._held.release()
        self.engine = self._held = None
        self._put_away(self._jobs)
        self._put_away(self)

    # Its own affairs.

    def _take_away(self) -> None:
        """Close the store behind the screen, once every dialog that was open has returned to its caller."""
        if self.window is None or self.engine is None:
            return
        if self.thread().loopLevel() > 1:
            QTimer.singleShot(AGAIN_MS, self, self._take_away)
            return
        self._sealed = self.engine.keys.conceal(json.dumps(self.window.kept_state()))
        self._jobs.shut_down()  # an answer that was being written is kept as far as it came
        self._put_away(self._jobs)
        self._jobs = Jobs()
        window, self.window = self.window, None
        self._put_away(window)
        engine, self.engine = self.engine, None
        self._held = engine.lock()
        del window, engine
        gc.collect()  # pages and what drives them refer to one another; with them go the last texts

    def _show_screen(self, ways: Collection[WayIn], why: str, keychain_gone: bool = False) -> None:
        self.screen = UnlockScreen(ways, why, self.places.data, keychain_gone=keychain_gone)
        self.screen.offered.connect(self._unlock)
        self.screen.mend_requested.connect(self._mend)
        if self.window is not None:
            self.screen.restoreGeometry(self.window.saveGeometry())
        elif not self.screen.restoreGeometry(self._remembered.geometry):
            self.screen.resize(self.screen.sizeHint())
        self.screen.come_to_front()

    @Slot(object)
    def _unlock(self, unlock: Unlock) -> None:
        self._offered = unlock
        self._jobs.start(
            partial(self._unlocking, self.places, unlock, held=self._held),
            on_done=self.begin,
            on_error=self._refuse,
            owner=self.screen,
        )

    def _refuse(self, error: Exception) -> None:
        if self.screen is not None:
            self.screen.show_problem(error_text(error))
            backup = newest_backup(self.places) if isinstance(error, StoreUnreadable) else None
            if backup is not None:
                self._backup_key = BackupKey(backup, self.screen)
                self.screen.offer_mending(tr("Mend with the backup of {moment}", moment=moment_text(backup.made_at)))

    @Slot()
    def _mend(self) -> None:
        """With what was offered last: it opened the key, if not the store."""
        if self.screen is None or self._backup_key is None:
            return
        self.screen.show_busy(True)
        key = self._backup_key
        self._jobs.start(
            partial(
                mended, self.places, key.backup.name,
                unlock=self._offered, backup_unlock=key.offered, held=self._held,
            ),
            on_done=self._mended,
            on_error=partial(self._ask_or_refuse, key),
            owner=self.screen,
        )  # fmt: skip

    def _ask_or_refuse(self, key: BackupKey, error: Exception) -> None:
        """A backup with a key of its own wants its words, as often as they are wrong."""
        if not key.is_wanted(error):
            self._refuse(error)
        elif key.ask(error):
            self._mend()
        elif self.screen is not None:
            self.screen.show_busy(False)

    def _mended(self, done: Mended) -> None:
        self._told = mended_text(done)
        if self._offered is not None:
            self._unlock(self._offered)

    def _put_away(self, widget: QObject) -> None:
        """Delete a window with all that is in it now, not when Qt finds the time."""
        widget.deleteLater()
        QCoreApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete.value)

    def _advise(self, window: Window, ways: KeyWays) -> None:
        """Speak up where a lost keychain would lose everything, and where the passphrase seems forgotten."""
        to_page = partial(window.show_page, "privacy")
        if ways.only_keychain:
            text = tr("Only this computer's keychain opens your data. With a recovery code you have a second way.")
            window.notices.toast(text, tr("Make a recovery code"), to_page)
        elif ways.opened_by is WayIn.RECOVERY and WayIn.PASSPHRASE in ways.ways:
            text = tr("Opened with the recovery code. If you forgot the passphrase, set another one now.")
            window.notices.toast(text, tr("Set a passphrase"), to_page)

    @Slot(str)
    def _heed(self, what: str) -> None:
        if self.engine is None or self.window is None:
            return
        if what == "settings":
            self.watch.choose(self.engine.settings.lock_after_minutes)
        elif what == "keys":
            self.window.status.show_key_place(self.engine.key_kept_in)

    @Slot()
    def _lock_if_possible(self) -> None:
        if self.engine is not None:
            with contextlib.suppress(LockNotPossible):  # the setting says what it needs; nobody is here to be told
                self.engine.refuse_lock()
                self.lock()

    @Slot()
    def _lock_after_sleep(self) -> None:
        if self.engine is not None and self.engine.settings.lock_after_sleep:
            self._lock_if_possible()


def _shut(window: Window) -> None:
    shut("app")
    window.measure()  # the badge says what holds from now on
