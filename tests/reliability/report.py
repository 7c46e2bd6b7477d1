"""What came of the rows, kept line by line, so that a run that was cut off goes on where it stopped."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TRIED_CODE = ("engine", "desktop", "tests")  # what a row's outcome is an outcome of


class Report:
    """A file with one line of JSON for each row: the last that was seen of it with the code as it is now."""

    def __init__(self, path: Path) -> None:
        """What an earlier run has left there counts as long as the code is the same."""
        self._path = path
        self._lines: dict[str, dict[str, Any]] = {}
        if path.exists():
            lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            self._lines = {line["name"]: line for line in lines if line.get("code") == code()}

    def well(self, name: str) -> dict[str, Any] | None:
        """The line of a row that did not fail, None where there is none."""
        line = self._lines.get(name)
        return line if line and not line["failures"] else None

    def keep(self, line: dict[str, Any]) -> None:
        """Keep a row's line, at once and in one step."""
        self._lines[line["name"]] = line | {"code": code()}
        self._path.parent.mkdir(exist_ok=True)
        part = self._path.with_suffix(".part")
        ordered = sorted(self._lines.values(), key=lambda each: int(each["name"].removeprefix("R")))
        part.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in ordered), encoding="utf-8")
        part.replace(self._path)


@cache
def code() -> str:
    """A name for the code that is tried."""
    running = hashlib.sha256()
    for folder in TRIED_CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            running.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return running.hexdigest()[:16]
