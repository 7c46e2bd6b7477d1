"""Time to the first window and memory of the app's process, beside a bare PySide6 window.

Each start is a fresh process on Qt's offscreen platform (or the display there is, with
--display), taking turns with a process that only opens an empty PySide6 window. The clock runs
from just before the process is made to the first paint of the window; interpreter, imports,
key, store and page are all in it. Memory is the process's resident memory right after.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Row, publish

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7
WITHIN_S = 1.0
NEVER = ("llama_cpp", "torch", "sentence_transformers", "transformers", "huggingface_hub", "pypdfium2", "lxml")
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
            at = time.time()
            QTimer.singleShot(0, lambda: self.tell(watched, at))
        return False
    def tell(self, window, at):
        print(json.dumps({"at": at, "rss": psutil.Process().memory_info().rss, "modules": sorted(sys.modules)}))
        window.close()

app = QApplication([])
filter = FirstPaint()
app.installEventFilter(filter)
"""
OURS = CHILD + "from desktop.app import main\nsys.exit(main(['--data', sys.argv[1]]))\n"
BARE = CHILD + "window = QMainWindow()\nwindow.resize(1180, 760)\nwindow.show()\nsys.exit(app.exec())\n"


def start(program: str, data: Path, display: bool) -> tuple[float, int, set[str]]:
    """Seconds to the first paint, resident bytes, names of the modules loaded."""
    platform = {} if display else {"QT_QPA_PLATFORM": "offscreen"}
    environment = {**os.environ, **platform, "HANARE_KEYCHAIN": "off"}
    began = time.time()
    command = [sys.executable, "-c", program, str(data)]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    return told["at"] - began, told["rss"], set(told["modules"])


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--display", action="store_true", help="use the display instead of Qt's offscreen platform")
    asked = parser.parse_args()
    first, second, bare, rss, bare_rss = [], [], [], [], []
    modules: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        start(OURS, Path(folder) / "warm-up", asked.display)  # fills the disk cache for both
        for number in range(asked.rounds):
            data = Path(folder) / str(number)
            first.append(start(OURS, data, asked.display)[0])
            seconds, bytes_, loaded = start(OURS, data, asked.display)
            second.append(seconds)
            rss.append(bytes_)
            modules |= loaded
            seconds, bytes_, _ = start(BARE, data, asked.display)
            bare.append(seconds)
            bare_rss.append(bytes_)
    reference, memory = statistics.median(bare), statistics.median(bare_rss) / MIB
    found = sorted(name for name in NEVER if name in modules)
    usual, ours_memory = statistics.median(second), statistics.median(rss) / MIB
    rows = [
        _beside("first start, empty data folder, window painted", statistics.median(first), reference, "s"),
        _beside("later start, window painted", usual, reference, "s"),
        Row(measure="later start, best of all", ours=min(second), reference=min(bare), unit="s"),
        Row(measure="later start within a second", ours=usual, unit="s", bar=WITHIN_S, holds=usual <= WITHIN_S),
        _beside("resident memory, window open", ours_memory, memory, "MiB"),
        Row(measure="heavy libraries in the process", ours=len(found), unit="modules", bar=0, holds=not found),
    ]
    names = ", ".join(found) or "none of them"
    return publish("start", rows, f"reference: a bare PySide6 window. Looked for {', '.join(NEVER)}: {names}.")


def _beside(measure: str, ours: float, reference: float, unit: str) -> Row:
    return Row(measure=measure, ours=ours, reference=reference, ratio=ours / reference, unit=unit)


if __name__ == "__main__":
    sys.exit(main())
