"""What is kept of chats: bound to what it belongs to, unreadable without the key, gone when it is to be gone."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.errors import StateNotUsable
from engine.privacy.sealed_file import MAGIC, PIECE_BYTES, SALT_BYTES
from engine.runtime.states import Belonging, States, Stretch

SECRET = bytes(range(32))
OF = Belonging(
    chat=7, model=3, file="ume.gguf", size_bytes=1000, mtime_ns=5, sha256="", context_tokens=4096, build="0.3.36"
)
TOKENS = tuple(range(1000, 1400))
STATE = random.Random(1).randbytes(2 * PIECE_BYTES + 12345)
MARKS = ((100, 345),)
PIECES = -(-len(STATE) // 100_000)  # as the program below keeps it


class Kept(States):
    """States in a folder, with what went wrong."""

    def __init__(self, folder: Path, secret: bytes = SECRET, room_bytes: int = 1 << 30) -> None:
        self.troubles: list[BaseException] = []
        self.room_bytes = room_bytes
        super().__init__(folder, secret, lambda: self.room_bytes, self.troubles.append)

    def put(self, of: Belonging = OF, state: bytes = STATE) -> bool:
        return self.keep(of, whole(state), in_pieces(state))

    def got(self, of: Belonging = OF) -> bytes:
        found = self.find(of)
        assert found is not None
        return b"".join(self.pieces(found))


def whole(state: bytes = STATE) -> Stretch:
    """All of a state in one."""
    return Stretch(tokens=TOKENS, size_bytes=len(state), marks=MARKS)


def in_pieces(state: bytes, size: int = 700_000) -> Iterator[bytes]:
    for start in range(0, len(state), size):
        yield state[start : start + size]


@pytest.fixture
def states(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "states")


def file_of(states: Kept, of: Belonging = OF) -> Path:
    return states._path(of)


def test_what_was_kept_comes_back_as_it_was(states: Kept, tmp_path: Path) -> None:
    assert states.find(OF) is None
    assert states.put()
    later = Kept(tmp_path / "states")
    found = later.find(OF)
    assert found is not None
    assert (found.tokens, found.size_bytes, found.marks) == (TOKENS, len(STATE), MARKS)
    assert later.got() == STATE
    assert states.total().chats == 1
    assert not states.troubles + later.troubles


def test_nothing_of_it_can_be_read_without_the_key(states: Kept) -> None:
    words = b"the words of a chat " * 40_000
    states.put(state=words)
    raw = file_of(states).read_bytes()
    for told in (words[:20], b"ume.gguf", b"1000, 1001", b'"chat"'):
        assert told not in raw
    other = Kept(file_of(states).parent, secret=bytes(32))
    with pytest.raises(StateNotUsable, match="damaged"):
        other.find(OF)
    assert os.name == "nt" or file_of(states).parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "other",
    [
        {"file": "sakura.gguf"}, {"size_bytes": 1001}, {"mtime_ns": 6}, {"sha256": "ab"}, {"context_tokens": 8192},
        {"how": "q8_0"}, {"build": "0.4.0"}, {"format": 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_belongs_to_another_model_or_setting_is_removed_and_not_used(states: Kept, other: dict[str, Any]) -> None:
    states.put()
    with pytest.raises(StateNotUsable, match="not the same any more"):
        states.find(replace(OF, **other))
    assert not file_of(states).exists()
    assert states.find(OF) is None


def test_the_file_of_another_chat_in_its_place_is_removed_and_not_used(states: Kept) -> None:
    states.put(replace(OF, chat=8))
    states.put()
    shutil.copy(file_of(states, replace(OF, chat=8)), file_of(states))
    with pytest.raises(StateNotUsable):
        states.find(OF)
    assert not file_of(states).exists()


def flipped(raw: bytes, luck: random.Random) -> bytes:
    at = luck.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << luck.randrange(8))]) + raw[at + 1 :]


def cut(raw: bytes, luck: random.Random) -> bytes:
    return raw[: luck.randrange(len(raw))]


def longer(raw: bytes, luck: random.Random) -> bytes:
    return raw + luck.randbytes(luck.randrange(1, 2 * PIECE_BYTES))


def moved_pieces(raw: bytes, luck: random.Random) -> bytes:
    size, start = PIECE_BYTES + 16, len(raw) - len(STATE) - 3 * 16
    return raw[:start] + raw[start + size : start + 2 * size] + raw[start : start + size] + raw[start + 2 * size :]


def zeroed(raw: bytes, luck: random.Random) -> bytes:
    at = luck.randrange(len(raw))
    size = min(len(raw) - at, luck.randrange(1, 5000))
    return raw[:at] + bytes(size) + raw[at + size :]


def head_of_another(raw: bytes, luck: random.Random) -> bytes:
    return MAGIC + luck.randbytes(SALT_BYTES) + raw[len(MAGIC) + SALT_BYTES :]


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flipped, cut, longer, zeroed, moved_pieces, head_of_another,
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_noticed_before_all_of_it_is_handed_on_and_is_removed(
    states: Kept, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    states.put()
    file, luck = file_of(states), random.Random(7)
    raw = file.read_bytes()
    for number in range(45):
        file.write_bytes(damage(raw, luck))
        with pytest.raises(StateNotUsable):
            states.got()
        assert not file.exists(), number
    assert len(states.troubles) == 45


def test_the_least_recently_used_go_first_where_the_room_is_short(states: Kept) -> None:
    for chat in (1, 2, 3):
        states.put(replace(OF, chat=chat))
        os.utime(file_of(states, replace(OF, chat=chat)), (chat, chat))
    states.got(replace(OF, chat=1))  # used now
    states.room_bytes = 3 * len(STATE) + 200_000
    assert states.put(replace(OF, chat=4))
    left = {path.name for path in file_of(states).parent.iterdir()}
    assert left == {"1-3.state", "3-3.state", "4-3.state"}
    assert states.total().size_bytes <= states.room_bytes
    states.room_bytes = len(STATE) - 1
    assert not states.put()
    states.room_bytes = 0
    states.tidy()
    assert states.total().chats == 0


def test_a_nearly_full_disk_is_left_alone(states: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=1 << 40, free=(5 << 30) + 1000))
    assert not states.put()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=1 << 30, free=1 << 29))
    assert states.put()


def test_an_erased_chat_leaves_nothing_also_where_it_is_being_written(states: Kept) -> None:
    for model in (3, 4):
        states.put(replace(OF, model=model))
    states.put(replace(OF, chat=8))
    states.forget(OF.chat)
    assert [path.name for path in file_of(states).parent.iterdir()] == ["8-3.state"]

    def late() -> Iterator[bytes]:
        yield STATE[:1000]
        states.forget(OF.chat)
        yield STATE[1000:]

    assert not states.keep(OF, whole(), late(), states.erasures(OF.chat))
    assert [path.name for path in file_of(states).parent.iterdir()] == ["8-3.state"]
    states.forget_others({9})
    assert not list(file_of(states).parent.iterdir())


def test_what_a_disk_keeps_of_a_removed_file_opens_no_more(states: Kept, tmp_path: Path) -> None:
    states.put()
    os.link(file_of(states), tmp_path / "remnant")  # what is left of it on the disk
    states.forget(OF.chat)
    os.link(tmp_path / "remnant", file_of(states))
    with pytest.raises(StateNotUsable):
        states.find(OF)


def test_a_process_that_sends_more_or_less_than_it_said_changes_nothing(states: Kept) -> None:
    states.put()
    for sent in (STATE[:-1], STATE + b"x"):
        assert not states.keep(OF, whole(), in_pieces(sent))
    assert states.got() == STATE
    assert len(states.troubles) == 2
    assert len(list(file_of(states).parent.iterdir())) == 1


def test_a_temporary_chat_cannot_be_kept(states: Kept) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        states.put(replace(OF, chat=-1))


KEEPING = """
import sys
from pathlib import Path
from engine.runtime.states import Belonging, States
from tests.engine.runtime.test_states import OF, SECRET, STATE, whole
def slowly():
    for start in range(0, len(STATE), 100_000):
        print("piece", flush=True)
        sys.stdin.readline()
        yield STATE[start:start + 100_000]
