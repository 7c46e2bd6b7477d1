"""Whether the battery is in use is told to a model's process, also while it writes."""

from types import SimpleNamespace

import psutil
import pytest

from engine.runtime.battery import LOOK_S, Battery, on_battery


@pytest.mark.parametrize(
    ("found", "in_use"),
    [
        (None, False),
        (SimpleNamespace(power_plugged=True), False),
        (SimpleNamespace(power_plugged=None), False),
        (SimpleNamespace(power_plugged=False), True),
    ],
)
def test_a_battery_is_in_use_where_the_plug_is_known_to_be_out(
    found: object, in_use: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: found, raising=False)
    assert on_battery() is in_use


def test_a_system_that_knows_no_batteries_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert not on_battery()


def test_it_is_looked_at_again_after_a_while() -> None:
    looks = iter([False, True])
    now = [0.0]
    battery = Battery(lambda: next(looks), lambda: now[0])
    assert not battery.in_use()
    now[0] = LOOK_S / 2
    assert not battery.in_use()
    now[0] = LOOK_S
    assert battery.in_use()
