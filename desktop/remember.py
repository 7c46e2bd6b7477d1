"""What the window remembers of itself: its geometry and the last page. Nothing private.

An ini file in the data folder, so that nothing is left in the registry and a data folder on a
stick brings its window along.
"""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings


class Remembered:
    """The window's own memory, `window.ini` in the data folder."""

    def __init__(self, data: Path) -> None:
        self._ini = QSettings(str(data / "window.ini"), QSettings.Format.IniFormat)

    @property
    def geometry(self) -> QByteArray:
        """Where the window was, as Qt wrote it; empty at the first start."""
        value = self._ini.value("geometry")
        return value if isinstance(value, QByteArray) else QByteArray()

    @property
    def page(self) -> str:
        """The name of the page last on show, or ""."""
        return str(self._ini.value("page") or "")

    def keep(self, geometry: QByteArray, page: str) -> None:
        """Write both down."""
        self._ini.setValue("geometry", geometry)
        self._ini.setValue("page", page)
        self._ini.sync()
