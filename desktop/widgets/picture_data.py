"""Pictures in what is pasted or dropped: as bytes and names, not decoded here.

What a browser or another program puts on the clipboard may be hostile; only the engine's process decodes it.
"""

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QImage

from desktop.widgets.file_actions import is_local

KINDS = ("image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif")
ENDINGS = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp")


def holds_pictures(data: QMimeData) -> bool:
    """Whether there is a picture in it that was not meant as text."""
    if data.hasUrls():
        return bool(picture_paths(data))
    return not data.hasText() and (data.hasImage() or any(data.hasFormat(kind) for kind in KINDS))


def picture_paths(data: QMimeData) -> list[Path]:
    """The picture files of this computer in it, by their names."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and not url.host()]
    return [path for path in paths if path.suffix.casefold() in ENDINGS and is_local(path)]


def picture_bytes(data: QMimeData) -> bytes:
    """The picture as the other program gave it; b"" for none.

    Some systems have no file on the clipboard but an image that the system itself has taken apart.
    """
    for kind in KINDS:
        if data.hasFormat(kind):
            return bytes(data.data(kind).data())
    image = data.imageData()
    if not isinstance(image, QImage):
        return b""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # a name of a format, as Qt has it
    return bytes(buffer.data().data())