States(Path(sys.argv[1]), SECRET, lambda: 1 << 30).keep(OF, whole(), slowly())
print("kept", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("after", [1, 9, PIECES, PIECES + 1])
@pytest.mark.parametrize("before", [b"", b"an older state"], ids=["nothing", "older"])
def test_a_program_that_is_killed_while_it_keeps_leaves_the_old_or_the_new(
    tmp_path: Path, after: int, before: bytes
) -> None:
    folder = tmp_path / "states"
    if before:
        Kept(folder).put(state=before)
    with subprocess.Popen(
        [sys.executable, "-c", KEEPING, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdin
        assert program.stdout
        for _ in range(min(after, PIECES)):
            assert program.stdout.readline() == "piece\n"
            if after > PIECES or _ + 1 < after:
                program.stdin.write("\n")
                program.stdin.flush()
        if after > PIECES:
            assert program.stdout.readline() == "kept\n"
        program.send_signal(signal.SIGKILL)
    states = Kept(folder)
    assert not list(folder.glob("*.part"))
    expected = STATE if after > PIECES else before
    assert (states.got() if expected else states.find(OF) or b"") == expected


def test_two_are_never_written_at_once(states: Kept) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def waiting() -> Iterator[bytes]:
        inside.set()
        go_on.wait(60)
        yield STATE

    first = threading.Thread(target=lambda: states.keep(OF, whole(), waiting()))
    second = threading.Thread(target=lambda: states.put(state=STATE[::-1]))
    first.start()
    inside.wait(60)
    second.start()
    go_on.set()
    first.join(60)
    second.join(60)
    assert states.got() == STATE[::-1]


# In stretches.

FIRST, SECOND, THIRD = b"a" * 900_000, b"b" * 1_200_000, b"c" * 500


def stretch(number: int, state: bytes, tokens: tuple[int, ...] = TOKENS) -> Stretch:
    """The stretch of that number, of a hundred of `tokens`."""
    start = 100 * number
    return Stretch(
        number=number, before=tokens[:start], tokens=tokens[start : start + 100], size_bytes=len(state)
    )  # fmt: skip


def put(states: Kept, number: int, state: bytes, tokens: tuple[int, ...] = TOKENS, of: Belonging = OF) -> bool:
    return states.keep(of, stretch(number, state, tokens), in_pieces(state))


def test_stretches_are_kept_one_behind_the_other_and_come_back_as_one(states: Kept) -> None:
    for number, state in enumerate((FIRST, SECOND, THIRD)):
        assert put(states, number, state)
        found = states.find(OF)
        assert found is not None
        assert found.tokens == TOKENS[: 100 * (number + 1)]
    assert found.stretches == ((100, len(FIRST)), (200, len(SECOND)), (300, len(THIRD)))
    assert states.got() == FIRST + SECOND + THIRD
    assert states.total().chats == 1
    assert states.total().size_bytes > found.size_bytes


def test_what_was_said_otherwise_takes_the_place_of_all_that_was_kept_behind_it(states: Kept) -> None:
    for number, state in enumerate((FIRST, SECOND, THIRD)):
        put(states, number, state)
    other = (*TOKENS[:150], *range(250))
    put(states, 1, THIRD, other)
    found = states.find(OF)
    assert found is not None
    assert found.tokens == other[:200]
    assert states.got() == FIRST + THIRD


def test_a_stretch_behind_other_words_is_not_used(states: Kept, tmp_path: Path) -> None:
    """As where a program was killed between the two."""
    put(states, 0, FIRST)
    put(states, 1, SECOND)
    old = tmp_path / "old"
    shutil.copy(states._path(OF, 1), old)
    put(states, 0, THIRD, tuple(range(100)))
    shutil.copy(old, states._path(OF, 1))
    found = states.find(OF)
    assert found is not None
    assert found.tokens == tuple(range(100))
    assert not states._path(OF, 1).exists()
    assert not states.troubles


@pytest.mark.parametrize("damage", DAMAGES[:2], ids=lambda damage: damage.__name__)
def test_of_a_damaged_stretch_only_what_is_behind_it_is_lost(
    states: Kept, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    for number, state in enumerate((FIRST, SECOND, THIRD)):
        put(states, number, state)
    path = states._path(OF, 1)
    path.write_bytes(damage(path.read_bytes(), random.Random(3)))
    with contextlib.suppress(StateNotUsable):
        states.got()
    assert states.got() == FIRST
    assert [type(trouble) for trouble in states.troubles] == [StateNotUsable]
    assert [found.name for found in path.parent.iterdir()] == ["7-3.state"]


def test_who_has_to_go_goes_with_all_stretches(states: Kept) -> None:
    for chat in (1, 2):
        for number in range(3):
            put(states, number, SECOND, of=replace(OF, chat=chat))
    put(states, 0, FIRST, of=replace(OF, chat=3))
    for path in file_of(states).parent.glob("1-*"):
        os.utime(path, (1, 1))
    states.room_bytes = 5 * len(SECOND)
    assert put(states, 1, THIRD, of=replace(OF, chat=3))
    assert {path.name for path in file_of(states).parent.iterdir()} == {
        "2-3.state", "2-3.1.state", "2-3.2.state", "3-3.state", "3-3.1.state",
    }  # fmt: skip
    states.forget(2)
    assert {path.name for path in file_of(states).parent.iterdir()} == {"3-3.state", "3-3.1.state"}


def test_a_chat_that_would_outgrow_the_room_is_kept_as_far_as_it_has_some(states: Kept) -> None:
    states.room_bytes = len(FIRST) + len(SECOND)
    assert put(states, 0, FIRST)
    assert not put(states, 1, SECOND)
    assert states.got() == FIRST


def test_a_state_that_was_refused_goes_with_all_stretches(states: Kept) -> None:
    put(states, 0, FIRST)
    put(states, 1, THIRD)
    found = states.find(OF)
    assert found is not None
    assert "did not accept" in str(states.refused(found))
    assert not list(file_of(states).parent.iterdir())
