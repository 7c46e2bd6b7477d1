"""Fourteen states of a keychain and of the file of keys: the store is unchanged, and what is left opens it.

Each state is made on a real data folder with a chat in it, a passphrase and a recovery code. A start without
anybody must end in a typed error that changes no byte of the store; then the recovery code must open it, and
the passphrase too, with the chat in its place. Where no copy of the wraps is left, they must end in a typed
error, and no new store may appear. The figure is the longest that a start without anybody took.

On Linux every state is met twice: the keychain asked by the app, as when it starts, and by the process that
asks it once the walls are shut.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from engine.engine import Cancel, Engine, finish
from engine.errors import EngineError, KeyMissing, KeysTooNew, Locked
from engine.places import Places
from engine.privacy import key_file, keychain
from engine.privacy.keychain import Find
from engine.runtime.keychain_at_hand import KeychainAtHand
from engine.ways import Unlock, WayIn
from tests.fakes.keychain_worker import Ring
from tests.fakes.keychains import Finder, InMemory
from tests.reliability.row import Outcome, Size, Tally

PASSPHRASE = "a passphrase of this row"
TITLE = "A chat that must still be there"
SILENT_MOST_S = 10.0  # a start that the keychain lets wait: three seconds by design, and the time for the rest
LINUX_SESSION = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HANARE_KEYCHAIN")


@dataclass
class Scene:
    """A data folder and the keychain that keeps its key."""

    places: Places
    backend: InMemory
    code: str
    find: Find
    far: bool = False  # the keychain is asked by a process
    release: threading.Event = field(default_factory=threading.Event)

    def both(self) -> tuple[Path, Path]:
        """The two copies of the keys."""
        return self.places.keys, self.places.keys_copy


@dataclass(frozen=True)
class State:
    """What is done to a scene, and the error of a start without anybody and of what is typed (None: it opens)."""

    name: str
    harm: Callable[[Scene], None]
    silent: type[EngineError] = Locked
    typed: type[EngineError] | None = None


def absent(scene: Scene) -> None:
    scene.find = lambda _: None


def locked(scene: Scene) -> None:
    scene.backend.failing = OSError("the collection is locked")


def denied(scene: Scene) -> None:
    scene.backend.failing = PermissionError("the person said no")


def of_another_kind(scene: Scene) -> None:
    scene.find = Finder(other=scene.backend)


def wiped(scene: Scene) -> None:
    scene.backend.kept.clear()


def of_another_user(scene: Scene) -> None:
    for name in scene.backend.kept:
        scene.backend.kept[name] = "17" * 32


def with_a_corrupted_wrap(scene: Scene) -> None:
    for path in scene.both():
        said = json.loads(path.read_text())
        said.pop("sum")
        (way,) = (way for way in said["ways"] if way["way"] == "keychain")
        way["wrapped"] = way["wrapped"][:-2] + f"{int(way['wrapped'][-2:], 16) ^ 1:02x}"
        path.write_text(json.dumps(said | {"sum": key_file._sum(said)}))


def slow(scene: Scene) -> None:
    scene.backend.hangs = scene.release


def without_a_session_bus(scene: Scene) -> None:
    def found(name: str) -> keychain.Keychain | None:
        kept = {name: os.environ.pop(name) for name in LINUX_SESSION if name in os.environ}
        try:
            return keychain.found(name)
        finally:
            os.environ.update(kept)

    scene.find = found
    for path in scene.both():  # the name of a keychain that this system could have
        said = json.loads(path.read_text())
        said.pop("sum")
        for way in said["ways"]:
            if way["way"] == "keychain":
                way["keychain"] = "Secret Service"
        path.write_text(json.dumps(said | {"sum": key_file._sum(said)}))


def first_damaged(scene: Scene) -> None:
    wiped(scene)
    scene.places.keys.write_bytes(scene.places.keys.read_bytes()[:100])


def second_damaged(scene: Scene) -> None:
    wiped(scene)
    scene.places.keys_copy.write_bytes(bytes(500))


def both_damaged(scene: Scene) -> None:
    for path in scene.both():
        path.write_bytes(path.read_bytes()[:100])


def newer(scene: Scene) -> None:
    said = {"format": key_file.FORMAT + 1, "turn": 99, "ways": [{"way": "something new"}]}
    for path in scene.both():
        path.write_text(json.dumps(said | {"sum": key_file._sum(said)}))


def without_keys(scene: Scene) -> None:
    for path in scene.both():
        path.unlink()


STATES = (
    State("absent", absent),
    State("locked", locked),
    State("denied", denied),
    State("of another kind", of_another_kind),
    State("wiped", wiped),
    State("of another user", of_another_user),
    State("with a corrupted wrap", with_a_corrupted_wrap),
    State("slow", slow),
    State("without a session bus", without_a_session_bus),
    State("first copy damaged", first_damaged),
    State("second copy damaged", second_damaged),
    State("both copies damaged", both_damaged, KeyMissing, KeyMissing),
    State("keys of a newer version", newer, KeysTooNew, KeysTooNew),
    State("a store without keys", without_keys, KeyMissing, KeyMissing),
)


def run(size: Size) -> Outcome:
    """Try every state; there are no more of them at night."""
    tally = Tally("s")
    for state, far in product(STATES, (False, True) if sys.platform == "linux" else (False,)):
        with made(far) as scene:
            state.harm(scene)
            wrong = list(faults(scene, state, tally))
            scene.release.set()
        tally.check(not wrong, f"{state.name}{', asked by the process' if far else ''}: {'; '.join(wrong)}")
    return tally.outcome


@contextmanager
def made(far: bool) -> Iterator[Scene]:
    """A data folder with a chat, its key in a keychain, a passphrase and a recovery code."""
    folder = Path(tempfile.mkdtemp(prefix="hanare-r19-"))
    try:
        scene = Scene(Places(folder / "data"), InMemory(), "", lambda _: None, far)
        scene.find = Finder(answer_s=30.0, ring=scene.backend)
        with Engine.open(scene.places, find=scene.find) as engine:
            engine.chats.rename(engine.chats.new().id, TITLE)
            scene.code = engine.keys.new_recovery_code()
            engine.keys.keep_recovery_code(scene.code)
            finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))
        yield scene
    finally:
        shutil.rmtree(folder)


def faults(scene: Scene, state: State, tally: Tally) -> Iterator[str]:
    """What did not go as it should."""
    before = store_files(scene.places)
    began = time.monotonic()
    error = error_of(scene, None)
    waited_s = time.monotonic() - began
    tally.saw(waited_s)
    if type(error) is not state.silent:
        yield f"a start without anybody ended in {error!r}"
    if waited_s > SILENT_MOST_S:
        yield f"a start without anybody took {waited_s:.1f} s"
    if isinstance(error, Locked) and not {WayIn.PASSPHRASE, WayIn.RECOVERY} <= set(error.ways):
        yield f"only {error.ways} were said to be left"
    error = error_of(scene, Unlock(way=WayIn.PASSPHRASE, text="not the passphrase"))
    if error is None:
        yield "a wrong passphrase opened it"
    if store_files(scene.places) != before:
        yield "the store was changed by starts that failed"
    for unlock in (Unlock(way=WayIn.RECOVERY, text=scene.code), Unlock(way=WayIn.PASSPHRASE, text=PASSPHRASE)):
        error = error_of(scene, unlock)
        if (None if error is None else type(error)) is not state.typed:
            yield f"the {unlock.way} led to {error!r}"
    if state.typed is not None and store_files(scene.places) != before:
        yield "the store was changed, though nothing opened it"


def error_of(scene: Scene, unlock: Unlock | None) -> EngineError | None:
    """The error of a start; None where the store opened and its chat is in it."""
    try:
        with finding(scene) as find, Engine.open(scene.places, find=find, unlock=unlock) as engine:
            titles = [chat.title for chat in engine.chats.all()]
    except EngineError as error:
        return error
    if titles != [TITLE]:
        return EngineError(why=f"the chats were {titles}")
    return None


@contextmanager
def finding(scene: Scene) -> Iterator[Find]:
    """How the keychain of a scene is found: here, or by the process."""
    if not scene.far:
        yield scene.find
        return
    at_hand = KeychainAtHand(scene.places.private, module="tests.fakes.keychain_worker")
    with Ring(scene.places.data, lambda: scene.find), at_hand:
        yield at_hand.find_far


def store_files(places: Places) -> dict[str, bytes]:
    """Every file of the store as it lies there."""
    return {path.name: path.read_bytes() for path in sorted(places.data.glob(f"{places.store.name}*"))}
