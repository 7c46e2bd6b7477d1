"""A problem report: what helps whoever mends Hanare, and nothing of whoever uses it.

Every field is on a list here, and is a number, a yes or no, or a word from a list of ours. Nothing that a person,
a document, a model, a file name or this computer's owner has put into words can be in it.
"""

import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from engine.errors import from_os_error
from engine.journal import Entry
from engine.settings import Settings, described
from engine.types import Check
from engine.walls import Reach, Walls

PARTS = (
    "hanare", "PySide6-Essentials", "llama-cpp-python", "sqlcipher3", "huggingface-hub", "httpx2",
    "sentence-transformers", "torch", "numpy", "pypdfium2", "lxml",
    "python-calamine", "striprtf", "keyring", "gguf",
)  # fmt: skip
SYSTEMS = ("Linux", "Darwin", "Windows")
MACHINES = ("x86_64", "AMD64", "aarch64", "arm64", "riscv64", "ppc64le")
_NUMBERS = re.compile(r"\d+(\.\d+)*")
Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Report:
    """Sections of named values. `text` is all of it, as it is shown and saved."""

    sections: Mapping[str, Mapping[str, Value]]

    @property
    def text(self) -> str:
        """One line a value."""
        lines = ["Hanare problem report", "It was made on this computer and was not sent anywhere.", ""]
        for title, values in self.sections.items():
            lines += [f"[{title}]", *(f"{name}: {_word(value)}" for name, value in values.items()), ""]
        return "\n".join(lines)


def reported(
    settings: Settings,
    counts: Mapping[str, int],
    checks: Sequence[Check],
    walls: Sequence[Walls],
    entries: Sequence[Entry],
) -> Report:
    """The report, from what the engine knows."""
    return Report(
        {
            "versions": _versions(),
            "computer": _computer(),
            "settings": _settings(settings),
            "counts": counts,
            "checks": {check.name: check.ok for check in checks},
            "walls": _walls(walls),
            "errors": {f"{number}. {entry.at}": " ".join((entry.code, *entry.numbers))
                       for number, entry in enumerate(entries, start=1)},
        }
    )  # fmt: skip


def save(report: Report, path: Path) -> None:
    """Write what was shown. Raises `DiskFull`, `FileMissing`, `FileNotReadable`."""
    try:
        path.write_text(report.text, encoding="utf-8")
    except OSError as error:
        raise from_os_error(error, path) from error


def _word(value: Value) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _numbers(text: str) -> str:
    """The number a version begins with: what follows may be anybody's words."""
    found = _NUMBERS.match(text)
    return found[0] if found else "unknown"


def _known(text: str, words: Sequence[str]) -> str:
    return text if text in words else "other"


def _versions() -> dict[str, Value]:
    found: dict[str, Value] = {"Python": _numbers(platform.python_version())}
    for part in PARTS:
        try:
            found[part] = _numbers(version(part))
        except PackageNotFoundError:
            found[part] = "not installed"
    return found


def _computer() -> dict[str, Value]:
    memory = psutil.virtual_memory()
    return {
        "system": _known(platform.system(), SYSTEMS),
        "system version": _numbers(platform.release()),
        "processor": _known(platform.machine(), MACHINES),
        "cores": psutil.cpu_count(logical=False) or 0,
        "threads": psutil.cpu_count() or 0,
        "memory in MiB": memory.total >> 20,
        "free memory in MiB": memory.available >> 20,
        "64 bit": sys.maxsize > 2**32,
    }


def _settings(settings: Settings) -> dict[str, Value]:
    """Those that hold no text of the person's own: numbers, switches, and choices from a list."""
    found: dict[str, Value] = {}
    as_they_came = Settings()
    for name, about in described().items():
        value = getattr(settings, name)
        if about.choices:
            found[name] = _known(value, about.choices)
        elif not isinstance(value, str):
            found[name] = value
        else:
            found[f"{name} is as it came"] = value == getattr(as_they_came, name)
    return found


def _walls(walls: Sequence[Walls]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for number, each in enumerate(walls, start=1):
        wrong = [way.name for way in each.channels if not way.holds]
        ways = sum(way.reach is not Reach.OPEN for way in each.channels)
        found[f"{number}. {each.kind}"] = (
            f"{' + '.join(each.walls) or 'none'}; {ways} of {len(each.channels)} ways shut"
            + (f"; open: {', '.join(wrong)}" if wrong else "")
        )  # fmt: skip
    return found
