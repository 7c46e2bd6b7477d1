"""Runs the rows of the reliability plan and keeps what came of them, one line a row.

    python -m tests.reliability [--night] [--only r04 ...]

Every row runs in a process of its own: one that dies or does not end in time has failed, and the others go
on. `build/reliability.json`, over night `build/reliability-night.json`, holds a line of JSON for each row: name,
title, count, failures, worst, unit, seconds, code. A night that was cut off goes on where it stopped: rows that did
not fail with the code as it is now are not done again, unless all of them are there or they are asked for with
`--only`. The exit status is 1 where anything failed.
"""

import argparse
import ast
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.reliability.report import ROOT, Report
from tests.reliability.row import Outcome, Size, size_argument

HERE = Path(__file__).resolve().parent
REPORTS = {Size.CHANGE: ROOT / "build" / "reliability.json", Size.NIGHT: ROOT / "build" / "reliability-night.json"}
MOST_S = {Size.CHANGE: 1200, Size.NIGHT: 4 * 3600}  # far more than a row takes, for the computer may be busy


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size_argument(parser)
    parser.add_argument("--only", nargs="+", default=[], metavar="ROW", help="rows whose name begins so")
    parser.add_argument("--one", help=argparse.SUPPRESS)  # in a row's own process
    asked = parser.parse_args(arguments)
    if asked.one:
        print(json.dumps(asdict(importlib.import_module(f"tests.reliability.{asked.one}").run(asked.size))))
        return 0
    names = [name for name in rows() if not asked.only or name.startswith(tuple(asked.only))]
    report = Report(REPORTS[asked.size])
    before = {name: report.well(number(name)) for name in names}
    goes_on = asked.size is Size.NIGHT and not asked.only and None in before.values()
    lines = []
    for name in names:
        line = before[name] if goes_on else None
        if line:
            show(line, "before")
        else:
            line = tried(name, asked.size)
            report.keep(line)
        lines.append(line)
    failed = [line for line in lines if line["failures"]]
    print(f"{len(lines)} rows, {len(failed)} of them failed, {sum(line['seconds'] for line in lines):.0f} s")
    return 1 if failed or not lines else 0


def rows() -> list[str]:
    """The names of all rows' files, in order."""
    return [path.stem for path in sorted(HERE.glob("r[0-9][0-9]_*.py"))]


def number(name: str) -> str:
    """How a row is called in the plan: R4 for r04_damaged_models."""
    return f"R{int(name[1:3])}"


def tried(name: str, size: Size) -> dict[str, Any]:
    """Run one row and print its line."""
    began = time.monotonic()
    outcome = outcome_of(name, size)
    line: dict[str, Any] = {"name": number(name), "title": title(name)}
    line |= {key: value for key, value in asdict(outcome).items() if key != "details"}
    line["seconds"] = round(time.monotonic() - began, 1)
    show(line)
    for detail in outcome.details[:20]:
        print(f"       {detail}", flush=True)
    return line


def show(line: dict[str, Any], when: str = "") -> None:
    """Print a row's line."""
    verdict = "FAILED" if line["failures"] else when or "ok"
    worst = f"worst {line['worst']:g} {line['unit']}".rstrip() if line["unit"] else ""
    print(f"{line['name']:4} {verdict:6} {line['failures']}/{line['count']:<6} {line['title']}  {worst}", flush=True)


def outcome_of(name: str, size: Size) -> Outcome:
    """What a row's process reports; its death or its silence is a failure."""
    command = [sys.executable, "-m", "tests.reliability", "--one", name]
    if size is Size.NIGHT:
        command.append("--night")
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=MOST_S[size], check=False)
    except subprocess.TimeoutExpired:
        return Outcome(count=1, failures=1, details=(f"did not end within {MOST_S[size]} seconds",))
    if run.returncode != 0:
        print(run.stderr[-4000:], file=sys.stderr)
        return Outcome(count=1, failures=1, details=(f"the row itself ended with status {run.returncode}",))
    told = json.loads(run.stdout.splitlines()[-1])
    return Outcome(**{**told, "details": tuple(told["details"])})


def title(name: str) -> str:
    """The first line of a row's docstring."""
    return (ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or name).splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
