"""What was copied from a text outlives the program that it was copied from."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
COPIED = """
from PySide6.QtWidgets import QApplication
from desktop.widgets.prose import Prose

app = QApplication([])
prose = Prose()
prose.show_text("words")
prose.selectAll()
prose.copy()
print(app.clipboard().text())
"""


def test_a_program_that_ends_with_copied_text_in_the_clipboard_ends_well() -> None:
    ended = subprocess.run([sys.executable, "-c", COPIED], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (ended.stdout, ended.returncode) == ("words\n", 0), ended.stderr
