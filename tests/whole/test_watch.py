"""`hanare watch`, behind its walls, hears of a new file and ends well with Ctrl+C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_file_is_read_while_it_watches(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "plums.txt").write_text("Plums are boiled for an hour.")
    hanare = [sys.executable, "-m", "engine.cli.start", "--data", str(tmp_path / "data")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HANARE_KEYCHAIN": "off"}

    def run(*words: str) -> str:
        done = subprocess.run([*hanare, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    run("index", str(folder), "--words-only")
    watching = subprocess.Popen(
        [*hanare, "watch", "--words-only"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert watching.stdout is not None
        assert "1 folder kept in step" in watching.stdout.readline()
        (folder / "pears.txt").write_text("Pears keep in the cellar.")  # before or after the first look
        assert "1 document read" in watching.stdout.readline()
        (folder / "new").mkdir()
        (folder / "plums.txt").rename(folder / "new" / "prunes.txt")
        assert "1 moved" in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        assert watching.wait(60) == 0
    finally:
        watching.kill()
        watching.wait()
        watching.stdout.close()
    assert "prunes.txt" in run("search", "plums", "--by", "words")
    assert "0 document" in run("index", "--words-only")
