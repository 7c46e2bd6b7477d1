"""The badge of the real window behind its real walls: it says offline because nothing was open when it was tried."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import sys
from engine.walls import raise_walls
raise_walls()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop import app as desktop
from desktop.window import Window
app = QApplication(["hanare"])
desktop.choose("en", desktop.RESOURCES / "translations")

def look():
    (window,) = (each for each in app.topLevelWidgets() if isinstance(each, Window))
    words = window.status.offline.text()
    if words == "Not measured yet":
        return
    timer.stop()
    walls = [each for each in window._engine.walls() if each.kind == "app"]
    print(words, len(walls), all(each.holds for each in walls), sep="|")
    window.status.offline.click()
    print(window.page, window.built("privacy").walls.verdict.text(), sep="|")
    window.close()

timer = QTimer(interval=50)
timer.timeout.connect(look)
timer.start()
sys.exit(desktop.main(["--data", sys.argv[1]]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is called proven")
def test_the_window_behind_its_walls_says_that_it_is_offline_and_shows_the_proof(tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    run = subprocess.run(
        [sys.executable, "-c", LOOK, str(tmp_path / "data")], env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["Offline, measured|1|True", "privacy|Offline, measured"]
