"""Time to the first window and memory of the app's process, beside a bare PySide6 window.

Each start is a fresh process on Qt's offscreen platform (or the display there is, with
--display), taking turns with a process that only opens an empty PySide6 window. It goes the way of the
command `hanare`, with the modules compiled beforehand, as `make run` has them. The clock runs
from just before the process is made to the first paint of the window; interpreter, imports,
key, store and page are all in it; so are the walls and the start of the broker, which another row
sets beside a start without them. Memory is the process's resident memory right after.
"""

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.report import Row, publish

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7
WITHIN_S = 1.0
WALLS_COST = 1.05  # what the walls may make of a start
NEVER = ("llama_cpp", "torch", "sentence_transformers", "transformers", "huggingface_hub", "pypdfium2", "lxml", "numpy")
MIB = 1024 * 1024

CHILD = """
import json, sys, time
import psutil
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class FirstPaint(QObject):
    told = False
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow) and not self.told:
            self.told = True
            at = time.time(), time.process_time()
            QTimer.singleShot(0, lambda: self.tell(watched, at))
        return False
    def tell(self, window, at):
        rss = psutil.Process().memory_info().rss
        print(json.dumps({"at": at[0], "cpu": at[1], "rss": rss, "modules": sorted(sys.modules)}))
        window.close()

app = QApplication([])
filter = FirstPaint()
app.installEventFilter(filter)
"""
COMMAND = "from engine.cli.__main__ import main\n"  # brings the engine; a window's start brings Qt after it
OURS = COMMAND + CHILD + "sys.exit(main(['--data', sys.argv[1]]))\n"
WALLED = "from engine.walls import raise_walls\nraise_walls()\n" + OURS
BARE = CHILD + "window = QMainWindow()\nwindow.resize(1180, 760)\nwindow.show()\nsys.exit(app.exec())\n"


@dataclass(frozen=True)
class Start:
    """One start: time to the first paint, processor time spent by then, memory, modules loaded."""

    seconds: float
    processor_s: float
    rss_bytes: int
    modules: frozenset[str]


def start(program: str, data: Path, display: bool) -> Start:
    """Start a fresh process and hear from it at its first paint."""
    platform = {} if display else {"QT_QPA_PLATFORM": "offscreen"}
    environment = {**os.environ, **platform, "HANARE_KEYCHAIN": "off"}
    began = time.time()
    command = [sys.executable, "-c", program, str(data)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    return Start(told["at"] - began, told["cpu"], told["rss"], frozenset(told["modules"]))


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--display", action="store_true", help="use the display instead of Qt's offscreen platform")
    asked = parser.parse_args()
    first: list[Start] = []
    later: list[Start] = []
    bare: list[Start] = []
    open_: list[Start] = []
    for package in ("engine", "desktop"):
        compileall.compile_dir(ROOT / package, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        start(WALLED, Path(folder) / "warm-up", asked.display)  # fills the disk cache for all
        for number in range(asked.rounds):
            data = Path(folder) / str(number)
            for starts, program in ((first, WALLED), (later, WALLED), (open_, OURS), (bare, BARE)):
                starts.append(start(program, data, asked.display))
    usual = _median(later, "seconds")
    found = sorted(name for name in NEVER if any(name in each.modules for each in later))
    walled_s, open_s = _quickest(later), _quickest(open_)
    rows = [
        _beside("first start, empty data folder, window painted", first, bare, "seconds", "s"),
        _beside("later start, window painted", later, bare, "seconds", "s"),
        _beside("later start, processor time", later, bare, "processor_s", "s"),
        Row(measure="later start within a second", ours=usual, unit="s", bar=WITHIN_S, holds=usual <= WITHIN_S),
        Row(
            measure="quickest later start, beside one without walls", ours=walled_s, reference=open_s,
            ratio=walled_s / open_s, unit="s", bar=WALLS_COST, holds=walled_s <= WALLS_COST * open_s,
        ),
        _beside("resident memory, window open", later, bare, "rss_bytes", "MiB", MIB),
        Row(measure="heavy libraries in the process", ours=len(found), unit="modules", bar=0, holds=not found),
    ]  # fmt: skip
    names = ", ".join(found) or "none of them"
    return publish("start", rows, f"reference: a bare PySide6 window. Looked for {', '.join(NEVER)}: {names}.")


def _median(starts: list[Start], what: str) -> float:
    return float(statistics.median(getattr(each, what) for each in starts))


def _quickest(starts: list[Start]) -> float:
    """Other programs only ever make a start slower, so the quickest of several says most about ours."""
    return min(each.seconds for each in starts)


def _beside(measure: str, ours: list[Start], bare: list[Start], what: str, unit: str, by: float = 1.0) -> Row:
    mine, reference = _median(ours, what) / by, _median(bare, what) / by
    return Row(measure=measure, ours=mine, reference=reference, ratio=mine / reference, unit=unit)


if __name__ == "__main__":
    sys.exit(main())
