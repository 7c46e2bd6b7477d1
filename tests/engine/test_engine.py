"""The engine as a whole: it opens what is there, refuses what it must, and starts light."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.cores import Cores
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import AlreadyRunning, KeyMissing, StoreNotEncrypted, TextNotAccepted
from engine.events import Progressed
from engine.examine import threads_check
from engine.runtime.runtime import NICENESS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "llama_cpp", "torch", "sentence_transformers", "transformers", "keyring", "lxml", "pypdfium2", "huggingface_hub",
    "PySide6", "numpy",
)  # fmt: skip


def test_opening_loads_nothing_heavy(places: Places) -> None:
    code = f"""
import sys
from pathlib import Path
from engine.engine import Engine, Places
with Engine.open(Places(Path(sys.argv[1]))):
    print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(places.data)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_an_open_folder_is_not_opened_twice(places: Places) -> None:
    with Engine.open(places), pytest.raises(AlreadyRunning):
        Engine.open(places)
    Engine.open(places).close()


def test_an_engine_that_could_not_open_lets_the_folder_go(places: Places) -> None:
    places.store.write_bytes(b"chats")
    for _ in range(2):
        with pytest.raises(KeyMissing):
            Engine.open(places)


def test_a_plain_database_in_the_place_of_the_store_is_refused(places: Places) -> None:
    Engine.open(places).close()
    places.store.write_bytes(b"SQLite format 3\x00" + bytes(4080))
    with pytest.raises(StoreNotEncrypted):
        Engine.open(places)


def test_settings_are_kept_and_a_wrong_one_changes_nothing(places: Places) -> None:
    with Engine.open(places) as engine:
        engine.change_settings(theme="dark", temperature=0.2)
        with pytest.raises(TextNotAccepted):
            engine.change_settings(theme="plum", passages=7)
        engine.change_settings(temperature=0.7)
        kept = engine.settings
    with Engine.open(places) as engine:
        assert engine.settings == kept
        assert (kept.theme, kept.temperature, kept.passages) == ("dark", 0.7, 5)


@pytest.mark.parametrize(
    "values",
    [{"temperature": math.nan}, {"temperature": math.inf}, {"context_tokens": 10**30}, {"context_tokens": -1},
     {"threads": True}, {"threads": 1.5}, {"system_prompt": "x" * 20_001}, {"theme": "<b>"}, {"nothing": 1}],
)  # fmt: skip
def test_a_value_outside_its_limits_is_refused(places: Places, values: dict[str, Any]) -> None:
    with Engine.open(places) as engine:
        before = engine.settings
        with pytest.raises(TextNotAccepted):
            engine.change_settings(**values)
        assert engine.settings == before


def test_what_processes_left_is_cleared_at_the_next_start(places: Places) -> None:
    Engine.open(places).close()
    (places.private / "cache").mkdir()
    (places.private / "cache" / "page.txt").write_text("someone's text")
    (places.private / "left.txt").write_text("someone's text")
    with Engine.open(places):
        assert list(places.private.iterdir()) == []


def test_the_key_is_where_the_engine_says(places: Places) -> None:
    with Engine.open(places) as engine:
        (way,) = json.loads(places.keys.read_text())["ways"]
        assert engine.key_kept_in == way["way"] == "file"


def test_an_examination_looks_at_everything_that_matters(engine: Engine) -> None:
    looked_at: list[str] = []
    work = engine.examine(Cancel())
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            checks = end.value
            break
        assert isinstance(event, Progressed)
        looked_at.append(event.now)

    assert [check.name for check in checks] == looked_at
    found = {check.name: check for check in checks}
    assert "SQLCipher" in found["Store"].found
    assert found["llama.cpp"].ok
    assert found["Search by meaning"].ok
    assert "reads your passages" in found["Search by meaning"].found
    assert found["Key"].advice
    assert all(check.advice for check in checks if not check.ok)


def test_a_part_that_does_not_start_is_told_and_the_rest_is_looked_at(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.privacy.broker.command", lambda module: [sys.executable, "-c", "raise SystemExit(3)"])
    checks = {check.name: check for check in finish(engine.examine(Cancel()))}
    assert not checks["llama.cpp"].ok
    assert "exit code 3" in checks["llama.cpp"].found
    assert checks["Store"].ok


def test_the_threads_are_told_with_what_decides_them() -> None:
    two, many = Cores(physical=2, fast=2), Cores(physical=12, fast=8, share=6.0)
    idle = threads_check(0, two, 0.0, battery=False).found
    assert idle.startswith("2 to read, 2 to write; other programs take 0.0 of 2 cores")
    assert f"nice {NICENESS}" in idle
    assert threads_check(0, two, 1.0, battery=False).found.startswith("1 to read, 1 to write; other programs take 1.0")
    assert "battery" not in threads_check(0, two, 0.0, battery=True).found  # two cores write on battery, too
    assert "on battery fewer write" in threads_check(0, replace(many, share=None), 0.0, battery=True).found
    limited = threads_check(0, many, 0.0, battery=False).found
    assert limited.startswith("6 to read, 6 to write")
    assert "8 of them are fast, which write" in limited
    assert "a container allows 6" in limited


def test_the_number_of_threads_that_a_person_has_set_is_the_one_that_is_told(engine: Engine) -> None:
    engine.change_settings(threads=3)
    checks = {check.name: check for check in finish(engine.examine(Cancel()))}
    assert checks["Threads"].found.startswith("3 to read, 3 to write;")
    assert "the number stands in the settings" in checks["Threads"].found
