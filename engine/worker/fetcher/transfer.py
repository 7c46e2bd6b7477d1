"""Fills an unfinished file over several connections at once, and begins again where one breaks."""

import threading
import time
from collections.abc import Callable

from engine.errors import DownloadCorrupt, EngineError, HubUnreachable
from engine.worker.fetcher.body import AddressExpired, Body, ConnectionBroken, RangesUnknown
from engine.worker.fetcher.hub import Hub
from engine.worker.fetcher.part import Part, Writer
from engine.worker.fetcher.patience import MOST_ASKED_S, wait_before
from engine.worker.fetcher.spans import Spans
from engine.worker.fetcher.throttle import Throttle

TICK_S = 0.1
TRIES = 7  # in a row that bring nothing: about half a minute, in which a network comes back after sleep
TOLD_WAIT_S = 2.0  # shorter waits are nobody's concern
JOIN_S = 2.0
Note = Callable[[str, int], None]
Moved = Callable[[int, int], None]


class Transfer:
    """One file from one hub into one `Part`."""

    def __init__(self, part: Part, hub: Hub, moved: Moved, note: Note) -> None:
        """`moved` is told how many bytes are here and over how many connections more come, `note` what is odd."""
        self._part, self._hub, self._moved, self._note = part, hub, moved, note
        self._changed = threading.Condition()
        self._throttle = Throttle()
        self._spans = Spans(part.missing())
        self._address = part.announced.url
        self._stretches = True  # the server sends them
        self._leave = False  # whoever still reads stops at the next piece
        self._noted = False
        self._writers: set[Writer] = set()
        self._streams: set[threading.Thread] = set()
        self._error: Exception | None = None
        self._arrived = 0  # about: connections count at the same time
        self._tries, self._come_at_try, self._not_before = 0, -1, 0.0

    def fill(self) -> None:
        """Return when all is here. Raises the errors of the hub, `HubUnreachable`, `DownloadCorrupt`, OSError."""
        try:
            while not self._part.complete:
                if self._error is not None:
                    raise self._error
                if self._stretches:
                    self._look()
                else:
                    self._all_at_once()
            self._moved(self._part.done, 0)
        finally:
            self._join()

    # On the transfer's own thread.

    def _look(self) -> None:
        """See that there are as many connections as there should be."""
        at_work = len(self._streams)
        self._throttle.look(self._arrived, all_at_work=at_work >= self._throttle.limit)
        if time.monotonic() >= self._not_before:
            for _ in range(at_work, self._throttle.limit):
                if self._spans.left:
                    self._start()
        self._part.sync()
        self._tell()
        with self._changed:
            self._changed.wait(TICK_S)

    def _tell(self) -> None:
        with self._changed:
            under_way = sum(writer.at - writer.whole_to for writer in self._writers)
            self._moved(min(self._part.done + under_way, self._part.size_bytes), len(self._writers))

    def _start(self) -> None:
        thread = threading.Thread(target=self._stream, name="connection", daemon=True)
        self._streams.add(thread)
        thread.start()

    def _join(self) -> None:
        self._leave = True
        until = time.monotonic() + JOIN_S
        for thread in tuple(self._streams):
            thread.join(max(0.0, until - time.monotonic()))

    def _all_at_once(self) -> None:
        """The server knows no stretches: all of it comes over one connection, and what is here is passed over."""
        self._join()
        if (wait_s := self._not_before - time.monotonic()) > 0:
            time.sleep(min(wait_s, TICK_S))
            self._tell()
            return
        try:
            whole = Body(self._hub, self._part.announced, self._address, 0, self._part.size_bytes)
            with whole as body, self._part.writer_of_all() as writer:
                self._take(body, writer, self._part.size_bytes, self._keep_up)
        except ConnectionBroken as error:
            self._broke(error)
        except AddressExpired:
            self._address = self._part.announced.url
        except RangesUnknown:
            self._broke(ConnectionBroken(self._hub.host, "it sends neither the file nor a stretch of it"))

    def _keep_up(self) -> bool:
        self._part.sync()
        self._tell()
        return True

    # On the threads of the connections.

    def _stream(self) -> None:
        """One connection, which brings one stretch after another."""
        per_s = 0.0
        try:
            while self._wanted() and (span := self._spans.take(per_s, self._throttle.limit)):
                began = time.monotonic()
                self._bring(*span)
                per_s = (span[1] - span[0]) / max(time.monotonic() - began, 0.001)
        except ConnectionBroken as error:
            self._broke(error)
        except AddressExpired:
            self._address = self._part.announced.url
        except RangesUnknown:
            self._note_ranges()
            self._stretches, self._leave = False, True
        except Exception as error:  # noqa: BLE001 - raised again on the transfer's own thread
            self._error = self._error or error
        finally:
            with self._changed:
                self._streams.discard(threading.current_thread())
                self._changed.notify_all()

    def _wanted(self) -> bool:
        return not self._leave and len(self._streams) <= self._throttle.limit

    def _bring(self, start: int, end: int) -> None:
        """Fetch a stretch; what does not come of it is free again for another connection."""
        writer = self._part.writer(start)
        try:
            with writer, Body(self._hub, self._part.announced, self._address, writer.at, end) as body:
                self._address = body.address
                if not body.all_of_it:
                    self._throttle.open(self._arrived)
                    with self._changed:
                        self._changed.notify_all()
                elif end < self._part.size_bytes:
                    end = self._alone()
                self._take(body, writer, end, lambda: not self._leave)
        finally:
            self._spans.give_back(writer.whole_to, end)

    def _take(self, body: Body, writer: Writer, end: int, go_on: Callable[[], bool]) -> None:
        """Put what arrives in its place, as long as `go_on` says so."""
        with self._changed:
            self._writers.add(writer)
        try:
            self._fill_in(body, writer, end, go_on)
        finally:
            with self._changed:
                self._writers.discard(writer)

    def _fill_in(self, body: Body, writer: Writer, end: int, go_on: Callable[[], bool]) -> None:
        for piece in body.pieces():  # to its end, so that the connection can be asked again
            over = writer.at + len(piece) - end
            if over > 0 and end == self._part.size_bytes:
                raise DownloadCorrupt(file=self._part.file, why="more arrived than the hub had announced")
            some = piece[:-over] if over > 0 else piece
            writer.write(some)
            self._arrived += len(some)
            if over > 0 or not go_on():
                return
        if writer.at < end:
            raise ConnectionBroken(body.host, "it sent less than it had said")

    def _alone(self) -> int:
        """All of the file comes where a stretch was asked for: nobody else is sent for the rest."""
        with self._changed:
            if len(self._streams) > 1:
                raise RangesUnknown
            self._spans.take_all()
        self._note_ranges()
        return self._part.size_bytes

    def _note_ranges(self) -> None:
        with self._changed:
            told, self._noted = self._noted, True
        if not told:
            self._note("ranges", 0)

    def _broke(self, error: ConnectionBroken) -> None:
        """Wait before the next try. All that break at one time count as one try."""
        with self._changed:
            now = time.monotonic()
            if error.busy:
                self._throttle.busy()
            if now < self._not_before:
                return
            if error.busy and self._writers:  # others go on: that one was too many
                self._not_before = now + max(1.0, min(error.wait_s, MOST_ASKED_S))
                return
            come = self._arrived if self._stretches else self._part.done
            self._tries = 1 if come > self._come_at_try else self._tries + 1
            self._come_at_try = come
            wait_s = max(error.wait_s, wait_before(self._tries))
            if self._tries >= TRIES or error.wait_s > MOST_ASKED_S:
                self._error = self._error or gave_up(error)
                return
            self._not_before = now + wait_s
        if wait_s > TOLD_WAIT_S:
            self._note("waits", round(wait_s))


def gave_up(error: ConnectionBroken) -> EngineError:
    """That it was tried long enough."""
    why = error.why
    if error.wait_s > MOST_ASKED_S:
        why = f"it asks to be left alone for {round(error.wait_s)} seconds"
    return HubUnreachable(host=error.host, why=why)
