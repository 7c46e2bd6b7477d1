"""The card and the badge of the walls: what was measured, and nothing better."""

import sys

import pytest

from desktop.pages.privacy.view import PrivacyView
from desktop.widgets import wall_words
from desktop.window import Window
from engine.privacy.rules import CHANNELS, RULES
from engine.walls import Channel, Reach, Walls

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is called proven")


def walls(kind: str = "app", walls: tuple[str, ...] = ("filter", "network"), **open_ways: bool) -> Walls:
    """A process in which the named ways out are open; True: and may be."""
    channels = tuple(
        Channel(name=name, reach=Reach.OPEN if name in open_ways else Reach.REFUSED, allowed=open_ways.get(name, False))
        for name in CHANNELS
    )
    return Walls(kind=kind, pid=1, walls=walls, channels=channels)


def test_every_process_and_every_way_out_has_words() -> None:
    assert set(wall_words.KINDS) == set(RULES)
    assert set(wall_words.NETWORK) | set(wall_words.OTHERS) == set(CHANNELS)
    assert set(wall_words.REACHES) == set(Reach)


@LINUX
def test_the_badge_says_offline_only_where_no_way_to_the_network_is_open() -> None:
    assert wall_words.badge_words([walls()]) == ("Offline, measured", "")
    assert wall_words.badge_words([walls("starting")]) == ("Not measured yet", "")
    assert wall_words.badge_words([walls(write=True)]) == ("Offline, measured", "")
    assert wall_words.badge_words([walls(), walls("model", udp4=False)]) == ("Network not shut off", "warn")
    assert wall_words.badge_words([walls(), walls("fetcher", tcp4=True)]) == ("Offline but for the model hub", "")


def test_on_a_system_where_nobody_proved_it_the_badge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_words.sys, "platform", "darwin")
    assert wall_words.badge_words([walls()]) == ("Offline, not proven here", "warn")
    assert "not been proven" in wall_words.half_words(walls(walls=("sandbox",)))


def test_the_half_that_holds_is_named() -> None:
    assert wall_words.half_words(walls()).startswith("Both halves hold")
    assert wall_words.half_words(walls(walls=("filter",))).startswith("One half holds: the filter of system calls")
    assert wall_words.half_words(walls(walls=())) == "The operating system put up no wall around this process."


def test_where_native_code_is_refused_without_a_line_the_page_says_so(page: PrivacyView) -> None:
    heard, unheard = walls("model", ("filter", "overheard", "network")), walls("model")
    assert wall_words.unheard_words([walls(), walls("fetcher"), heard]) == ""
    assert wall_words.unheard_words([walls(), unheard]).endswith("leaves no line in the list of connections.")
    page.walls.show_walls([walls(), unheard])
    assert "leaves no line" in page.walls.half.text()
    page.walls.show_walls([walls(), heard])
    assert "leaves no line" not in page.walls.half.text()


def test_a_process_says_how_many_ways_out_are_open() -> None:
    assert wall_words.state_words(walls()) == "nothing leads out"
    assert wall_words.state_words(walls(udp4=False)) == "1 way out is open"
    assert wall_words.state_words(walls(udp4=False, tcp4=False)) == "2 ways out are open"
    assert wall_words.state_words(Walls(kind="broker", pid=1, walls=(), channels=())).startswith("holds nothing")


def test_the_page_shows_what_the_engine_measures_and_measures_again(page: PrivacyView, window: Window) -> None:
    rows = page.walls.tree.model()
    measured = window._engine.walls()
    assert rows.rowCount() == len(measured)
    first = rows.index(0, 0)
    assert rows.rowCount(first) == len(measured[0].channels)
    cells = [[rows.data(rows.index(row, at, first)) for at in (0, 1)] for row in range(rows.rowCount(first))]
    shown = dict(cells)
    for way in measured[0].channels:
        assert shown[wall_words.channel_words(way.name)] == wall_words.reach_words(way)
    page.walls.tree.expand(first)
    page.walls.again.click()
    assert page.walls.tree.isExpanded(rows.index(0, 0))


def test_a_click_on_the_badge_gives_the_keyboard_to_measure_again(window: Window) -> None:
    window.status.offline.click()
    view = window.built("privacy")
    assert isinstance(view, PrivacyView)
    assert window.focusWidget() is view.walls.again


def test_the_page_names_what_was_taken_out_of_the_environment_and_what_could_not_be(page: PrivacyView) -> None:
    words = page.walls.environment
    page.walls.show_environment((), ())
    assert words.isHidden()
    page.walls.show_environment(("GTK_MODULES", "LD_PRELOAD"), ())
    assert not words.isHidden()
    assert words.text().endswith("GTK_MODULES, LD_PRELOAD")
    page.walls.show_environment(("GTK_MODULES", "LD_PRELOAD"), ("LD_PRELOAD",))
    assert words.text().startswith("Foreign code may be in this window")
    assert "GTK_MODULES" not in words.text()
    assert words.property("role") == "warn"
