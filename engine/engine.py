"""The engine as a whole: opens the parts in order, closes them in reverse.

    with Engine.open(Places(folder)) as engine:
        ...

This is the desktop's door to behaviour; it also hands on the few names a caller needs.
"""

import contextlib
import shutil
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.chat import Chats, Pictures
from engine.closed import erase_everything, mended, moved, newest_backup
from engine.compare import Comparisons
from engine.convert import Converting
from engine.documents import Documents
from engine.errors import EngineError, LockNotPossible, from_os_error
from engine.events import Changed
from engine.examine import examined
from engine.journal import Journal
from engine.keeping import Backups, finish_moves, upkept
from engine.kept import Restored, StoreCounts
from engine.ledger import Ledger
from engine.models import Downloads, Elsewhere, Finding, HubToken, Models
from engine.operation import Cancel, Hold, Operation, finish
from engine.places import Places, default_data, followed
from engine.privacy.destroying import forgotten
from engine.privacy.keychain import Find
from engine.privacy.keys import open_key
from engine.privacy.one_writer import OneWriter
from engine.privacy.recovery_code import looks_like_one as looks_like_recovery_code
from engine.quantize import Measuring, Quantizing
from engine.quantize.folder import cleared
from engine.quantize.texts import Texts
from engine.report import Report, reported, save
from engine.runtime import Runtime, Speeds
from engine.runtime.crashes import Crash, taken_up
from engine.runtime.crashes import heeding as heeding_crashes
from engine.runtime.keeper import Keeper
from engine.runtime.keychain_at_hand import KeychainAtHand
from engine.runtime.peaks import Peaks
from engine.runtime.process import hearing, running
from engine.runtime.states import States
from engine.settings import Settings, changed, described
from engine.store import Store
from engine.store.reserve import Reserve
from engine.types import Check, KeptStates
from engine.walls import Walls, measured
from engine.ways import Unlock, WayIn

__all__ = [
    "Cancel",
    "Engine",
    "Hold",
    "OneWriter",
    "Operation",
    "Places",
    "Report",
    "Settings",
    "default_data",
    "described",
    "erase_everything",
    "finish",
    "looks_like_recovery_code",
    "followed",
    "heeding_crashes",
    "mended",
    "moved",
    "newest_backup",
]


