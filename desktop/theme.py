"""How Hanare looks: colours, spaces, fonts and icons, in light and in dark.

    from desktop.theme import SPACE, colours, icon, theme

    button.setProperty("role", "primary")        # roles are styled in resources/style.qss
    button.setIcon(icon("send", "on_accent"))    # the tint follows the theme by itself
    theme().changed.connect(self._repaint)       # only for what paints colours itself

Roles: labels "title", "subtitle", "heading", "faint", "small", "good", "warn", "bad", "chip",
"mark"; buttons "primary", "quiet", "danger", "link", "rail"; frames "card", "panel", "banner",
"line". Everything else follows the palette.
"""

import dataclasses
import string
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """One theme's colours as "#rrggbb". Text colours keep 4.5 : 1 on every ground they are used on."""

    dark: bool
    window: str  # behind everything: warm paper, or night
    page: str  # a page's own ground
    panel: str  # cards, inputs, lists
    raised: str  # what lies above a panel: menus, notices
    hover: str  # a row or quiet button under the pointer
    line: str  # hairlines
    edge: str  # borders of inputs and buttons, 3 : 1 is not asked of them: the ground tells them apart
    text: str
    faint: str
    accent: str  # indigo, the only accent
    accent_hover: str
    on_accent: str
    accent_soft: str  # a chosen row, a person's own message
    good: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    mark: str  # behind matched words; text stays `text`
    code: str  # behind code


LIGHT = Colours(
    dark=False, window="#F6F4EF", page="#FBFAF7", panel="#FFFFFF", raised="#FFFFFF", hover="#EFECE4",
    line="#E6E2D8", edge="#D3CEC2", text="#1F2328", faint="#63676E", accent="#2A4B7C", accent_hover="#223E68",
    on_accent="#FFFFFF", accent_soft="#E4EAF3", good="#2C6A4B", warn="#7F5300", warn_soft="#FBF1DA",
    bad="#A3312A", bad_soft="#FAE9E6", mark="#FBE9A7", code="#F3F0E9",
)  # fmt: skip

DARK = Colours(
    dark=True, window="#16181B", page="#191B1F", panel="#1E2125", raised="#262A2F", hover="#272B30",
    line="#2B2F35", edge="#3D424A", text="#E7E5E0", faint="#A0A4AB", accent="#93B4E3", accent_hover="#A9C4EA",
    on_accent="#10161F", accent_soft="#26344B", good="#86C6A2", warn="#E3B765", warn_soft="#332A17",
    bad="#F19A90", bad_soft="#3A2220", mark="#5B4A10", code="#16181B",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Space:
    """Distances in pixels. Whitespace is what makes the room."""

    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741 - one scale, one letter or two each
    xl: int = 24
    xxl: int = 32


SPACE = Space()
BODY_PX, SMALL_PX, HEADING_PX, TITLE_PX = 14, 12, 16, 22
RADIUS = 8


class Theme(QObject):
    """The theme in use. `choose` dresses the whole application at once."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.colours = LIGHT
        self._choice = "light"

    def choose(self, choice: str) -> None:
        """ "light", "dark", or "system" for what the rest of the computer shows, also when that changes."""
        self._choice = choice
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._follow, Qt.ConnectionType.UniqueConnection)
        shown = {"light": False, "dark": True}
        dark = shown.get(choice, hints.colorScheme() == Qt.ColorScheme.Dark)
        self.colours = DARK if dark else LIGHT
        _dress(app, self.colours)
        self.changed.emit()

    def _follow(self) -> None:
        if self._choice == "system":
            self.choose("system")


@cache
def theme() -> Theme:
    """The one theme of the application."""
    return Theme()


def colours() -> Colours:
    """The colours in use now."""
    return theme().colours


def colour(token: str) -> QColor:
    """A colour in use now by its token ("accent"), for painting."""
    return QColor(getattr(theme().colours, token))


def restyle(widget: QWidget, role: str) -> None:
    """Give a widget that is already on show another role."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _dress(app: QApplication, now: Colours) -> None:
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(_palette(now))
    app.setFont(body_font())
    app.setStyleSheet(style_sheet(now))


def style_sheet(now: Colours) -> str:
    """`resources/style.qss` with every `$token` filled in."""
    tokens = {name: str(value) for name, value in dataclasses.asdict(now).items()}
    tokens |= {name: str(value) for name, value in dataclasses.asdict(SPACE).items()}
    tokens |= {
        "body": str(BODY_PX), "small": str(SMALL_PX), "heading": str(HEADING_PX), "title": str(TITLE_PX),
        "radius": str(RADIUS), "icons": (RESOURCES / "icons").as_posix(), "shade": "dark" if now.dark else "light",
    }  # fmt: skip
    return string.Template((RESOURCES / "style.qss").read_text(encoding="utf-8")).substitute(tokens)


def _palette(now: Colours) -> QPalette:
    role, palette = QPalette.ColorRole, QPalette()
    for which, value in {
        role.Window: now.window, role.WindowText: now.text, role.Base: now.panel, role.AlternateBase: now.page,
        role.Text: now.text, role.Button: now.panel, role.ButtonText: now.text, role.BrightText: now.bad,
        role.Highlight: now.accent, role.HighlightedText: now.on_accent, role.Link: now.accent,
        role.LinkVisited: now.accent, role.ToolTipBase: now.raised, role.ToolTipText: now.text,
        role.PlaceholderText: now.faint, role.Accent: now.accent, role.Mid: now.edge, role.Light: now.hover,
        role.Midlight: now.line, role.Dark: now.edge, role.Shadow: now.line,
    }.items():  # fmt: skip
        palette.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(now.faint))
    return palette


