"""kill -9 while an answer is written: no prompt lost, at most half a second of the answer.

A program with a chat is killed at a random moment of its answer. The store is then opened again: the question
must be there whole, the answer must lack at most what was written in half a second, be marked as interrupted,
and the file must be sound. The worst figure is the largest stretch of an answer that was lost, in seconds.
"""

import tempfile
from pathlib import Path

from engine.engine import Engine, Places
from engine.store.vault import Vault
from engine.types import MessageState
from tests.fakes import tiny_gguf
from tests.reliability.killing import moments, started
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 20, Size.NIGHT: 200}
LONGEST_S = 1.5
TICKS_PER_S = 20  # how fast the model process of the tests writes "!slow" answers
CHILD = """
import sys
from pathlib import Path
from engine.engine import Cancel, Engine, Places, finish
from engine.events import TextAdded

engine = Engine.open(Places(Path(sys.argv[1])), model_process="tests.fakes.model_worker")
model = finish(engine.models.add(Path(sys.argv[2]), Cancel()))
chat = engine.chats.new()
for event in engine.chats.send(chat.id, "!slow " + sys.argv[3], Cancel(), model.id):
    if isinstance(event, TextAdded):
        print("tick", flush=True)
"""


def run(size: Size) -> Outcome:
    """Kill, open, look; one chat a kill, all in one store."""
    tally = Tally("s of an answer")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        places, model = Places(folder / "data"), tiny_gguf.write(folder / "echo.gguf")
        for number, moment in enumerate(moments(KILLS[size], LONGEST_S, seed=10)):
            prompt = f"prompt number {number}"
            with started(CHILD, places.data, model, prompt) as child:
                if not child.hear(1) or not child.kill_after(moment):
                    tally.failed(f"kill {number}: the program ended by itself: {child.errors[-300:]}")
                    continue
            told = child.lines.count("tick")
            lost_s, wrong = looked_at(places, f"!slow {prompt}", told, chats=number + 1)
            tally.saw(lost_s)
            tally.check(not wrong, f"kill {number} after {moment:.3f} s: {wrong}")
    return tally.outcome


def looked_at(places: Places, prompt: str, told: int, chats: int) -> tuple[float, str]:
    """How much of the answer is lost, and what is wrong; "" where nothing is."""
    with Engine.open(places) as engine:
        kept = engine.chats.all()
        if len(kept) != chats:
            return 0.0, f"{len(kept)} chats instead of {chats}"
        messages = engine.chats.messages(kept[0].id)
        faults = sound(engine._store._vault)
    if not messages or messages[0].text != prompt:
        return 0.0, "the prompt is lost"
    if len(messages) != 2:
        return 0.0, f"{len(messages)} messages instead of two"
    lost_s = max(0, told - messages[1].text.count("tick ")) / TICKS_PER_S
    if messages[1].state is not MessageState.INTERRUPTED:
        return lost_s, f"the answer is said to be {messages[1].state.value}"
    return lost_s, faults or (f"{lost_s:.2f} s of the answer are lost" if lost_s > 0.5 else "")


def sound(vault: Vault) -> str:
    """What SQLite finds wrong with a store; "" for nothing."""
    found = [row["integrity_check"] for row in vault.rows("PRAGMA integrity_check")]
    return "" if found == ["ok"] else "; ".join(found)[:200]
