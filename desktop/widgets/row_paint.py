"""How rows of documents and passages are painted: ground, kind tag, words on one line.

Shared by the delegates, so that a search result and a document look like relatives.
"""

from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from desktop.theme import colour
from engine.unseen import visible

RADIUS = 8.0
TAG_WIDTH = 42.0
TAG_HEIGHT = 20.0


def scaled(font: QFont, by: float, *, bold: bool = False) -> QFont:
    """A copy of `font`, larger or smaller."""
    copy = QFont(font)
    if font.pointSizeF() > 0:
        copy.setPointSizeF(font.pointSizeF() * by)
    else:
        copy.setPixelSize(max(round(font.pixelSize() * by), 1))
    copy.setBold(bold)
    return copy


def paint_ground(painter: QPainter, option: QStyleOptionViewItem, row: QRectF) -> None:
    """The row's card: soft when chosen or under the mouse, with a ring for the keyboard."""
    chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
    painter.setPen(QPen(colour("accent" if chosen else "line"), 1.0))
    painter.setBrush(colour("accent_soft" if chosen else "panel"))
    if hovered and not chosen:
        painter.setPen(QPen(colour("faint"), 1.0))
    painter.drawRoundedRect(row.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def paint_tag(painter: QPainter, left: float, top: float, words: str, font: QFont) -> None:
    """A small box with the kind of file ("PDF")."""
    box = QRectF(left, top, TAG_WIDTH, TAG_HEIGHT)
    painter.setPen(QPen(colour("line"), 1.0))
    painter.setBrush(colour("page"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(colour("faint"))
    small = scaled(font, 0.74, bold=True)
    painter.setFont(small)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def paint_words(
    painter: QPainter,
    box: QRectF,
    words: str,
    font: QFont,
    colour: QColor,
    *,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    right: bool = False,
) -> float:
    """One line of words in `box`, shortened if need be; returns the width it took."""
    if box.width() < 24:
        return 0.0
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(visible(words), elide, box.width())
    painter.setFont(font)
    painter.setPen(colour)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)
    return metrics.horizontalAdvance(shown)


def text_colour() -> QColor:
    """Of words that matter."""
    return colour("text")


def faint_colour() -> QColor:
    """Of words beside them."""
    return colour("faint")


def font_of(option: QStyleOptionViewItem) -> QFont:
    """The list's font, without what a delegate added."""
    return QFont(option.font)


def home_words(path: Path) -> str:
    """A path for a person: the home folder is ~."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)


def kind_words(path: Path, kind: str = "") -> str:
    """The tag of a file: the end of its name, at most four letters."""
    words = path.suffix.removeprefix(".") or kind or "?"
    return visible(words[:4].upper())