# --- fonts --------------------------------------------------------------------------------

_PLAIN = {"DejaVu Sans", "Sans Serif", "Sans", "Bitstream Vera Sans", ""}  # what a bare Linux answers
_TEXT = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Noto Sans CJK JP", "DejaVu Sans")
_JAPANESE = ("Hiragino Sans", "Yu Gothic UI", "Noto Sans CJK JP", "Noto Sans JP")
_MONO = ("SF Mono", "Menlo", "Cascadia Mono", "Consolas", "JetBrains Mono", "Noto Sans Mono", "DejaVu Sans Mono")


@cache
def _families() -> tuple[str, ...]:
    """The computer's own font first, then what covers Japanese."""
    here = set(QFontDatabase.families())
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    first = [system] if system not in _PLAIN or sys.platform != "linux" else []
    return tuple(dict.fromkeys([*first, *(name for name in (*_TEXT, *_JAPANESE) if name in here)])) or (system,)


def body_font(pixels: int = BODY_PX) -> QFont:
    """The font of running text."""
    font = QFont(list(_families()))
    font.setPixelSize(pixels)
    return font


def mono_font(pixels: int = BODY_PX - 1) -> QFont:
    """The font of code, with Japanese where code holds it."""
    here = set(QFontDatabase.families())
    font = QFont([name for name in (*_MONO, *_JAPANESE) if name in here] or ["monospace"])
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPixelSize(pixels)
    return font


# --- icons --------------------------------------------------------------------------------


def icon(name: str, tint: str = "text") -> QIcon:
    """The icon `resources/icons/NAME.svg` in the colour token `tint`, sharp at any scale.

    The tint is looked up when the icon is painted, so it follows the theme. Checked buttons
    show it in the accent, disabled ones in the faint colour.
    """
    return QIcon(_Stroke(name, tint))


def icon_pixmap(name: str, tint: str, side: int, scale: float) -> QPixmap:
    """The icon as a picture of `side` logical pixels for a screen of `scale`."""
    return _drawn(name, getattr(colours(), tint), side, scale)


@cache
def _svg(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _drawn(name: str, tint: str, side: int, scale: float) -> QPixmap:
    pixmap = QPixmap(QSize(side, side) * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(_svg(name).replace("currentColor", tint).encode()).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


class _Stroke(QIconEngine):
    """Draws one of our icons in whatever the theme's colours are at that moment."""

    def __init__(self, name: str, tint: str) -> None:
        super().__init__()
        _svg(name)  # a name that is not there fails where it is written, not when it is painted
        self._name, self._tint = name, tint

    def clone(self) -> QIconEngine:
        return _Stroke(self._name, self._tint)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        pixmap = self._picture(side, painter.device().devicePixelRatio(), mode, state)
        corner = rect.topLeft() + QPoint((rect.width() - side) // 2, (rect.height() - side) // 2)
        painter.drawPixmap(corner, pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._picture(min(size.width(), size.height()), 1.0, mode, state)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return self._picture(min(size.width(), size.height()), scale, mode, state)

    def _picture(self, side: int, scale: float, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        tint = self._tint
        if mode == QIcon.Mode.Disabled:
            tint = "faint"
        elif state == QIcon.State.On and tint in ("text", "faint"):
            tint = "accent"
        return icon_pixmap(self._name, tint, max(side, 1), scale)  # a button given no room for a moment still asks
