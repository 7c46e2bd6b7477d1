"""The probe tries every way out that the rules name, and sees what is open."""

import sys

import pytest

from engine.engine import Engine
from engine.privacy.probe import probe
from engine.privacy.rules import CHANNELS, RULES, Right, allowed
from engine.walls import Reach

OPEN_EVERYWHERE = {"tcp4", "tcp4 from another thread", "udp4", "exec", "signal", "read outside", "write"}


def test_every_channel_is_tried_in_the_order_of_the_table() -> None:
    assert [name for name, _ in probe("model")] == list(CHANNELS)
    assert set(CHANNELS.values()) == set(Right)


@pytest.mark.skipif(sys.platform == "win32", reason="looks at what POSIX systems let everybody do")
def test_a_process_without_walls_is_seen_to_be_open() -> None:
    assert {name for name, reach in probe("model") if reach == "open"} >= OPEN_EVERYWHERE


def test_only_the_fetcher_and_the_broker_may_reach_other_computers() -> None:
    assert {kind for kind in RULES if allowed(kind, "tcp4")} == {"fetcher", "broker"}
    assert {kind for kind in RULES if allowed(kind, "exec")} == {"starting", "broker"}


def test_the_engine_tells_what_the_app_can_do(engine: Engine) -> None:
    app = engine.walls()[0]
    assert app.kind == "app"
    by_name = {channel.name: channel for channel in app.channels}
    assert by_name["tcp4"].reach is Reach.OPEN
    assert not by_name["tcp4"].holds
    assert by_name["read store"].holds
    assert not app.holds
