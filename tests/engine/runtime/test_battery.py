"""Whether the battery is in use is told to a model's process, also while it writes."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from engine.events import Event, TextAdded
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.runtime.battery import LOOK_S, Battery, on_battery
from tests.fakes.asking import FAKE, ask
from tests.fakes.tiny_gguf import tiny_model


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


def test_a_model_hears_that_the_plug_is_pulled_while_it_writes(tmp_path: Path) -> None:
    pulled = [False]
    ticks = iter(range(0, 1_000_000, int(LOOK_S)))
    runtime = Runtime(tmp_path / "private", module=FAKE, battery=Battery(lambda: pulled[0], lambda: float(next(ticks))))
    model = tiny_model(tmp_path / "tiny.gguf")
    cancel = Cancel()
    heard: list[Event] = []

    def hear(event: Event) -> None:
        heard.extend([event] if isinstance(event, TextAdded) else [])
        pulled[0] = True
        if len(heard) == 3:
            cancel.press()

    try:
        assert ask(runtime, model, "one two three").speed.threads_why == ""
        assert ask(runtime, model, "!slow", cancel, hear).speed.threads_why == "battery"
        assert ask(runtime, model, "one two three").speed.threads_why == "battery"
    finally:
        runtime.close()
