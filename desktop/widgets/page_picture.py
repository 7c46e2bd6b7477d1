"""The picture of one page, with a highlighter drawn over the passage.

Zoom counts from paper size: at 100 % a page is as wide as a sheet of A4. The picture is asked
for at the width it will really have in the screen's own pixels, so it is crisp on dense screens;
until it comes, the one at hand is stretched.
"""

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from desktop.theme import colour
from desktop.words import tr
from engine.types import PagePicture

PAPER_WIDTH = 794  # A4 at 96 dots an inch
MARGIN = 20
LEAST_ZOOM, MOST_ZOOM = 0.25, 5.0
STEP = 1.2
MOST_PIXELS_WIDE = 5000
SETTLE_MS = 120  # while the window is being dragged larger nothing is drawn anew
# A highlighter on white paper, multiplied into the print. Paper stays white in the dark theme too.
HIGHLIGHTER = QColor(255, 230, 115)


class PagePictureView(QAbstractScrollArea):
    """Shows a page; wishes for sharper pictures and for other pages."""

    width_wanted = Signal(int)  # in pixels of the screen
    page_turned = Signal(int)  # by how many pages
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self._boxes: tuple[tuple[float, float, float, float], ...] = ()
        self._zoom = 1.0
        self._fits = True
        self._to_passage = True
        self._laid_out = 0.0  # height of the page when it was last arranged
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._want)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Page"))
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.setSingleStep(40)

    @property
    def zoom(self) -> float:
        """1.0 is paper size."""
        return self._zoom

    @property
    def fits_width(self) -> bool:
        """Whether the page is kept as wide as the window."""
        return self._fits

    @property
    def boxes(self) -> tuple[tuple[float, float, float, float], ...]:
        """The highlighted boxes, in pixels of the picture."""
        return self._boxes

    @property
    def wanted_width(self) -> int:
        """How many of the screen's pixels the page takes across."""
        return min(round(self._size().width() * self.devicePixelRatioF()), MOST_PIXELS_WIDE)

    # What the viewer may ask of it.

    def show_picture(self, picture: PagePicture) -> None:
        """Show a page's picture; a new page opens at its passage, or at its top."""
        pixmap = QPixmap()
        pixmap.loadFromData(picture.png, "PNG")
        place = self._place()
        self._pixmap, self._boxes = pixmap, picture.boxes
        self._arrange()
        if self._to_passage:
            self._to_passage = False
            self._scroll_to_passage()
        else:
            self._scroll_to(place)
        self.viewport().update()

    def forget(self) -> None:
        """Another page is coming: the next picture opens at its passage."""
        self._to_passage = True

    def fit_width(self) -> None:
        """Keep the page as wide as the window from now on."""
        self._fits = True
        self._rescale()

    def zoom_to(self, zoom: float) -> None:
        """Show the page at this zoom, keeping the place looked at."""
        self._fits = False
        self._zoom = min(max(zoom, LEAST_ZOOM), MOST_ZOOM)
        self._rescale()

    # Its own affairs.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's wish."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), colour("window"))
        if self._pixmap.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        page = self._page_rect()
        painter.drawPixmap(page, self._pixmap, QRectF(self._pixmap.rect()))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
        by = page.width() / self._pixmap.width()
        for left, top, right, bottom in self._boxes:
            box = QRectF(QPointF(left * by, top * by), QPointF(right * by, bottom * by)).translated(page.topLeft())
            painter.fillRect(box.adjusted(-2, -1, 2, 1), HIGHLIGHTER)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setPen(QPen(colour("line"), 1.0))
        painter.drawRect(page.adjusted(-0.5, -0.5, 0.5, 0.5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The window has another size."""
        super().resizeEvent(event)
        self._rescale()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self._zoom * STEP ** (event.angleDelta().y() / 120))
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows scroll; at the edge of the page, and with Left and Right, pages are turned."""
        bar, across = self.verticalScrollBar(), self.horizontalScrollBar()
        key = event.key()
        if key == Qt.Key.Key_PageDown and bar.value() >= bar.maximum():
            self.page_turned.emit(1)
        elif key == Qt.Key.Key_PageUp and bar.value() <= bar.minimum():
            self.page_turned.emit(-1)
        elif key == Qt.Key.Key_Right and across.maximum() == 0:
            self.page_turned.emit(1)
        elif key == Qt.Key.Key_Left and across.maximum() == 0:
            self.page_turned.emit(-1)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            bar.setValue(bar.value() + (bar.pageStep() if key == Qt.Key.Key_PageDown else -bar.pageStep()))
        else:
            super().keyPressEvent(event)

    def _size(self) -> QSizeF:
        """Of the page on screen."""
        if self._fits:
            width = float(max(self.viewport().width() - 2 * MARGIN, 100))
            self._zoom = width / PAPER_WIDTH
        else:
            width = PAPER_WIDTH * self._zoom
        across = self._pixmap.width() or 1
        return QSizeF(width, width * (self._pixmap.height() or 1.414) / across)

    def _page_rect(self) -> QRectF:
        size = self._size()
        left = max((self.viewport().width() - size.width()) / 2, MARGIN) - self.horizontalScrollBar().value()
        return QRectF(QPointF(left, MARGIN - self.verticalScrollBar().value()), size)

    def _arrange(self) -> None:
        size, port = self._size(), self.viewport().size()
        self._laid_out = size.height()
        across = 0 if self._fits else max(round(size.width()) + 2 * MARGIN - port.width(), 0)
        self.horizontalScrollBar().setRange(0, across)
        self.horizontalScrollBar().setPageStep(port.width())
        self.verticalScrollBar().setRange(0, max(round(size.height()) + 2 * MARGIN - port.height(), 0))
        self.verticalScrollBar().setPageStep(round(port.height() * 0.9))

    def _place(self) -> float:
        """How far down the page the top of the window is, of 1."""
        return self.verticalScrollBar().value() / max(self._laid_out, 1.0)

    def _scroll_to(self, place: float) -> None:
        self.verticalScrollBar().setValue(round(place * self._size().height()))

    def _scroll_to_passage(self) -> None:
        if not self._boxes:
            self.verticalScrollBar().setValue(0)
            return
        by = self._size().width() / max(self._pixmap.width(), 1)
        left, top = min(box[0] for box in self._boxes) * by, min(box[1] for box in self._boxes) * by
        self.verticalScrollBar().setValue(round(top + MARGIN - self.viewport().height() / 3))
        self.horizontalScrollBar().setValue(round(left - MARGIN))

    def _rescale(self) -> None:
        place = self._place()
        self._arrange()
        self._scroll_to(place)
        self.zoom_changed.emit(self._zoom)
        self.viewport().update()
        self._settle.start()

    def _want(self) -> None:
        if abs(self.wanted_width - self._pixmap.width()) > 2:
            self.width_wanted.emit(self.wanted_width)
