"""Where native code took a process down is known afterwards, as a signal and places in our own files."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, Places
from engine.journal import Journal
from engine.report import reported
from engine.runtime import crashes
from engine.runtime.crashes import Crash, Listener, crashes_in, taken_up
from engine.runtime.process import Process, hearing

ROOT = Path(__file__).resolve().parents[3]
WAIT_S = 120  # a busy machine; nothing is measured
BATCH, OPERATION = ROOT / "engine" / "worker" / "model" / "batch.py", ROOT / "engine" / "operation.py"
# The app as it is: its window's place is taken by an operation of ours that ends in native code.
APP = """
import ctypes, sys
from pathlib import Path
from engine.engine import Engine, Places, finish, heeding_crashes

def work():
    ctypes.string_at(0)
    yield

def secret_marmalade():
    with Engine.open(Places(Path(sys.argv[1]))) as engine, heeding_crashes(engine.places.crash):
        finish(work())

secret_marmalade()
"""


def dump(*threads: tuple[str, list[tuple[str, int]]], what: str = "Segmentation fault") -> str:
    """What faulthandler writes."""
    lines = [f"Fatal Python error: {what}", ""]
    for name, frames in threads:
        lines.append(f"{name} 0x00007f0d24c7fb80 (most recent call first):")
        lines += [f'  File "{path}", line {line} in anything' for path, line in frames]
        lines.append("")
    return "\n".join([*lines, "Extension modules: numpy._core (total: 1)"])


def test_places_in_our_files_are_told_and_no_others(tmp_path: Path) -> None:
    outside, planted = tmp_path / "diary.py", ROOT / "engine" / "no_such_file.py"
    outside.write_text("")
    text = dump(
        ("Current thread", [(str(BATCH), 51), ("/usr/lib/python3/ctypes/__init__.py", 519), (str(outside), 3),
                            (str(planted), 4), (f"{ROOT}/engine/../tests/conftest.py", 5), (str(OPERATION), 60)]),
    )  # fmt: skip
    assert crashes_in(text) == (Crash("SIGSEGV", ("batch.py:51", "operation.py:60")),)


def test_of_a_library_s_own_thread_the_main_one_tells_what_was_asked_of_it() -> None:
    other, main = ("Thread", [(str(OPERATION), 1)]), ("Thread", [(str(BATCH), 51)])
    assert crashes_in(dump(other, main, what="Aborted")) == (Crash("SIGABRT", ("batch.py:51",)),)
    current = ("Current thread", [(str(OPERATION), 2)])
    assert crashes_in(dump(current, main, what="Bus error")) == (Crash("SIGBUS", ("operation.py:2",)),)
    assert crashes_in(dump(what="my mother's name")) == (Crash("FATAL", ()),)


def test_what_is_written_around_it_is_not_told() -> None:
    text = f"private words\n{dump(('Current thread', [(str(BATCH), 51)]))}\nmore private words\n"
    assert crashes_in(text * 2) == (Crash("SIGSEGV", ("batch.py:51",)),) * 2
    assert crashes_in('private\n  File "/home/ume/a.py", line 5 in f\n') == ()


def test_one_that_says_again_and_again_that_it_crashed_is_heard_no_more() -> None:
    told: list[Crash] = []
    listener = Listener(told.append)
    for _ in range(1000):
        listener.hear("Fatal Python error: Aborted")
    assert len(told) == crashes.MOST_TOLD


@pytest.mark.skipif(os.name != "posix", reason="signals are sent")
def test_a_process_that_native_code_takes_down_tells_where_it_was(tmp_path: Path) -> None:
    told: list[Crash] = []
    with hearing(tmp_path, lambda *_: None, told.append):
        process = Process("reader", "engine.worker.reader", private=tmp_path)
        process.await_greeting(Cancel())
        os.kill(process.pid, signal.SIGSEGV)
        assert process._ended.wait(WAIT_S)  # closed before, it may leave before the signal comes
        process.close()  # and its last word was heard
    (crash,) = told
    assert crash.signal == "SIGSEGV"
    assert any(place.startswith("desk.py:") for place in crash.places)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent")
def test_the_engine_keeps_it_and_the_report_tells_of_it(places: Places) -> None:
    with Engine.open(places) as engine:
        process = Process("reader", "engine.worker.reader", private=places.private)
        process.await_greeting(Cancel())
        os.kill(process.pid, signal.SIGBUS)
        assert process._ended.wait(WAIT_S)
        process.close()
        (entry,) = [entry for entry in engine.journal.last() if entry.code.startswith("SIGBUS@")]
        report = reported(engine.settings, {}, (), (), engine.journal.last())
        assert any(value.startswith(entry.code) for value in report.sections["errors"].values())


def test_a_crash_of_the_app_is_told_at_the_next_start(places: Places) -> None:
    done = subprocess.run(
        [sys.executable, "-c", APP, str(places.data)], cwd=ROOT, capture_output=True, timeout=120, check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONFAULTHANDLER"},
    )  # fmt: skip
    assert done.returncode not in (0, 1), done.stderr
    assert places.crash.stat().st_mode & 0o077 == 0 or os.name != "posix"
    with Engine.open(places) as engine:
        (entry,) = engine.journal.last()
        assert entry.code.startswith(("SIGSEGV@operation.py:", "FATAL@operation.py:"))
        log = places.journal.read_text(encoding="ascii")
        assert not [word for word in ("marmalade", str(places.data), str(ROOT), "ctypes") if word in log]
    assert not places.crash.exists()
    with Engine.open(places) as engine:
        assert len(engine.journal.last()) == 1  # once


def test_a_program_that_ends_well_leaves_no_file(places: Places) -> None:
    calm = APP.replace("ctypes.string_at(0)", "assert Places(Path(sys.argv[1])).crash.exists()")
    subprocess.run([sys.executable, "-c", calm, str(places.data)], cwd=ROOT, check=True, timeout=120)
    assert not places.crash.exists()


def test_places_beside_a_code_are_kept_and_words_are_not(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "errors.log")
    journal.crashed("SIGSEGV", ("batch.py:51", "generation.py:87", "dear diary.py:1", "../x.py:1"))
    journal.crashed("SIGABRT", ())
    first, second = journal.last()
    assert (first.code, first.numbers) == ("SIGSEGV@batch.py:51", ("generation.py:87",))
    assert (second.code, second.numbers) == ("SIGABRT", ())


def test_a_crash_file_of_anything_else_is_taken_away_and_tells_nothing(tmp_path: Path) -> None:
    file = tmp_path / "crash.log"
    assert taken_up(file) == ()
    file.write_bytes(b"\xff\x00 dear diary\n" * 100_000)
    assert taken_up(file) == ()
    assert not file.exists()
