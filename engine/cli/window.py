"""`hanare` alone: open the window, or say why it cannot be opened."""

import ctypes
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from engine.cli.printing import Screen


def why_no_window() -> tuple[str, str]:
    """Why no window can be opened here and what to do about it; two empty strings when it can."""
    found = importlib.util.find_spec("PySide6")
    if found is None or not found.submodule_search_locations:
        return "PySide6, which draws the window, is not installed.", "Install Hanare again: python -m pip install ."
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return "", ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return "", ""
    if not os.environ.get("DISPLAY"):
        return "There is no display here to open a window on.", "Everything else works in the terminal: hanare tour"
    plugin = Path(found.submodule_search_locations[0]) / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    try:
        ctypes.CDLL(str(plugin))  # Qt itself would end the whole program over a missing library
    except OSError as error:
        missing = str(error).partition(":")[0]
        return f"A library that the window needs is missing: {missing}.", "Run `make setup` to see what to install."
    return "", ""


def open_window(data: Path, screen: Screen) -> int:
    """Hand over to the desktop; returns its exit status."""
    desktop = importlib.import_module("desktop.__main__")  # by name: the engine does not know the desktop
    return int(desktop.main(["--data", str(data)]))
