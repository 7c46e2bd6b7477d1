"""How the rows are run: one after the other, each kept when it is done, and a night that was cut off goes on."""

import json
from pathlib import Path

import pytest

from tests.reliability import __main__ as running
from tests.reliability import report
from tests.reliability.row import Outcome, Size


class Rows:
    """Rows that end as told, and which of them were tried."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.cut_off_at = ""
        self.failing = ""

    def outcome_of(self, name: str, size: Size) -> Outcome:
        """What a row's process would report."""
        if name == self.cut_off_at:
            raise KeyboardInterrupt
        self.tried.append(name)
        return Outcome(count=3, failures=1 if name == self.failing else 0)

    def tried_in(self, *arguments: str) -> tuple[int, list[str]]:
        """The exit status and what was tried in one run."""
        self.tried.clear()
        return running.main(arguments), self.tried[:]


@pytest.fixture
def kept(tmp_path: Path) -> dict[Size, Path]:
    """Where the reports lie."""
    return {size: tmp_path / "build" / f"{size}.json" for size in Size}


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch, kept: dict[Size, Path]) -> Rows:
    """Rows instead of the real ones, which take an hour."""
    made = Rows()
    monkeypatch.setattr(running, "outcome_of", made.outcome_of)
    monkeypatch.setattr(running, "REPORTS", kept)
    return made


def lines(path: Path) -> dict[str, dict[str, object]]:
    """What a report says of each row."""
    return {line["name"]: line for line in map(json.loads, path.read_text(encoding="utf-8").splitlines())}


def cut_off(rows: Rows, name: str) -> None:
    """A night that came as far as this row."""
    rows.cut_off_at = name
    with pytest.raises(KeyboardInterrupt):
        running.main(["--night"])
    rows.cut_off_at = ""


def test_a_night_that_was_cut_off_goes_on_where_it_stopped_and_the_next_begins_anew(
    rows: Rows, kept: dict[Size, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    names = running.rows()
    cut_off(rows, names[5])
    assert list(lines(kept[Size.NIGHT])) == [running.number(name) for name in names[:5]]
    capsys.readouterr()
    assert rows.tried_in("--night") == (0, names[5:])
    assert f"{len(names)} rows, 0 of them failed" in capsys.readouterr().out
    assert list(lines(kept[Size.NIGHT])) == [running.number(name) for name in names]
    assert rows.tried_in("--night") == (0, names)


def test_a_row_that_failed_is_tried_again_where_a_night_goes_on(rows: Rows) -> None:
    names = running.rows()
    rows.failing = names[2]
    assert rows.tried_in("--night") == (1, names)
    rows.failing = ""
    assert rows.tried_in("--night") == (0, [names[2]])


def test_rows_that_were_done_with_other_code_are_done_again(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    names = running.rows()
    cut_off(rows, names[5])
    monkeypatch.setattr(report, "code", lambda: "another")
    assert rows.tried_in("--night") == (0, names)


def test_what_is_asked_for_by_name_is_tried_and_takes_its_place_in_the_report(
    rows: Rows, kept: dict[Size, Path]
) -> None:
    assert rows.tried_in("--night", "--only", "r04", "r05")[1] == [running.rows()[3], running.rows()[4]]
    rows.failing = running.rows()[4]
    assert rows.tried_in("--night", "--only", "r05") == (1, [rows.failing])
    assert {name: line["failures"] for name, line in lines(kept[Size.NIGHT]).items()} == {"R4": 0, "R5": 1}


def test_before_a_change_every_row_is_tried_whatever_was_done_before(rows: Rows, kept: dict[Size, Path]) -> None:
    assert rows.tried_in() == rows.tried_in() == (0, running.rows())
    assert not kept[Size.NIGHT].exists()


def test_no_rows_are_a_failure(rows: Rows) -> None:
    assert rows.tried_in("--only", "r99") == (1, [])
