"""The store's key: where it is kept, and that a store is never given a new one."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from engine.errors import KeyMissing, KeysTooNew
from engine.places import Places
from engine.privacy import key_file
from engine.privacy.keys import open_key
from engine.ways import WayIn
from tests.fakes.keychains import Finder, InMemory


def ways(path: Path) -> list[dict[str, Any]]:
    """The ways a file of keys names."""
    found: list[dict[str, Any]] = json.loads(path.read_text())["ways"]
    return found


def test_where_there_is_a_keychain_neither_it_nor_a_file_holds_the_key_itself(places: Places) -> None:
    backend = InMemory()

    made = open_key(places, Finder(ring=backend))

    assert made.ways.kept_in == "keychain"
    assert made.ways.keychain == "ring"
    assert len(made.secret) == 32
    assert [len(kept) for kept in backend.kept.values()] == [64]
    assert made.secret.hex() not in backend.kept.values()
    for path in places.data.rglob("*"):
        assert path.is_dir() or made.secret.hex() not in path.read_text()
    again = open_key(places, Finder(ring=backend))
    assert (again.secret, again.ways) == (made.secret, made.ways)


def test_where_there_is_no_keychain_the_key_is_in_a_file_for_this_user_only(places: Places) -> None:
    made = open_key(places, Finder())

    assert made.ways.kept_in == "file"
    assert open_key(places, Finder()).secret == made.secret
    later = open_key(places, Finder(ring=InMemory()))  # a keychain that appears later changes nothing
    assert (later.secret, later.ways) == (made.secret, made.ways)
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in (places.keys, places.keys_copy)} == {0o600}
        assert stat.S_IMODE(places.data.stat().st_mode) == 0o700


def test_a_keychain_that_fails_at_the_first_start_leaves_the_key_to_the_file(places: Places) -> None:
    backend = InMemory()
    backend.failing = OSError("locked")
    assert open_key(places, Finder(ring=backend)).ways.kept_in == "file"


def test_every_data_folder_has_a_key_of_its_own(tmp_path: Path) -> None:
    backend = InMemory()
    folders = [Places(tmp_path / name) for name in ("one", "two")]
    for folder in folders:
        folder.make()
    assert len({open_key(folder, Finder(ring=backend)).secret for folder in folders}) == 2
    assert len(backend.kept) == 2


def test_a_store_without_a_key_is_never_given_a_new_one(places: Places) -> None:
    places.store.write_bytes(b"someone's chats")

    with pytest.raises(KeyMissing, match="not beside it"):
        open_key(places, Finder(ring=InMemory()))

    assert not places.keys.exists()
    assert places.store.read_bytes() == b"someone's chats"


def _lost(places: Places, backend: InMemory) -> None:
    backend.kept.clear()


def _locked(places: Places, backend: InMemory) -> None:
    backend.failing = OSError("locked")


def _of_another_kind(places: Places, backend: InMemory) -> None:
    for name in backend.kept:
        backend.kept[name] = "hello"


def _of_another_key(places: Places, backend: InMemory) -> None:
    for name in backend.kept:
        backend.kept[name] = "00" * 32


def _damaged(places: Places, backend: InMemory) -> None:
    for path in (places.keys, places.keys_copy):
        path.write_text('{"ways": [')


def _without_ways(places: Places, backend: InMemory) -> None:
    for path in (places.keys, places.keys_copy):
        path.write_text("[1]")


@pytest.mark.parametrize("harm", [_lost, _locked, _of_another_kind, _of_another_key, _damaged, _without_ways])
def test_a_key_that_cannot_be_had_is_explained_and_nothing_is_changed(places: Places, harm: object) -> None:
    backend = InMemory()
    open_key(places, Finder(ring=backend))
    assert callable(harm)
    harm(places, backend)
    before = places.keys.read_bytes(), places.keys_copy.read_bytes(), dict(backend.kept)

    with pytest.raises(KeyMissing):
        open_key(places, Finder(ring=backend))

    assert (places.keys.read_bytes(), places.keys_copy.read_bytes(), backend.kept) == before


def test_a_keychain_that_is_not_to_be_had_in_this_session_is_named(places: Places) -> None:
    open_key(places, Finder(wallet=InMemory()))
    with pytest.raises(KeyMissing, match="wallet, which keeps it"):
        open_key(places, Finder(other=InMemory()))


# --- two copies ------------------------------------------------------------------------------


@pytest.mark.parametrize("harmed", ["keys", "keys_copy"])
@pytest.mark.parametrize("harm", ["gone", "cut", "one letter"])
def test_one_sound_copy_is_enough_and_makes_the_other_good_again(places: Places, harmed: str, harm: str) -> None:
    made = open_key(places, Finder())
    path: Path = getattr(places, harmed)
    text = path.read_text()
    if harm == "gone":
        path.unlink()
    else:
        path.write_text(text[:40] if harm == "cut" else text.replace('"key": "', '"key": "0', 1))

    assert open_key(places, Finder()).secret == made.secret
    assert ways(places.keys) == ways(places.keys_copy) == json.loads(text)["ways"]


def test_a_copy_that_a_crash_left_behind_does_not_bring_back_what_was_changed(places: Places) -> None:
    keys = open_key(places, Finder())
    former = places.keys_copy.read_bytes()
    keys.keep_recovery_code(keys.new_recovery_code())
    for behind in (places.keys, places.keys_copy):
        behind.write_bytes(former)
        assert open_key(places, Finder()).ways.ways == (WayIn.FILE, WayIn.RECOVERY)
        assert len(ways(behind)) == 2


def test_a_way_is_found_where_both_copies_were_changed_in_different_places(places: Places) -> None:
    made = open_key(places, Finder())
    places.keys.write_text(places.keys.read_text().replace('"way"', '"wxy"'))
    places.keys_copy.write_text(places.keys_copy.read_text().replace('"sum": "', '"sum": "f'))
    assert open_key(places, Finder()).secret == made.secret


def newer() -> str:
    """A file of keys as a later version may write it."""
    said = {"format": 3, "turn": 9, "ways": [{"way": "a chip", "slot": 4}]}
    return json.dumps(said | {"sum": key_file._sum(said)})


def test_keys_of_a_newer_version_are_neither_opened_nor_written_over(places: Places) -> None:
    keys = open_key(places, Finder())
    kept = places.keys_copy.read_bytes()
    places.keys.write_text(newer())
    assert open_key(places, Finder()).secret == keys.secret  # the other copy still names a way this version knows
    with pytest.raises(KeysTooNew):
        keys.keep_recovery_code(keys.new_recovery_code())
    assert (places.keys.read_text(), places.keys_copy.read_bytes()) == (newer(), kept)
    places.keys_copy.write_text(newer())
    with pytest.raises(KeysTooNew):
        open_key(places, Finder())


# --- the former format -----------------------------------------------------------------------


def former(places: Places, way: dict[str, str]) -> None:
    """Write `keys.json` as the first version did."""
    places.keys.write_text(json.dumps({"format": 1, "ways": [way]}, indent=2) + "\n")


def test_a_key_that_the_keychain_held_itself_is_wrapped_and_its_entry_stays(places: Places) -> None:
    backend = InMemory()
    secret = bytes(range(32))
    backend.kept["Hanare", "entry"] = secret.hex()
    former(places, {"way": "keychain", "keychain": "ring", "entry": "entry"})

    assert open_key(places, Finder(ring=backend)).secret == secret

    assert len(backend.kept) == 2
    (way,) = ways(places.keys)
    assert way["entry"] != "entry"
    assert ways(places.keys_copy) == [way]
    del backend.kept["Hanare", "entry"]
    assert open_key(places, Finder(ring=backend)).secret == secret


def test_a_keychain_that_takes_no_new_entry_keeps_opening_with_the_former_one(places: Places) -> None:
    class ReadOnly(InMemory):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise PermissionError

    backend = ReadOnly()
    secret = bytes(range(32))
    backend.kept["Hanare", "entry"] = secret.hex()
    former(places, {"way": "keychain", "keychain": "ring", "entry": "entry"})
    for _ in range(2):
        assert open_key(places, Finder(ring=backend)).secret == secret
    assert len(backend.kept) == 1


def test_a_key_in_a_file_of_the_former_format_gets_its_second_copy(places: Places) -> None:
    secret = bytes(range(32))
    former(places, {"way": "file", "key": secret.hex()})
    assert open_key(places, Finder()).secret == secret
    assert ways(places.keys) == ways(places.keys_copy) == [{"way": "file", "key": secret.hex()}]


@pytest.mark.skipif(os.name != "posix", reason="permissions of folders are asked of POSIX")
def test_a_folder_that_takes_no_writing_opens_all_the_same(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = bytes(range(32))
    former(places, {"way": "file", "key": secret.hex()})
    before = places.keys.read_bytes()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert open_key(places, Finder()).secret == secret
    assert places.keys.read_bytes() == before
