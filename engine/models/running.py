"""One download of the queue while it is carried out, on a thread of its own."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from engine.events import DownloadNoted, Event, Progressed
from engine.operation import Cancel, Operation
from engine.types import Download, DownloadNote, DownloadState, Model

KEEP_EVERY_S = 5.0  # how far it is, for a list after a kill; what has arrived is known better by the file itself


class Hear(Protocol):
    """Told each event; `due` where it is time to keep how far it is."""

    def __call__(self, running: "Running", event: Event, *, due: bool) -> None: ...


class Running:
    """Carries out one download. `stop` and `seen` from any thread."""

    def __init__(
        self,
        download: Download,
        fetch: Callable[[Cancel], Operation[Model | Path]],
        hear: Hear,
        ended: Callable[["Running", Model | Path | None, Exception | None], None],
    ) -> None:
        """`fetch` returns a model, or the folder of one that is to be converted.

        `hear` and `ended` are called on the download's own thread.
        """
        self.download = download
        self._fetch, self._hear, self._ended = fetch, hear, ended
        self._cancel = Cancel()
        self._moved: Progressed | None = None
        self._before = 0  # bytes of the model, while its projector is fetched
        self._note: DownloadNoted | None = None
        self._kept_at = time.monotonic()
        self._thread = threading.Thread(target=self._carry, name=f"download {download.id}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End it; what has arrived is kept."""
        self._cancel.press()

    def join(self) -> None:
        """Wait for its end; from its own thread there is nothing to wait for."""
        if self._thread is not threading.current_thread():
            self._thread.join()

    def seen(self, download: Download) -> Download:
        """How it stands now."""
        moved, note = self._moved, self._note
        kept = replace(self.kept(download), state=DownloadState.RUNNING)
        if note is not None:
            kept = replace(kept, note=note.note, note_number=note.number)
        if moved is not None:
            kept = replace(kept, per_s=moved.per_s, left_s=_left_s(kept, moved), connections=moved.connections)
        return kept

    def kept(self, download: Download) -> Download:
        """How far it has come, of model and projector together."""
        if self._moved is None or not self._moved.total:
            return download
        done, total = self._before + self._moved.done, self._before + self._moved.total
        if not self._before and download.projector is not None:
            total += download.projector.size_bytes
        return replace(download, done_bytes=done, total_bytes=total)

    # On its own thread.

    def _carry(self) -> None:
        fetched: Model | Path | None = None
        error: Exception | None = None
        try:
            with closing(self._fetch(self._cancel)) as steps:
                while True:
                    self._take(next(steps))
        except StopIteration as end:
            fetched = end.value
        except Exception as failed:  # noqa: BLE001 - the border of the thread: whoever waits is told
            error = failed
        self._ended(self, fetched, error)

    def _take(self, event: Event) -> None:
        if isinstance(event, Progressed):
            if self._moved is not None and event.now != self._moved.now:
                self._before += self._moved.total
            if self._moved is not None and event.done > self._moved.done and self._waits():
                self._note = None
            self._moved = event
        elif isinstance(event, DownloadNoted):
            self._note = event
        due = time.monotonic() - self._kept_at >= KEEP_EVERY_S
        if due:
            self._kept_at = time.monotonic()
        self._hear(self, event, due=due)

    def _waits(self) -> bool:
        return self._note is not None and self._note.note is DownloadNote.WAITS


def _left_s(download: Download, moved: Progressed) -> float | None:
    if not moved.per_s or not download.total_bytes:
        return None
    return (download.total_bytes - download.done_bytes) / moved.per_s
