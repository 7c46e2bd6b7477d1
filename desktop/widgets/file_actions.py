"""Handing a file of this computer to the programs that belong to it.

Only plain local paths are handed over: a share (`\\\\host\\x`) or a device would make Windows
connect to another computer just by being named.
"""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def is_local(path: Path) -> bool:
    """Whether `path` names a file of this computer, by its form alone."""
    words = str(path)
    return path.is_absolute() and not words.startswith(("//", "\\\\"))


def open_in_own_program(path: Path) -> bool:
    """Open the file with the program the computer has for it; False when that is not possible."""
    return is_local(path) and path.is_file() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def show_in_folder(path: Path) -> bool:
    """Open the folder the file lies in; False when that is not possible."""
    folder = path.parent
    return is_local(path) and folder.is_dir() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
