"""A program that is killed in mid-answer, or whose disk fills up: what was said is still there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.engine import Engine, Places
from engine.types import MessageState
from tests.fakes import tiny_gguf

ROOT = Path(__file__).resolve().parents[3]
TICKS_PER_HALF_SECOND = 10  # the fake model writes 20 a second
CHILD = """
import resource, sys
from pathlib import Path
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import DiskFull
from engine.events import TextAdded

engine = Engine.open(Places(Path(sys.argv[1])), model_process="tests.fakes.model_worker")
model = finish(engine.models.add(Path(sys.argv[2]), Cancel()))
chat = engine.chats.new()
ticks, full_after = 0, int(sys.argv[3])
cancel = Cancel()
try:
    for event in engine.chats.send(chat.id, "!slow please", cancel, model.id):
        if isinstance(event, TextAdded):
            ticks += 1
            if ticks == full_after:
                resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
            if full_after and ticks == full_after + 20:
                cancel.press()
            print(ticks, flush=True)
except DiskFull as error:
    print("full", flush=True)
engine.close()
"""


def _started(places: Places, tmp_path: Path, full_after: int) -> "subprocess.Popen[str]":
    model = tiny_gguf.write(tmp_path / "echo.gguf")
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(places.data), str(model), str(full_after)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("after_ticks", [1, 7, 33])
def test_a_kill_in_mid_answer_loses_no_prompt_and_at_most_half_a_second_of_answer(
    places: Places, tmp_path: Path, after_ticks: int
) -> None:
    with _started(places, tmp_path, 0) as child:
        assert child.stdout
        seen = 0
        for line in child.stdout:
            seen = int(line)
            if seen >= after_ticks:
                break
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read().split()
        seen = int(rest[-1]) if rest else seen
        child.communicate()

    with Engine.open(places) as engine:
        (chat,) = engine.chats.all()
        question, answer = engine.chats.messages(chat.id)
    assert question.text == "!slow please"
    assert chat.title == "!slow please"
    assert answer.state is MessageState.INTERRUPTED
    assert answer.note
    assert seen - answer.text.count("tick ") <= TICKS_PER_HALF_SECOND


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_disk_that_fills_up_in_mid_answer_is_told_and_keeps_what_had_been_kept(
    places: Places, tmp_path: Path
) -> None:
    with _started(places, tmp_path, 20) as child:
        out, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors
    assert out.split()[-1] == "full"

    with Engine.open(places) as engine:
        (chat,) = engine.chats.all()
        question, answer = engine.chats.messages(chat.id)
    assert question.text == "!slow please"
    assert answer.state is MessageState.INTERRUPTED
    assert answer.text.count("tick ") >= 20 - TICKS_PER_HALF_SECOND
