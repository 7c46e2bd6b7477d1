"""How Hanare looks: contrast, roles, icons in the theme's colour, sharp on dense screens."""

import re
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.theme import DARK, LIGHT, RESOURCES, Colours, body_font, icon, style_sheet, theme

THEMES = pytest.mark.parametrize("now", [LIGHT, DARK], ids=["light", "dark"])
GROUNDS = ("window", "page", "panel", "raised")
# ink → the grounds it is written on beside the four above
INKS: dict[str, tuple[str, ...]] = {
    "text": ("hover", "accent_soft", "mark", "code", "warn_soft", "bad_soft"),
    "faint": ("hover", "code", "accent_soft"),
    "accent": ("hover", "accent_soft"),
    "good": (),
    "warn": ("warn_soft", "accent_soft"),
    "bad": ("bad_soft", "accent_soft"),
}


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2, "relative luminance"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio. Source: WCAG 2.2, "contrast ratio"."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@THEMES
def test_every_text_can_be_read_on_every_ground_it_is_used_on(now: Colours) -> None:
    pairs = [pair for ink, more in INKS.items() for pair in product([ink], (*GROUNDS, *more))]
    pairs += [("on_accent", "accent"), ("on_accent", "accent_hover")]
    weak = {
        (ink, ground): round(contrast(getattr(now, ink), getattr(now, ground)), 2)
        for ink, ground in pairs
        if contrast(getattr(now, ink), getattr(now, ground)) < 4.5
    }
    assert weak == {}


@THEMES
def test_the_focus_ring_stands_out_from_every_ground(now: Colours) -> None:
    assert all(contrast(now.accent, getattr(now, ground)) >= 3.0 for ground in GROUNDS)


@THEMES
def test_the_style_sheet_leaves_no_token_unfilled(now: Colours) -> None:
    assert "$" not in re.sub(r"/\*.*?\*/", "", style_sheet(now))


@THEMES
def test_every_picture_the_style_sheet_names_is_there(now: Colours) -> None:
    named = re.findall(r'url\("([^"]+)"\)', style_sheet(now))
    assert named
    assert [name for name in named if not Path(name).is_file()] == []


def test_choosing_dark_darkens_the_application_and_says_so(qtbot: QtBot) -> None:
    theme().choose("light")
    label = QLabel("離れ")
    qtbot.addWidget(label)
    label.ensurePolished()
    with qtbot.waitSignal(theme().changed):
        theme().choose("dark")
    assert label.palette().windowText().color() == QColor(DARK.text)
    theme().choose("light")
    assert label.palette().windowText().color() == QColor(LIGHT.text)


def ink_of(picture: QIcon, side: int, scale: float) -> set[str]:
    """The colours of the fully covered points of an icon."""
    image = picture.pixmap(QSize(side, side), scale).toImage()
    points = product(range(image.width()), range(image.height()))
    return {image.pixelColor(x, y).name().upper() for x, y in points if image.pixelColor(x, y).alpha() == 255}


def test_an_icon_is_drawn_in_the_colour_of_the_theme_of_the_moment(qtbot: QtBot) -> None:
    theme().choose("light")
    picture = icon("stop", "accent")
    assert ink_of(picture, 48, 2.0) == {LIGHT.accent.upper()}
    theme().choose("dark")
    assert ink_of(picture, 48, 2.0) == {DARK.accent.upper()}
    theme().choose("light")


def test_an_icon_on_a_dense_screen_has_twice_the_points(qtbot: QtBot) -> None:
    theme().choose("light")
    assert icon("chat").pixmap(QSize(24, 24), 2.0).size() == QSize(48, 48)


def test_an_icon_that_is_not_there_fails_where_it_is_named(qtbot: QtBot) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no such icon")


def test_every_icon_can_be_drawn(qtbot: QtBot) -> None:
    theme().choose("light")
    for file in (RESOURCES / "icons").glob("*.svg"):
        assert not icon(file.stem).pixmap(QSize(24, 24), 1.0).toImage().isNull()
        assert 'viewBox="0 0 24 24"' in file.read_text(encoding="utf-8")


def test_the_body_font_is_fourteen_pixels(qtbot: QtBot) -> None:
    assert body_font().pixelSize() == 14
