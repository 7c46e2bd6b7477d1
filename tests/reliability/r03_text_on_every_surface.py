"""Text that wants something opened is shown on every surface, and nothing is opened, fetched or started.

Each surface is the product's own widget, and after them all comes the real window on a real engine that holds such
texts: laid out, painted, hovered for every tooltip it has, its links clicked once, its text copied. A failure is a
file that the kernel saw opened, a request that reached a local server, a process, a program asked to open an address,
a label or a tooltip that Qt would take for rich text, or rich text in the clipboard. Two controls must be noticed, or
nothing was proven.
"""

import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QEvent, QObject, QPoint, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QHelpEvent, Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QTextBrowser, QWidget

from tests.reliability.canaries import Canaries
from tests.reliability.hostile_text import payloads
from tests.reliability.row import Outcome, Size, Tally

STEP = {Size.CHANGE: 3, Size.NIGHT: 1}
IN_THE_WINDOW = 17  # every so many of all texts is put into the real window, too
OUR_OWN = ("socket.", "subprocess.", "os.exec /hanare-no-such-program")  # it tries its walls, and starts processes
SCHEMES = ("http", "https", "file", "data", "mailto", "ftp", "")
KEPT: list[object] = []  # the application lives as long as the process: its widgets are not outlived by it


class Opener(QObject):
    """Stands in for the program that would open an address."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        for scheme in SCHEMES:
            QDesktopServices.setUrlHandler(scheme, self, "open")

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        """Note it."""
        self.asked.append(url.toString())


def run(size: Size) -> Outcome:
    """Every text on every surface."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    KEPT.append(QApplication.instance() or QApplication([]))
    from tests.reliability import whole_window  # the product's widgets, once there is an application
    from tests.reliability.hub_surfaces import HUB_SURFACES
    from tests.reliability.surfaces import SURFACES

    opener, tally = Opener(), Tally()
    with tempfile.TemporaryDirectory() as folder, Canaries(Path(folder)) as canaries:
        tally.check(*noticed(canaries))
        for number, text in enumerate(payloads(canaries.file, canaries.port, STEP[size])):
            for name, make in (SURFACES | HUB_SURFACES).items():
                wrong = shown(make, text) + canaries.seen() + [f"would open {url}" for url in opener.asked]
                opener.asked.clear()
                tally.check(not wrong, f"{name}, text {number} {text[:60]!r}: {', '.join(wrong[:3])}")
        with whole_window.opened(payloads(canaries.file, canaries.port, IN_THE_WINDOW)) as shown_in_turn:
            for name, window in shown_in_turn:
                wrong = [what for widget in [window, *window.findChildren(QWidget)] for what in looked_at(widget)]
                window.grab()
                wrong += [what for what in canaries.seen() if not what.startswith(OUR_OWN)]
                tally.check(not wrong, f"{name}: {', '.join(wrong[:3])}")
        tally.check(*noticed(canaries))
    QGuiApplication.clipboard().clear()
    for scheme in SCHEMES:
        QDesktopServices.unsetUrlHandler(scheme)
    return tally.outcome


def noticed(canaries: Canaries) -> tuple[bool, str]:
    """Whether a text view of Qt's own that opens the file, and a request to the server, are seen."""
    canaries.seen()
    browser = QTextBrowser()
    browser.setMarkdown(f"![x](/{canaries.file.as_posix()})")
    browser.grab()
    opened = canaries.seen()
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{canaries.port}/control", timeout=10)
    asked = canaries.seen()
    return bool(opened) and "asked for /control" in asked, f"the controls were not noticed: {opened} {asked}"


def shown(make: Callable[[str], QWidget], text: str) -> list[str]:
    """Show one text on one surface and do what a person does short of a second click; what was wrong."""
    wrong: list[str] = []
    surface = make(text)
    surface.show()
    surface.grab()
    QApplication.processEvents()
    for widget in [surface, *surface.findChildren(QWidget)]:
        wrong += looked_at(widget)
    surface.grab()
    for widget in QApplication.topLevelWidgets():
        widget.hide()
        widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return wrong


def looked_at(widget: QWidget) -> list[str]:
    """Hover it, click its links once, copy its text."""
    wrong = []
    if isinstance(widget, QLabel) and widget.textFormat() is not Qt.TextFormat.PlainText and widget.text():
        qts_own = widget.metaObject().className() == "QTipLabel"  # a tooltip on show, which has no plain format
        if not qts_own or Qt.mightBeRichText(widget.text()):
            wrong.append(f"a label is not plain: {widget.text()[:40]!r}")
    for tip in tips(widget):
        if Qt.mightBeRichText(tip):
            wrong.append(f"a tooltip is rich: {tip[:40]!r}")
    centre = widget.rect().center()
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, centre, widget.mapToGlobal(centre)))
    if isinstance(widget, QTextBrowser):
        wrong += text_of(widget)
    return wrong


def tips(widget: QWidget) -> Iterator[str]:
    """Its own tooltip, and those of its rows."""
    yield widget.toolTip()
    if isinstance(widget, QAbstractItemView) and isinstance(widget.model(), QAbstractItemModel):
        model = widget.model()
        for row in range(model.rowCount()):
            for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount()):
                yield str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or "")


def text_of(browser: QTextBrowser) -> list[str]:
    """Hover and click every place that is a link, then copy everything."""
    wrong = []
    block = browser.document().begin()
    while block.isValid():
        for span in block.textFormats():
            if Qt.mightBeRichText(span.format.toolTip()):
                wrong.append(f"a link's tooltip is rich: {span.format.toolTip()[:40]!r}")
            if span.format.isAnchor():
                browser.anchorClicked.emit(QUrl(span.format.anchorHref()))
        block = block.next()
    browser.selectAll()
    browser.copy()
    data = QGuiApplication.clipboard().mimeData()
    if data.hasHtml() or data.hasUrls() or data.hasImage():
        wrong.append(f"rich text was copied: {data.formats()}")
    viewport = browser.viewport()
    for at in (QPoint(4, 4), QPoint(30, 8)):
        QApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, at, viewport.mapToGlobal(at)))
    return wrong
