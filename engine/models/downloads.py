"""The queue of downloads: which there are, in which order, and carrying them out, some at a time.

Everything in it is kept, so that it is there after a restart; nothing of it goes on by itself then. What a
person asked for in this session (`add`, `resume`) is fetched by whoever carries out `work`.
"""

import threading
from collections.abc import Collection
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.errors import Cancelled, EngineError, HubNotFound, HubRefused, HubSentElsewhere, NotFound
from engine.events import Changed, DownloadEnded, DownloadNoted, Event, Progressed
from engine.models.download import Wanted, leave_nothing
from engine.models.hub_token import HubToken
from engine.models.library import Models
from engine.models.running import Running
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.store.downloads import DownloadRows
from engine.types import Download, DownloadState, HubFile, Model

MOST_AT_ONCE = 3
_TICK_S = 0.2
_NOTHING_TO_GO_ON_WITH = (HubNotFound, HubRefused, HubSentElsewhere)


class Downloads:
    """The queue of one store. Every method from any thread."""

    def __init__(self, rows: DownloadRows, models: Models, places: Places, hub_token: HubToken) -> None:
        self._rows, self._models, self._places, self._hub_token = rows, models, places, hub_token
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._downloads = {download.id: download for download in rows.all()}  # in their order
        self._asked_for: set[int] = set()
        self._tokens: dict[int, str] = {}
        self._running: dict[int, Running] = {}
        self._working = False
        self._mistake: Exception | None = None  # of ours: shown by whoever carries out the work

    # What there is.

    def all(self) -> tuple[Download, ...]:
        """Every download that is not done, the next first."""
        with self._lock:
            return tuple(map(self._seen, self._downloads.values()))

    def get(self, download_id: int) -> Download:
        """One of them. Raises `NotFound`."""
        with self._lock:
            return self._seen(self._found(download_id))

    @property
    def due(self) -> bool:
        """Whether there is one that is to be fetched and that nobody is at work on."""
        with self._lock:
            return not self._working and bool(self._asked_for & set(self._downloads))

    # Changing it. None of this waits for anything.

    def add(
        self, repository: str, file: str, revision: str = "main", token: str = "", projector: HubFile | None = None,
        *, kept_token: bool = False,
    ) -> Download:  # fmt: skip
        """Put a model at the end of the queue, to be fetched; one that is in it already is to go on.

        Without a `token` it may ask with the `kept_token`. Raises `TextNotAccepted`, `DiskFull`.
        """
        wanted = Wanted.checked(repository, file, revision, token)
        if projector is not None:
            Wanted.checked(repository, projector.name, revision, token)
        fresh = Download(
            id=0, repository=repository, file=file, revision=revision, projector=projector,
            with_token=bool(token) or kept_token,
        )  # fmt: skip
        with self._lock:
            same = [one for one in self._downloads.values() if _wanted(one).model == wanted.model]
            if not same:
                fresh = replace(fresh, id=self._rows.add(fresh))
                self._downloads[fresh.id] = fresh
        return self.resume(same[0].id if same else fresh.id, token, kept_token=kept_token)

    def resume(self, download_id: int, token: str = "", *, kept_token: bool = False) -> Download:
        """Have it go on from where it was left, from now on with this token or with the kept one, where one is given.

        One that was begun with a token goes on with the kept one by itself. Raises `NotFound`, `TextNotAccepted`,
        `DiskFull`.
        """
        with self._lock:
            download = self._found(download_id)
            Wanted.checked(download.repository, download.file, download.revision, token)
            if token:
                self._tokens[download_id] = token
            elif kept_token:
                self._tokens.pop(download_id, None)  # the one that was typed before did not do
            with_token = download.with_token or bool(token) or kept_token
            self._keep(replace(download, held=False, error=None, note=None, with_token=with_token))
            self._asked_for.add(download_id)
            self._changed.notify_all()
            return self._seen(self._downloads[download_id])

    def pause(self, download_id: int) -> Download:
        """Stop it; what has arrived is kept. Raises `NotFound`, `DiskFull`."""
        with self._lock:
            self._keep(replace(self._found(download_id), held=True))
            self._asked_for.discard(download_id)
            running = self._running.get(download_id)
        if running is not None:
            running.stop()
        return self.get(download_id)

    def move(self, download_id: int, by: int) -> None:
        """Have its turn come earlier (`by` -1) or later (1). Raises `NotFound`, `DiskFull`."""
        with self._lock:
            self._found(download_id)
            numbers = list(self._downloads)
            at = numbers.index(download_id)
            to = min(max(at + by, 0), len(numbers) - 1)
            numbers.insert(to, numbers.pop(at))
            self._rows.put_in_order(tuple(numbers))
            self._downloads = {number: self._downloads[number] for number in numbers}
            self._changed.notify_all()

    def reload(self) -> None:
        """Read the queue anew, as after a backup was put back; nothing goes on by itself."""
        self.stop()
        with self._lock:
            self._asked_for.clear()
            self._downloads = {download.id: download for download in self._rows.all()}

    def stop(self) -> None:
        """Stop all that runs, and wait for it."""
        with self._lock:
            self._asked_for.clear()
            running = list(self._running.values())
        for one in running:
            one.stop()
        for one in running:
            one.join()

    # What takes its time.

    def projectors_of(
        self, repository: str, file: str, cancel: Cancel, revision: str = "main", token: str = "",
        *, kept_token: bool = False,
    ) -> Operation[tuple[HubFile, ...]]:  # fmt: skip
        """As the library's, asked with the kept token where `kept_token` says so. Raises `TokenKeychainRefused` too."""
        if kept_token and not token:
            token = yield from self._hub_token.read(cancel)
        return (yield from self._models.projectors_of(repository, file, cancel, revision=revision, token=token))

    def remove(self, download_id: int, cancel: Cancel) -> Operation[None]:
        """Take one out of the queue and delete what has arrived of it. Yields Changed("downloads").

        Raises `NotFound`, `FileNotReadable` where it cannot be deleted.
        """
        cancel.check()
        with self._lock:
            download = self._found(download_id)
            self._asked_for.discard(download_id)
            running = self._running.get(download_id)
        if running is not None:
            running.stop()
            running.join()
        self._forget(download)
        yield Changed(what="downloads")

    def work(self, cancel: Cancel, only: Collection[int] = ()) -> Operation[None]:
        """Fetch what was asked for, `MOST_AT_ONCE` at a time in the order of the queue, until nothing is left to fetch.

        With `only` no others are. Where somebody else is at work already, that one does it and this returns.
        Yields Progressed(unit="bytes") of all together, Changed("downloads"), "models" and "connections", and
        DownloadEnded for each. A pressed `cancel` stops them all, and what has arrived is kept. Raises `Cancelled`.
        """
        with self._lock:
            if self._working:
                return
            self._working, self._mistake = True, None
        events: list[Event] = []
        ended = False
        try:
            while self._begin(events, only):
                cancel.check()
                with self._changed:
                    if not events:
                        self._changed.wait(_TICK_S)
                    told, events[:] = tuple(events), ()
                yield from told
                yield self._progress(only)
                if self._mistake is not None:
                    raise self._mistake
            ended = True
        finally:
            if not ended:
                self.stop()
                with self._lock:
                    self._working = False

    # Its own affairs. Those down to the next remark with the lock held.

    def _found(self, download_id: int) -> Download:
        if download_id not in self._downloads:
            raise NotFound(what="download", which=download_id)
        return self._downloads[download_id]

    def _keep(self, download: Download) -> None:
        """Keep how it stands, unless it is gone by now."""
        if download.id in self._downloads:
            self._downloads[download.id] = download
            self._rows.update(download)

    def _seen(self, download: Download) -> Download:
        running = self._running.get(download.id)
        needs_token = download.with_token and download.id not in self._tokens and not self._hub_token.kept_in
        if running is not None:
            return replace(running.seen(download), needs_token=needs_token)
        state = DownloadState.PAUSED
        if download.error is not None:
            state = DownloadState.FAILED
        elif self._working and download.id in self._asked_for:
            state = DownloadState.WAITING
        return replace(download, state=state, needs_token=needs_token)

    # From here on without it.

    def _begin(self, events: list[Event], only: Collection[int]) -> bool:
        """Begin those whose turn it is; whether there is anything left to wait for."""
        with self._lock:
            waiting = [
                one
                for one in self._downloads.values()
                if one.id in self._asked_for and one.id not in self._running and (not only or one.id in only)
            ]
            for download in waiting[: max(0, MOST_AT_ONCE - len(self._running))]:
                running = Running(
                    download,
                    partial(self._fetched, download, self._tokens.get(download.id, "")),
                    hear=partial(self._hear, events),
                    ended=partial(self._ended, events),
                )
                self._running[download.id] = running
                running.start()
                events.append(Changed(what="downloads"))
            if self._running or events:
                return True
            self._working = False  # under the same lock as the look for more: who adds one later starts anew
            return False

    def _fetched(self, download: Download, token: str, cancel: Cancel) -> Operation[Model | Path]:
        """Fetch one with the token that was typed for it, else with the kept one if it was begun with a token."""
        if download.with_token and not token:
            token = yield from self._hub_token.read(cancel)
        wanted = replace(_wanted(download), token=token)
        if wanted.is_checkpoint:
            return (yield from self._models.checkpoints.download(wanted, cancel))
        return (
            yield from self._models.download(
                download.repository, download.file, cancel, revision=download.revision, token=token,
                projector=download.projector,
            )
        )  # fmt: skip

    def _hear(self, events: list[Event], running: Running, event: Event, *, due: bool) -> None:
        """What one of them has yielded, on its own thread; `due` where it is time to keep how far it is."""
        with self._changed:
            if due:
                self._keep(running.kept(self._downloads.get(running.download.id, running.download)))
            if isinstance(event, DownloadNoted):
                events.append(Changed(what="downloads"))
            elif not isinstance(event, Progressed):
                events.append(event)

    def _ended(
        self, events: list[Event], running: Running, fetched: Model | Path | None, error: Exception | None
    ) -> None:
        """One of them has ended, on its own thread."""
        number = running.download.id
        known = error if isinstance(error, EngineError) else None
        if error is not None and not isinstance(error, EngineError | Cancelled):
            self._mistake = error
        left = running.kept(self._downloads.get(number, running.download))
        try:
            if fetched is not None or (isinstance(error, _NOTHING_TO_GO_ON_WITH) and not left.done_bytes):
                self._forget(left)
            else:
                with self._lock:
                    self._keep(replace(left, error=known))
        except EngineError as unkept:
            known = known or unkept
        with self._changed:
            if number in self._asked_for and not isinstance(error, Cancelled):
                self._asked_for.discard(number)
            self._running.pop(number, None)
            if not isinstance(error, Cancelled):
                model, folder = (None, fetched) if isinstance(fetched, Path) else (fetched, None)
                events.append(
                    DownloadEnded(download=replace(left, error=known), model=model, folder=folder, error=known)
                )
            events.append(Changed(what="downloads"))
            self._changed.notify_all()

    def _forget(self, download: Download) -> None:
        """Nothing is left of it, here and on the disk. Raises `FileNotReadable`, `DiskFull`."""
        wanted = _wanted(download)
        leave_nothing(wanted, self._models.endpoint, self._places)
        if download.projector is not None:
            leave_nothing(replace(wanted, file=download.projector.name), self._models.endpoint, self._places)
        with self._lock:
            self._rows.remove(download.id)
            self._downloads.pop(download.id, None)
            self._tokens.pop(download.id, None)

    def _progress(self, only: Collection[int]) -> Progressed:
        """How far all of those are together that are fetched or wait for their turn."""
        there = [one for one in self.all() if one.state in (DownloadState.RUNNING, DownloadState.WAITING)]
        there = [one for one in there if not only or one.id in only]
        done, total = sum(one.done_bytes for one in there), sum(one.total_bytes for one in there)
        per_s = sum(one.per_s for one in there)
        known = all(one.total_bytes for one in there)
        left_s = (total - done) / per_s if per_s and known else None
        now = there[0].file if len(there) == 1 else ""
        return Progressed(
            done=done, total=total if known else 0, unit="bytes", per_s=per_s, left_s=left_s, now=now,
            connections=sum(one.connections for one in there),
        )  # fmt: skip


def _wanted(download: Download) -> Wanted:
    return Wanted(repository=download.repository, file=download.file, revision=download.revision)
