"""The network ledger: every connection a process of Hanare made or tried, who it was for and what it carried.

A line is kept before anything is sent and brought up to date while the connection lives, so that not even a
computer that loses power forgets it. `export` writes the whole of it to a file the person chose.
"""

import csv
import dataclasses
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import wire
from engine.errors import TextNotAccepted, from_os_error
from engine.network import Connection, Outcome, Totals
from engine.store.connections import ConnectionRows
from engine.store.values import now

FORMATS = (".csv", ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a process connects for: the click (`why`, a code such as "download") and what was clicked for."""

    process: str
    why: str
    what: str


class Ledger:
    """The lines of one store. Every method from any thread."""

    def __init__(self, rows: ConnectionRows) -> None:
        self._rows = rows

    def all(self) -> tuple[Connection, ...]:
        """Every line, the newest first."""
        return self._rows.all()

    def totals(self) -> Totals:
        """How many connections there were, to how many hosts, and what they carried."""
        return self._rows.totals()

    @contextmanager
    def keeping(self, errand: Errand) -> "Iterator[Page]":
        """While inside, the reports of one job go in; what is open at the end was cut off with its process."""
        page = Page(self._rows, errand)
        try:
            yield page
        finally:
            page.end()

    def blocked(self, process: str, host: str, port: int, channel: str = "tcp") -> None:
        """A process that may not connect tried to, and was refused. Raises `DiskFull`."""
        moment = now()
        self._rows.add(
            Connection(
                process=process, channel=channel, host=host, port=port, began_at=moment, ended_at=moment,
                outcome=Outcome.BLOCKED,
            )
        )  # fmt: skip

    def export(self, path: Path) -> int:
        """Write every line to `path`, as its ending says: .csv or .json. Returns how many there are.

        Raises `TextNotAccepted` for another ending, `DiskFull`, `FileMissing`, `FileNotReadable`.
        """
        if path.suffix.lower() not in FORMATS:
            raise TextNotAccepted(what="The file", value=path.name, why="its name has to end in .csv or .json")
        lines = [dataclasses.asdict(line) for line in reversed(self.all())]
        try:
            if path.suffix.lower() == ".json":
                path.write_text(json.dumps(lines, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            else:
                path.write_text(_csv(lines), encoding="utf-8", newline="")
        except OSError as error:
            raise from_os_error(error, path) from error
        return len(lines)


class Page:
    """The lines of one job."""

    def __init__(self, rows: ConnectionRows, errand: Errand) -> None:
        self._rows, self._errand = rows, errand
        self._ids: dict[int, int] = {}
        self._open: dict[int, Connection] = {}

    def note(self, told: wire.Connection) -> None:
        """Keep what the process told. Raises `DiskFull`."""
        line = Connection(
            id=self._ids.get(told.number, 0), process=self._errand.process, why=self._errand.why,
            what=self._errand.what, channel="tcp", host=told.host, port=told.port, began_at=told.began_at,
            ended_at=told.ended_at, sent_bytes=told.sent_bytes, received_bytes=told.received_bytes,
            outcome=_outcome(told.outcome),
        )  # fmt: skip
        if line.id:
            self._rows.update(line)
        else:
            self._ids[told.number] = self._rows.add(line)
        self._open.pop(told.number, None)
        if not line.ended_at:
            self._open[told.number] = dataclasses.replace(line, id=self._ids[told.number])

    def end(self) -> None:
        """The process will tell nothing more."""
        for line in self._open.values():
            self._rows.update(dataclasses.replace(line, ended_at=now(), outcome=Outcome.CUT))
        self._open.clear()


def _outcome(told: str) -> Outcome:
    """A process's word for it; one that is none of ours counts as broken."""
    try:
        return Outcome(told)
    except ValueError:
        return Outcome.BROKEN


def _csv(lines: list[dict[str, object]]) -> str:
    """One row a line. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = [field.name for field in dataclasses.fields(Connection)]
    writer.writerow(names)
    for line in lines:
        writer.writerow([_inert(line[name]) for name in names])
    return out.getvalue()


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
