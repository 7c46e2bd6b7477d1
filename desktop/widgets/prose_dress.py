"""How laid-out markdown looks: sizes, spacing, tables, inline code, links and citations.

Qt turns markdown into a bare document; `dress` walks it once and gives every part its form.
Pictures become their alternative text, and a number in brackets that belongs to a source
becomes a link `source:N`.
"""

import re
from collections.abc import Collection

from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)

from desktop.theme import BODY_PX, Colours, body_font, mono_font
from desktop.words import tr

SOURCE = "source:"  # the start of a citation's link
LINE_PX = 1.55 * BODY_PX  # from one line to the next
HEADINGS = {1: 1.45, 2: 1.25, 3: 1.12}  # times the text's size; lower levels are as large as the text

_Property = QTextFormat.Property
_Height = QTextBlockFormat.LineHeightTypes
_CITATION = re.compile(r"\[(\d{1,3})\]")
_OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"


def line_percent() -> int:
    """The line height in percent of the font's own, which differs widely between fonts."""
    return max(100, round(100 * LINE_PX / QFontMetrics(body_font()).lineSpacing()))


def units(text: str) -> int:
    """How many places of a document a text takes: two for a letter beyond the first plane."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def dress(document: QTextDocument, look: Colours, numbers: Collection[int]) -> bool:
    """Give a markdown document its form; True if something in it can be clicked.

    `numbers` are the sources that may be cited.
    """
    linked = False
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    block = document.begin()
    while block.isValid():
        _dress_block(cursor, block, look, first=block.blockNumber() == 0, last=not block.next().isValid())
        linked = _dress_words(cursor, block, look) or linked
        linked = (bool(numbers) and _dress_citations(cursor, block, look, numbers)) or linked
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame, look)
    cursor.endEditBlock()
    return linked


def _dress_block(cursor: QTextCursor, block: QTextBlock, look: Colours, *, first: bool, last: bool) -> None:
    form = QTextBlockFormat()
    form.setLineHeight(line_percent(), _Height.ProportionalHeight.value)
    cursor.setPosition(block.position())
    level = block.blockFormat().headingLevel()
    above, below = 0.0, 10.0
    if cursor.currentTable():
        below = 0
    elif level:
        above, below = (0 if first else 14), 6
        _dress_heading(cursor, block, level)
    elif block.textList():
        above, below = 2, 2
    quote = block.blockFormat().intProperty(_Property.BlockQuoteLevel)
    if quote:
        form.setLeftMargin(18 * min(quote, 6))
        _recolour(cursor, block, look.faint)
    if block.blockFormat().nonBreakableLines():
        form.setLeftMargin(12)
        below = 0
    if block.blockFormat().hasProperty(_Property.BlockTrailingHorizontalRulerWidth):
        form.setBackground(QBrush(QColor(look.line)))  # the rule's colour
    form.setTopMargin(above)
    form.setBottomMargin(0 if last else below)
    cursor.setPosition(block.position())
    cursor.mergeBlockFormat(form)


def _dress_heading(cursor: QTextCursor, block: QTextBlock, level: int) -> None:
    font = body_font(round(BODY_PX * HEADINGS.get(level, 1.0)))
    font.setWeight(QFont.Weight.DemiBold)
    for span in block.textFormats():
        form = QTextCharFormat(span.format)
        form.clearProperty(_Property.FontSizeAdjustment)  # it would win over the size, and a merge cannot clear it
        form.setFont(font, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesSpecifiedOnly)
        _select(cursor, block.position() + span.start, span.length)
        cursor.setCharFormat(form)


def _recolour(cursor: QTextCursor, block: QTextBlock, colour: QColor | str) -> None:
    form = QTextCharFormat()
    form.setForeground(QBrush(QColor(colour)))
    _select(cursor, block.position(), block.length() - 1)
    cursor.mergeCharFormat(form)


def _dress_words(cursor: QTextCursor, block: QTextBlock, look: Colours) -> bool:
    """Inline code, links and pictures; True if there was a link. Backwards, so that earlier offsets stay true."""
    linked = False
    for span in reversed(block.textFormats()):
        at = block.position() + span.start
        if span.format.isImageFormat():
            _show_as_words(cursor, at, span.length, span.format.toImageFormat().property(_Property.ImageAltText), look)
        elif span.format.isAnchor():
            linked = True
            link = QTextCharFormat(span.format)
            link.setForeground(QBrush(QColor(look.accent)))
            link.setFontUnderline(True)
            link.clearProperty(_Property.TextToolTip)  # a title in the text; Qt would show it as rich text
            _select(cursor, at, span.length)
            cursor.setCharFormat(link)
        elif _is_code(span.format):
            code = QTextCharFormat()
            code.setFontFamilies(mono_font().families())
            code.setFontFixedPitch(True)
            if not block.blockFormat().headingLevel():
                code.setProperty(_Property.FontPixelSize, mono_font().pixelSize())
            if not block.blockFormat().nonBreakableLines():
                code.setBackground(QBrush(QColor(look.code)))
            _select(cursor, at, span.length)
            cursor.mergeCharFormat(code)
    return linked


def _show_as_words(cursor: QTextCursor, at: int, length: int, alt: object, look: Colours) -> None:
    form = QTextCharFormat()
    form.setForeground(QBrush(QColor(look.faint)))
    form.setFontItalic(True)
    words = str(alt).replace(_OBJECT, "").strip() if alt else ""
    _select(cursor, at, length)
    cursor.insertText(tr("[picture: {words}]", words=words) if words else tr("[picture]"), form)


def _dress_citations(cursor: QTextCursor, block: QTextBlock, look: Colours, numbers: Collection[int]) -> bool:
    linked = False
    spans, text = block.textFormats(), block.text()
    for found in _CITATION.finditer(text):
        start = units(text[: found.start()])
        plain = all(
            not _is_code(span.format) and not span.format.isAnchor()
            for span in spans
            if span.start < start + len(found[0]) and span.start + span.length > start
        )
        if not plain or int(found[1]) not in numbers:
            continue
        linked = True
        form = QTextCharFormat()
        form.setAnchor(True)
        form.setAnchorHref(f"{SOURCE}{int(found[1])}")
        form.setForeground(QBrush(QColor(look.accent)))
        form.setBackground(QBrush(QColor(look.accent_soft)))
        form.setFontWeight(QFont.Weight.DemiBold)
        form.setFontUnderline(False)
        _select(cursor, block.position() + start, len(found[0]))
        cursor.mergeCharFormat(form)
    return linked


def _dress_table(table: QTextTable, look: Colours) -> None:
    form = table.format()
    form.setBorder(1)
    form.setBorderCollapse(True)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderBrush(QBrush(QColor(look.line)))
    form.setCellPadding(6)
    form.setCellSpacing(0)
    form.setTopMargin(4)
    form.setBottomMargin(10)
    form.setWidth(QTextLength())
    table.setFormat(form)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        head = cell.format()
        head.setBackground(QBrush(QColor(look.code)))
        cell.setFormat(head)


def _is_code(form: QTextCharFormat) -> bool:
    return bool(form.fontFixedPitch()) or "monospace" in (form.fontFamilies() or [])


def _select(cursor: QTextCursor, at: int, length: int) -> None:
    cursor.setPosition(at)
    cursor.setPosition(at + length, QTextCursor.MoveMode.KeepAnchor)
