"""The encrypted file: what it accepts, what it refuses, and that nothing in it can be read."""

import secrets
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from engine.context import Part, WhenFull
from engine.errors import StoreNotEncrypted, StoreUnreadable
from engine.places import Places
from engine.store import Store, migrations
from engine.store.vault import Vault
from engine.types import Refusal, Role
from tests.fakes.plain_user import plain_user

MARKER = "Quittenmarmelade"
ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "tests" / "examples" / "stores"
EXAMPLE_KEY = bytes(range(32))


def test_a_store_reopens_with_its_key(places: Places, key: bytes) -> None:
    first = Store(places.store, key)
    chat = first.chats.add("Jam")
    first.close()

    second = Store(places.store, key)
    assert [found.title for found in second.chats.all()] == [chat.title]
    second.close()


def test_another_key_does_not_open_it_and_changes_nothing(places: Places, key: bytes) -> None:
    Store(places.store, key).close()
    before = places.store.read_bytes()

    with pytest.raises(StoreUnreadable, match="key"):
        Store(places.store, secrets.token_bytes(32))

    assert places.store.read_bytes() == before
    Store(places.store, key).close()


def test_a_wrong_key_prints_nothing(places: Places, key: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    Store(places.store, key).close()

    with pytest.raises(StoreUnreadable):
        Store(places.store, secrets.token_bytes(32))

    assert capfd.readouterr() == ("", "")


def test_a_plain_database_is_refused_and_left_alone(places: Places, key: bytes) -> None:
    plain = sqlcipher.connect(str(places.store))
    plain.execute("CREATE TABLE note (text)")
    plain.commit()
    plain.close()
    before = places.store.read_bytes()

    with pytest.raises(StoreNotEncrypted):
        Store(places.store, key)

    assert places.store.read_bytes() == before


def test_a_file_that_is_no_store_is_refused_and_left_alone(places: Places, key: bytes) -> None:
    places.store.write_bytes(b"shopping list\n" * 1000)

    with pytest.raises(StoreUnreadable):
        Store(places.store, key)

    assert places.store.read_bytes() == b"shopping list\n" * 1000


def test_a_damaged_store_is_refused_with_the_reason(places: Places, key: bytes) -> None:
    store = Store(places.store, key)
    chat = store.chats.add("Jam")
    for _ in range(20):
        store.chats.add_message(chat.id, None, Role.USER, secrets.token_hex(4000))
    store.close()
    raw = bytearray(places.store.read_bytes())
    for at in range(4096, len(raw), 512):
        raw[at] ^= 0xFF
    places.store.write_bytes(raw)

    with pytest.raises(StoreUnreadable):
        Store(places.store, key)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions work differently there")
def test_a_store_that_may_not_be_written_is_refused(places: Places, key: bytes, tmp_path: Path) -> None:
    Store(places.store, key).close()
    places.store.chmod(0o400)

    with plain_user(), pytest.raises(StoreUnreadable, match="written"):
        Store(places.store, key)


def test_a_store_that_another_program_holds_is_explained(
    places: Places, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(places.store, key).close()
    monkeypatch.setattr("engine.store.vault.BUSY_S", 0.01)
    other = sqlcipher.connect(str(places.store), isolation_level=None)
    other.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnreadable, match="another program"):
        Store(places.store, key)

    other.close()


def test_no_text_can_be_read_in_the_files(places: Places, key: bytes) -> None:
    store = Store(places.store, key)
    chat = store.chats.add(f"{MARKER} title")
    for number in range(50):
        store.chats.add_message(chat.id, None, Role.USER, f"{number} {MARKER} 梅干しの作り方")
    files = [path for path in places.data.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    raw = b"".join(path.read_bytes() for path in files)
    store.close()

    assert {"hanare.db", "hanare.db-wal"} <= names
    for text in (MARKER, "梅干し"):
        for encoding in ("utf-8", "utf-16-le"):
            assert text.encode(encoding) not in raw
    assert key not in raw
    assert key.hex().encode() not in raw


def test_a_purged_chat_is_gone_from_the_decrypted_file_too(places: Places, key: bytes) -> None:
    store = Store(places.store, key)
    chat = store.chats.add("Jam")
    store.chats.add_message(chat.id, None, Role.USER, f"{MARKER} " * 3000)
    store.chats.purge(chat.id)
    store.close()

    opened = sqlcipher.connect(str(places.store))
    opened.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    opened.execute(f"ATTACH DATABASE '{places.data / 'plain.db'}' AS plain KEY ''")
    opened.execute("SELECT sqlcipher_export('plain')")
    opened.close()
    assert MARKER.encode() not in (places.data / "plain.db").read_bytes()


def test_connections_of_ended_threads_are_closed(places: Places, key: bytes) -> None:
    vault = Vault(places.store, key)
    for _ in range(10):
        thread = threading.Thread(target=lambda: vault.rows("SELECT 1 AS one"))
        thread.start()
        thread.join()
    assert len(vault._all) <= 2
    vault.close()


def test_a_mistake_in_a_statement_stays_a_mistake(places: Places, key: bytes) -> None:
    vault = Vault(places.store, key)
    with pytest.raises(sqlcipher.OperationalError, match="no such table"), vault.writing() as db:
        db.execute("INSERT INTO nowhere VALUES (1)")
    with pytest.raises(sqlcipher.IntegrityError), vault.writing() as db:
        db.execute("INSERT INTO message (chat_id, role, text, state, created_at) VALUES (9, '', '', '', '')")
    vault.close()


def test_what_a_failed_transaction_wrote_is_not_kept(places: Places, key: bytes) -> None:
    vault = Vault(places.store, key)

    def write_and_fail() -> None:
        with vault.writing() as db:
            db.execute("INSERT INTO preference VALUES ('theme', '\"dark\"')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert vault.rows("SELECT * FROM preference") == []
    vault.close()


FILL_UP = """
import resource, sys
from pathlib import Path
from engine.context import Part, WhenFull
from engine.errors import DiskFull
from engine.store import Store
from engine.types import Role

path, key, kept = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), 0
store = Store(path, key)
chat = store.chats.add("Full")
limit = 600_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    for number in range(1000):
        store.chats.add_message(chat.id, None, Role.USER, f"{number} " + "x" * 5000)
        kept += 1
        print(kept, flush=True)
except DiskFull as error:
    assert error.where == str(path)
    print("full", flush=True)
    assert len(store.chats.all()) == 1
store.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_on_a_full_disk_it_says_so_and_loses_nothing_that_was_kept(places: Places, key: bytes) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILL_UP, str(places.store), key.hex()],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    lines = done.stdout.split()
    assert done.returncode == 0, done.stderr
    assert lines[-1] == "full"
    kept = int(lines[-2])

    store = Store(places.store, key)
    (chat,) = store.chats.all()
    rows = store._vault.rows("SELECT text FROM message WHERE chat_id = ? ORDER BY id", (chat.id,))
    assert [row["text"].split()[0] for row in rows] == [str(number) for number in range(kept)]
    assert store._vault.rows("PRAGMA integrity_check")[0]["integrity_check"] == "ok"
    store.chats.add_message(chat.id, None, Role.USER, "there is room again")
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_at_the_first_start_is_explained(tmp_path: Path, key: bytes) -> None:
    code = """
import resource, sys
from pathlib import Path
from engine.context import Part, WhenFull
from engine.errors import DiskFull
from engine.store import Store
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
try:
    Store(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
except DiskFull:
    print("full")
"""
    path = tmp_path / "new.db"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), key.hex()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "full", done.stderr
    Store(path, key).close()


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.db")), ids=lambda path: path.stem)
def test_every_store_ever_released_opens_with_everything_in_it(example: Path, tmp_path: Path) -> None:
    path = tmp_path / example.name
    shutil.copy(example, path)

    store = Store(path, EXAMPLE_KEY)
    chats = {chat.title: chat for chat in store.chats.all()}
    messages = store.chats.messages(chats["Plum jam"].id)
    models = store.models.all()
    settings = store.preferences.settings()
    counts = store.documents.counts()
    refused = store.chats.messages(chats["Penguins"].id)[-1] if "Penguins" in chats else None
    connections = store.connections.all()
    collections = store.documents.collections.all()
    downloads = store.downloads.all()
    costs = store.costs.all()
    store.close()

    assert [line.host for line in connections] == (["huggingface.co"] if example.stem >= "step-006" else [])
    assert [message.text for message in messages] == ["How do I make plum jam?", "Stone the plums [1]."]
    assert messages[1].sources[0].path == Path("/home/ume/plums.pdf")
    assert messages[1].speed is not None
    assert messages[1].speed.tokens == 5
    if example.stem >= "step-010":
        assert messages[1].context is not None
        assert messages[1].context.tokens(Part.PASSAGE) == 18
        assert chats["Plum jam"].when_full is WhenFull.SUMMARY
    else:
        assert (messages[1].context, chats["Plum jam"].when_full) == (None, None)
    assert (refused and (refused.refused, refused.withheld)) == (
        (Refusal.UNSUPPORTED, "Krill [1].") if example.stem >= "step-022" else None
    )
    assert [model.name for model in models if model.facts.use == "chat"] == ["Ume 0.1B"]
    assert models[0].facts.quantization == "Q4_K_M"
    assert settings.theme == "dark"
    assert counts.documents == 1
    assert [(one.name, len(one.documents), len(one.folders)) for one in collections] == (
        [("Preserves", 1, 1)] if example.stem >= "step-020" else []
    )
    assert [one.repository for one in downloads] == (["ume/Ume-GGUF"] if example.stem >= "step-023" else [])
    assert [(one.large.name, one.same) for one in costs] == (
        [("Ume 0.1B F16", 0.95)] if example.stem >= "step-025" else []
    )


def test_there_is_an_example_of_todays_shape() -> None:
    assert (EXAMPLES / f"step-{len(migrations.STEPS):03}.db").is_file()
