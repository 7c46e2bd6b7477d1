"""The recovery code on a page, for another program to print: behind the walls no printer is in reach."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QFontDatabase, QPageLayout, QPageSize, QPainter, QPdfWriter

from desktop.words import tr

MARGIN_MM = 25
CODE_PT, WORDS_PT = 18, 11
LINE = 2.0  # of a line's height, from one paragraph to the next


def code_page(lines: tuple[str, ...], folder: Path) -> bytes:
    """A PDF of one page: whose code it is, the code in these lines, and what it is for."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(*[MARGIN_MM] * 4), QPageLayout.Unit.Millimeter)
    words = QFont()
    words.setPointSize(WORDS_PT)
    code = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    code.setPointSize(CODE_PT)
    about = tr("It opens everything you made with Hanare when nothing else does, for you and for whoever finds it. "
               "Keep it away from that computer.")  # fmt: skip
    painter = QPainter(writer)
    top = 0.0
    for font, text in (
        (words, tr("Recovery code of Hanare, for {folder}", folder=folder)), (code, "\n".join(lines)), (words, about),
    ):  # fmt: skip
        painter.setFont(font)
        room = QRectF(0, top, writer.width(), writer.height() - top)
        taken = painter.drawText(room, Qt.TextFlag.TextWordWrap, text)
        top = taken.bottom() + LINE * painter.fontMetrics().height()
    painter.end()
    return bytes(QByteArray(buffer.data()).data())