class Engine:
    """Everything Hanare can do with one data folder. One at a time may be open for a folder."""

    def __init__(
        self,
        places: Places,
        closing: ExitStack,
        model_process: str,
        vision_process: str,
        unlock: Unlock | None,
        held: OneWriter | None,
        find: Find | None,
    ) -> None:
        """For `open`: build the parts, each registered in `closing` as soon as it stands."""
        self.places = places
        self._closing = closing
        self._keeps_folder = held is not None
        try:
            places.make()
        except OSError as error:
            raise from_os_error(error, places.data) from error
        self._writer = held or OneWriter(places)
        closing.callback(self._let_go)
        _empty(places)
        self._keychain = KeychainAtHand(places.private, find)
        with self._keychain as at_hand:
            self.keys = open_key(places, at_hand, unlock)
        self.backups = Backups(places, self.keys.secret, self._keychain.key_of)
        self.reserve = Reserve(places.reserve)
        self._store = Store(
            places.store, self.keys.secret, before_migration=self.backups.before_migration, reserve=self.reserve
        )
        closing.callback(self._store.close)
        self._settings = self._store.preferences.settings()
        self.journal = Journal(places.journal)
        for crash in taken_up(places.crash):
            self._keep_crash(crash)
        self.states = States(places.states, self.keys.secret, self._states_room_bytes, self.journal.note)
        peaks = Peaks(self._store.models)
        self.runtime = Runtime(
            places.private, module=model_process, vision_module=vision_process, keeper=Keeper(self.states),
            troubled=self.journal.note, peaks=peaks, speeds=Speeds(self._store.models),
        )  # fmt: skip
        closing.callback(self.runtime.close)
        self.ledger = Ledger(self._store.connections)
        closing.enter_context(hearing(places.private, self._keep_refusal, self._keep_crash))
        self._open_models(peaks)
        self.documents = Documents(self._store.documents, places, self._now_set, self.models.get)
        closing.callback(self.documents.close)
        self.chats = Chats(self._store.chats, self.runtime, self.models, self.documents, self._now_set)
        self.pictures = Pictures(places.private)
        closing.callback(self.pictures.close)
        self.comparisons = Comparisons(self.runtime, self.models, self.documents, self._now_set)

    @classmethod
    def open(
        cls,
        places: Places,
        *,
        model_process: str = "engine.worker.model",
        vision_process: str = "engine.worker.vision",
        unlock: Unlock | None = None,
        held: OneWriter | None = None,
        find: Find | None = None,
    ) -> "Engine":
        """Open a data folder, made where it is not there. `model_process` is what loads models,
        `vision_process` what loads those that are shown pictures.

        Without `unlock` the key must come by itself. Otherwise `Locked` says why it did not and
        which ways are left: ask somebody, and open again with what they offer. `held` is what
        `lock` returned; it stays held when this fails. `find` finds keychains in place of
        the system's own.

        Raises `AlreadyRunning`, `Locked`, `PassphraseWrong`, `RecoveryCodeWrong`, `KeyMissing`,
        `KeysTooNew`, `StoreUnreadable`, `StoreTooNew`, `StoreNotEncrypted`, `DiskFull`,
        `FileNotReadable`. Nothing stays open then.
        """
        with ExitStack() as closing:
            engine = cls(places, closing, model_process, vision_process, unlock, held, find)
            engine._closing = closing.pop_all()
        engine._keeps_folder = False
        return engine

    @classmethod
    def unlocking(
        cls,
        places: Places,
        unlock: Unlock,
        cancel: Cancel,
        *,
        held: OneWriter | None = None,
        model_process: str = "engine.worker.model",
        find: Find | None = None,
    ) -> Operation["Engine"]:
        """Open a folder with what somebody offers; slow, because a passphrase is. Raises as `open`, and `Cancelled`."""
        yield from ()
        engine = cls.open(places, unlock=unlock, held=held, model_process=model_process, find=find)
        if cancel.pressed:
            engine.close()
            cancel.check()
        return engine

    def __enter__(self) -> "Engine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def key_kept_in(self) -> str:
        """Where the key comes from by itself: "keychain" or "file"; "passphrase" where it does not."""
        return self.keys.ways.kept_in

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self._settings

    def change_settings(self, **values: Any) -> Settings:
        """Change some settings and keep them. Raises `TextNotAccepted`, `DiskFull`; then nothing is changed."""
        settings = changed(self._settings, **values)
        self._store.preferences.keep(settings)
        self._settings = settings
        self.states.tidy()
        return settings

    @cached_property
    def quantizing(self) -> Quantizing:
        """Makes models smaller."""
        return Quantizing(self.models, self._texts, self.places)

    @cached_property
    def measuring(self) -> Measuring:
        """Says what that cost."""
        return Measuring(self.models, self._store.costs, self._texts, self.places)

    @cached_property
    def _texts(self) -> Texts:
        return Texts(self.documents, self.chats, self.places.private)

    @cached_property
    def converting(self) -> Converting:
        """Makes models of folders of safetensors."""
        return Converting(self.models, self.quantizing.targets, self.places)

    @property
    def newer(self) -> EngineError | None:
        """What every change raises where a newer Hanare wrote this folder; None where all is as usual."""
        return self._store.newer

    def counts(self) -> StoreCounts:
        """How much there is, the trash included. Raises `StoreUnreadable`."""
        return self._store.counts()

    def restore(self, name: str, cancel: Cancel, *, unlock: Unlock | None = None) -> Operation[Restored]:
        """Put a backup in place of what is here, which is backed up before. Yields and raises as `Backups.restore`.

        A backup with a key of its own may raise `Locked`: ask somebody, and restore again with what they offer.
        """
        restored = yield from self.backups.restore(self._store, name, cancel, unlock, self.downloads.stop)
        self.states.clear()  # they are of other chats, which may have the same numbers
        self._store.chats.mark_interrupted()
        self.documents.forget_vectors()
        self.downloads.reload()
        self._settings = self._store.preferences.settings()
        return restored

    def ask_at_every_start(self, cancel: Cancel) -> Operation[tuple[str, ...]]:
        """Let no keychain open the store or a backup any more; the names of keychains that did not forget their part.

        Yields Changed("keys"). Raises `AskNotPossible` without a passphrase and a recovery code, `DiskFull`,
        `FileNotReadable`, `Cancelled`.
        """
        cancel.check()
        entries = self.keys.leave_keychain()
        yield Changed(what="keys")
        self.backups.take_ways(self.keys, entries)
        with self._keychain as find:
            return forgotten(entries, find)

    def let_keychain_open(self, cancel: Cancel) -> Operation[None]:
        """Let this session's keychain open the store at every start. Yields Changed("keys").

        Raises `KeychainRefused`, `DiskFull`, `FileNotReadable`, `Cancelled`.
        """
        cancel.check()
        with self._keychain as find:
            self.keys.take_keychain(find)
        yield Changed(what="keys")

    def upkeep(self, cancel: Cancel) -> Operation[int]:
        """Do what is due: end a move that was cut off, empty the trash, make the day's backup, reserve room.

        Returns how many chats and documents were erased. Yields and raises as `upkept`.
        """
        finish_moves(self.places)
        if self.newer is None:
            self.reserve.take()
        erased = yield from upkept(self._store, self.backups, cancel)
        self.states.forget_others({chat.id for chat in (*self.chats.all(), *self.chats.trash())})
        return erased

    def remove_states(self, cancel: Cancel) -> Operation[KeptStates]:
        """Remove what is kept of chats so that they need not be read again; how much it was. Yields Changed("states").

        Raises `Cancelled`.
        """
        cancel.check()
        removed = self.states.clear()
        yield Changed(what="states")
        return removed

    def examine(self, cancel: Cancel) -> Operation[tuple[Check, ...]]:
        """Look whether everything is well on this computer. Yields Progressed(unit="checks")."""
        return examined(
            self.places, self.runtime, self.models, self.documents, self.key_kept_in, self._store.cipher, cancel,
            self._settings.threads,
        )  # fmt: skip

    def report(self, cancel: Cancel) -> Operation[Report]:
        """A problem report, for the person to read first. Yields Progressed(unit="checks")."""
        checks = yield from self.examine(cancel)
        return reported(self._settings, self._counts(), checks, self.walls(), self.journal.last())

    def save_report(self, report: Report, path: Path) -> None:
        """Write a report to a file that the person chose. Raises `DiskFull`, `FileMissing`, `FileNotReadable`."""
        save(report, path)

    def walls(self) -> tuple[Walls, ...]:
        """What the app and each running process can do: the app is tried now, a process tried itself when it began.

        The app comes first, and the process that asked the keychain, though it has ended, last. It takes a few
        milliseconds.
        """
        of_processes = (walls for process in running(self.places.private) for walls in process.walls)
        return (*measured(self.places.private), *of_processes, *self._keychain.walls)

    def close(self) -> None:
        """End the processes and let the data folder go. Closing twice is the same as once."""
        self._closing.close()

    def refuse_lock(self) -> None:
        """Raise `LockNotPossible` where a lock would keep nobody out."""
        if self.key_kept_in == WayIn.FILE:
            raise LockNotPossible(store=str(self.places.store), why="its key lies in a file beside it")

    def lock(self) -> OneWriter:
        """Close all but the lock on the folder, and forget the key; `open` takes up what this returns.

        Raises `LockNotPossible`; then everything stays open.
        """
        self.refuse_lock()
        self._keeps_folder = True
        self.close()
        del self.keys
        return self._writer

    def _open_models(self, peaks: Peaks) -> None:
        """The library, what could be added to it, where more is found, and the queue of what is fetched for it."""
        self.models = Models(self._store.models, self.ledger, self.places, self._now_set, peaks=peaks)
        self.elsewhere = Elsewhere(self.models)
        self.hub_token = HubToken(self.places, self.keys, self._keychain, self.models.endpoint)
        self.downloads = Downloads(self._store.downloads, self.models, self.places, self.hub_token)
        self._closing.callback(self.downloads.stop)
        self.finding = Finding(
            self.ledger, self.places, self.models.endpoint, self.models.all, self._now_set,
            lambda: self.models.prospects.written(self._now_set()), hub_token=self.hub_token,
        )  # fmt: skip

    def _let_go(self) -> None:
        if not self._keeps_folder:
            self._writer.release()

    def _counts(self) -> dict[str, int]:
        models, documents, network = self.models.all(), self.documents.counts(), self.ledger.totals()
        return {
            "chats": len(self.chats.all()), "chats in the trash": len(self.chats.trash()),
            "documents": documents.documents, "documents in the trash": len(self.documents.trash()),
            "documents not read": documents.failed, "passages": documents.passages,
            "passages with vectors": documents.embedded, "models": sum(not model.built_in for model in models),
            "models missing": sum(model.missing for model in models),
            "test models": sum(model.is_test for model in models),
            "connections": network.connections, "connections refused": network.blocked,
            "bytes sent": network.sent_bytes, "bytes received": network.received_bytes,
        }  # fmt: skip

    def _keep_refusal(self, process: str, host: str, port: int, channel: str) -> None:
        """Called on a process's pipe, which has to go on whatever becomes of the line."""
        try:
            self.ledger.blocked(process, host, port, channel)
        except EngineError as error:
            self.journal.note(error)

    def _keep_crash(self, crash: Crash) -> None:
        self.journal.crashed(crash.signal, crash.places)

    def _states_room_bytes(self) -> int:
        return self._settings.states_gib << 30

    def _now_set(self) -> Settings:
        return self._settings


def _empty(places: Places) -> None:
    """Clear what processes of an earlier start left; a file that will not go waits for the next start."""
    cleared(places.models)
    for left in places.private.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                left.unlink()
