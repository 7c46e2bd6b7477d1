"""Fetching from the hub: complete and verified, or a typed error, and never a byte twice without need."""

import hashlib
import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from engine.errors import (
    Cancelled,
    DownloadCorrupt,
    HubNotFound,
    HubRefused,
    HubSentElsewhere,
    HubUnreachable,
    ModelDamaged,
    NoRoomForDownload,
    TextNotAccepted,
    WorkerDied,
)
from engine.events import Changed, Progressed
from engine.ledger import Ledger
from engine.models import Models
from engine.network import Outcome
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store
from engine.types import Checksum, DownloadNote, ModelOrigin
from engine.worker.fetcher.hosts import belongs
from tests.engine.models.downloading import (
    FILE,
    LARGE,
    MOST_AGAIN_BYTES,
    REPOSITORY,
    SMALL,
    fetcher_pid,
    left_over,
    stalled,
    told,
)  # fmt: skip
from tests.fakes.gguf_bytes import Row, Typed, model_bytes
from tests.fakes.hub import FakeHub


def test_a_model_is_fetched_verified_and_added(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, "folder/" + FILE, SMALL)
    events = []
    download = models.download(REPOSITORY, "folder/" + FILE, Cancel())
    while True:
        try:
            events.append(next(download))
        except StopIteration as end:
            model = end.value
            break
    assert (model.name, model.origin, model.repository) == ("model-Q8_0", ModelOrigin.HUB, REPOSITORY)
    assert model.sha256 == hashlib.sha256(SMALL).hexdigest()
    assert models.get(model.id).commit == "a" * 40
    known = finish(models.cards.of(model.id, Cancel())).checksum
    assert known is not None
    assert known == Checksum(files=((model.path.name, model.sha256),), known="download")
    assert model.path.parent == places.models
    assert model.path.read_bytes() == SMALL
    assert left_over(places) == []
    assert events[-1] == Changed(what="models")
    assert events[-2] == Changed(what="connections")
    last = [event for event in events if isinstance(event, Progressed)][-1]
    assert (last.done, last.total, last.unit) == (len(SMALL), len(SMALL), "bytes")
    assert models.all() == (model,)


def test_the_body_is_asked_for_by_commit_and_with_nothing_told_about_us(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL, commit="c" * 40)
    finish(models.download(REPOSITORY, FILE, Cancel()))
    assert [(request.method, request.path) for request in hub.requests] == [
        ("HEAD", f"/{REPOSITORY}/resolve/main/{FILE}"),
        ("GET", f"/{REPOSITORY}/resolve/{'c' * 40}/{FILE}"),
        ("GET", f"/storage/{REPOSITORY}/{FILE}"),
    ]
    for request in hub.requests:
        about_us = set(request.headers) - {"range"}
        assert about_us == {"host", "accept", "accept-encoding", "connection", "user-agent"}
        assert request.headers["user-agent"] == "hanare"


def test_the_same_content_is_not_fetched_again(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    first = finish(models.download(REPOSITORY, FILE, Cancel()))
    hub.put("other/Copy", "copy.gguf", SMALL)
    assert finish(models.download("other/Copy", "copy.gguf", Cancel())).id == first.id
    assert len(hub.bodies()) == 1


def test_a_removed_download_takes_its_file_along(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    models.remove(finish(models.download(REPOSITORY, FILE, Cancel())).id)
    assert list(places.models.iterdir()) == []


# Interrupted.


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_after_a_kill_only_the_rest_is_asked_for(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    with stalled(hub, models, Cancel()) as download:
        os.kill(fetcher_pid(), signal.SIGKILL)
        with pytest.raises(WorkerDied):
            list(download)
    assert models.all() == ()
    model = finish(models.download(REPOSITORY, FILE, Cancel()))
    assert hub.sent - len(LARGE) <= MOST_AGAIN_BYTES
    assert model.path.read_bytes() == LARGE
    assert left_over(places) == []


def test_stop_keeps_what_has_arrived(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    cancel = Cancel()
    with stalled(hub, models, cancel) as download:
        cancel.press()
        with pytest.raises(Cancelled):
            list(download)
    assert [Path(name).suffix for name in left_over(places)] == [".journal", ".part"]
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == LARGE
    assert hub.sent - len(LARGE) <= MOST_AGAIN_BYTES
    assert left_over(places) == []


def test_a_broken_connection_is_taken_up_where_it_broke(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.cut_after = 5 << 20
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == LARGE
    assert 0 <= hub.sent - len(LARGE) < MOST_AGAIN_BYTES


def test_a_file_changed_on_the_hub_is_begun_anew(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    cancel = Cancel()
    with stalled(hub, models, cancel) as download:
        cancel.press()
        with pytest.raises(Cancelled):
            list(download)
    changed = bytearray(LARGE)
    changed[-1] = 1
    hub.put(REPOSITORY, FILE, bytes(changed), commit="b" * 40)
    hub.sent = 0
    notes, model = told(models.download(REPOSITORY, FILE, Cancel()))
    assert model.path.read_bytes() == changed
    assert [note.note for note in notes] == [DownloadNote.CHANGED]
    assert 0 <= hub.sent - len(LARGE) < MOST_AGAIN_BYTES  # the hub may still have sent a little to who had gone
    assert left_over(places) == []


def test_a_hub_in_trouble_is_tried_again(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    hub.troubled = 2
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == SMALL


def test_one_file_is_downloaded_once_at_a_time(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    with stalled(hub, models, Cancel()) as download:
        with pytest.raises(TextNotAccepted, match="already"):
            finish(models.download(REPOSITORY, FILE, Cancel()))
        hub.go_on.set()
        list(download)
    assert len(models.all()) == 1


# Refused and damaged.


@pytest.mark.parametrize("lfs", [True, False])
def test_a_changed_byte_is_noticed_and_nothing_is_kept(models: Models, hub: FakeHub, places: Places, lfs: bool) -> None:
    hub.put(REPOSITORY, FILE, SMALL, lfs=lfs)
    hub.flip_at = len(SMALL) - 1
    with pytest.raises(DownloadCorrupt):
        finish(models.download(REPOSITORY, FILE, Cancel()))
    assert list(places.models.iterdir()) == []
    hub.flip_at = None
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == SMALL


def test_more_bytes_than_announced_are_not_taken(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    hub.announced_bytes = len(SMALL) - 10
    with pytest.raises(DownloadCorrupt, match="not as large as the hub had announced"):
        finish(models.download(REPOSITORY, FILE, Cancel()))
    hub.knows_ranges = False
    with pytest.raises(DownloadCorrupt, match="more arrived than the hub had announced"):
        finish(models.download(REPOSITORY, FILE, Cancel()))
    assert list(places.models.iterdir()) == []


def test_a_file_that_is_no_model_is_not_added(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, SMALL[:-40])
    with pytest.raises(ModelDamaged, match="cut short"):
        finish(models.download(REPOSITORY, FILE, Cancel()))
    assert models.all() == ()
    assert list(places.models.iterdir()) == []


def test_a_file_larger_than_the_disk_is_refused_before_it_is_fetched(
    models: Models, hub: FakeHub, places: Places
) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    hub.announced_bytes = 1 << 55
    with pytest.raises(NoRoomForDownload, match="needs 36,028,797,018,963,968 bytes more .* bytes can be given to it"):
        finish(models.download(REPOSITORY, FILE, Cancel()))
    assert hub.bodies() == []
    assert list(places.models.iterdir()) == []


def test_a_gated_repository_says_that_it_takes_a_token(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL, gated=True, token="hf_secret")
    with pytest.raises(HubRefused, match="token of an account that was let in"):
        finish(models.download(REPOSITORY, FILE, Cancel()))


def test_the_token_opens_a_private_repository_and_goes_nowhere_else(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL, token="hf_secret")
    with pytest.raises(HubRefused, match="private"):
        finish(models.download(REPOSITORY, FILE, Cancel()))
    with pytest.raises(HubRefused, match="does not open it"):
        finish(models.download(REPOSITORY, FILE, Cancel(), token="hf_wrong"))
    hub.requests.clear()
    finish(models.download(REPOSITORY, FILE, Cancel(), token="hf_secret"))
    with_token = [request.path for request in hub.requests if "authorization" in request.headers]
    assert len(with_token) == 2
    assert all("/resolve/" in path for path in with_token)


def test_the_token_is_in_no_argument_and_no_variable(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE, token="hf_secret")
    hub.stall_after = 1 << 20
    download = models.download(REPOSITORY, FILE, Cancel(), token="hf_secret")
    next(download)
    process = psutil.Process(fetcher_pid())
    assert "hf_secret" not in " ".join(process.cmdline()) + str(process.environ())
    hub.go_on.set()
    list(download)


@pytest.mark.parametrize(("repository", "file"), [(REPOSITORY, "other.gguf"), ("someone/else", FILE)])
def test_what_the_hub_does_not_have_is_named(models: Models, hub: FakeHub, repository: str, file: str) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    with pytest.raises((HubNotFound, HubRefused)) as refused:
        finish(models.download(repository, file, Cancel()))
    assert (refused.value.repository, refused.value.file) == (repository, file)
    assert refused.value.host == "127.0.0.1"


def test_a_hub_that_cannot_be_reached_is_named(store: Store, places: Places) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        models = Models(
            store.models, Ledger(store.connections), places, endpoint=f"http://127.0.0.1:{closed.getsockname()[1]}"
        )
        with pytest.raises(HubUnreachable, match="127.0.0.1 could not be reached: no connection could be made"):
            finish(models.download(REPOSITORY, FILE, Cancel()))


def test_nothing_is_sent_without_encryption(store: Store, places: Places) -> None:
    models = Models(store.models, Ledger(store.connections), places, endpoint="http://hub.example")
    with pytest.raises(HubRefused, match="not encrypted"):
        finish(models.download(REPOSITORY, FILE, Cancel()))


@pytest.mark.parametrize("where", ["http://storage.example/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://["])
def test_a_redirect_to_an_unencrypted_address_is_not_followed(models: Models, hub: FakeHub, where: str) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    hub.redirect_to = where
    with pytest.raises(HubRefused):
        finish(models.download(REPOSITORY, FILE, Cancel()))


ELSEWHERE = {
    "https://storage.example/x": "storage.example",
    "https://hf.co.evil.example/x": "hf.co.evil.example",
    "https://huggingface.co@evil.example/x": "evil.example",
    "https://notthehf.co/x": "notthehf.co",
    "https://cdn-lfs.evil.huggingface.co/x": "cdn-lfs.evil.huggingface.co",
    "//192.0.2.1/x": "",  # no encryption: refused before its host is looked at
}


@pytest.mark.parametrize(("where", "elsewhere"), ELSEWHERE.items())
def test_a_redirect_to_a_host_that_is_not_the_hubs_is_refused_and_leaves_a_line(
    models: Models, hub: FakeHub, store: Store, where: str, elsewhere: str
) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    hub.redirect_to = where
    with pytest.raises(HubSentElsewhere if elsewhere else HubRefused) as refused:
        finish(models.download(REPOSITORY, FILE, Cancel()))
    assert refused.value.facts.get("elsewhere", "") == elsewhere
    lines = store.connections.all()
    assert (lines[0].host, lines[0].outcome) == (elsewhere or "192.0.2.1", Outcome.BLOCKED)
    assert (lines[0].sent_bytes, lines[0].received_bytes) == (0, 0)
    assert {line.host for line in lines[1:]} == {"127.0.0.1"}
    assert models.all() == ()


@pytest.mark.parametrize(
    ("host", "hub", "may"),
    [
        ("huggingface.co", "huggingface.co", True), ("cas-bridge.xethub.hf.co", "huggingface.co", True),
        ("cdn-lfs-us-1.huggingface.co", "huggingface.co", True), ("cdn-lfs.hf.co", "mirror.example", True),
        ("mirror.example", "mirror.example", True), ("localhost", "127.0.0.1", True),
        ("localhost", "huggingface.co", False), ("mirror.example", "huggingface.co", False),
        ("evil.mirror.example", "mirror.example", False), ("someone.huggingface.co", "huggingface.co", False),
        ("huggingface.co.", "huggingface.co", False), ("", "huggingface.co", False), ("a..hf.co", "hf.co", False),
    ],
)  # fmt: skip
def test_a_download_may_only_go_to_the_hub_and_to_its_storage(host: str, hub: str, may: bool) -> None:
    assert belongs(host, hub) is may


def test_a_packed_body_is_not_unpacked(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    hub.packed = True
    with pytest.raises(HubRefused, match="packed"):
        finish(models.download(REPOSITORY, FILE, Cancel()))


# Names.


@pytest.mark.parametrize(
    ("repository", "file"),
    [
        ("../x", FILE), ("a/b/c", FILE), ("", FILE), ("a b/c", FILE), ("a/..", FILE), ("http://a/b", FILE),
        (REPOSITORY, "model.bin"), (REPOSITORY, "../../x.gguf"), (REPOSITORY, "/etc/x.gguf"), (REPOSITORY, "a//b.gguf"),
        (REPOSITORY, "a\0.gguf"), (REPOSITORY, "a\n.gguf"), (REPOSITORY, "x" * 500 + ".gguf"),
        (REPOSITORY, "m-00001-of-99999.gguf"), (REPOSITORY, "m-00003-of-00002.gguf"),
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused_before_anything_is_sent(
    models: Models, hub: FakeHub, repository: str, file: str
) -> None:
    with pytest.raises(TextNotAccepted):
        finish(models.download(repository, file, Cancel()))
    assert hub.requests == []


@pytest.mark.parametrize(
    "file", ["con.gguf", "a b.gguf", "漢字.gguf", "x" * 300 + ".gguf", "C:evil.gguf", "a\\..\\b.gguf"]
)
def test_a_name_on_the_hub_never_becomes_a_path_here(models: Models, hub: FakeHub, places: Places, file: str) -> None:
    hub.put(REPOSITORY, file, SMALL)
    model = finish(models.download(REPOSITORY, file, Cancel()))
    assert [path.name for path in places.models.iterdir()] == [hashlib.sha256(SMALL).hexdigest() + ".gguf"]
    assert model.path.parent == places.models


def test_all_parts_of_a_model_are_fetched_and_removed_together(models: Models, hub: FakeHub, places: Places) -> None:
    for number in (1, 2):
        split = {"split.count": Typed("uint16", 2), "split.no": Typed("uint16", number - 1)}
        content = model_bytes({**split, "split.tensors.count": Typed("int32", 2)}, rows=[Row(f"blk.{number}")])
        hub.put(REPOSITORY, f"big-0000{number}-of-00002.gguf", content)
    model = finish(models.download(REPOSITORY, "big-00002-of-00002.gguf", Cancel()))
    assert (model.name, model.facts.parts) == ("big", 2)
    assert len(list(places.models.iterdir())) == 2
    assert left_over(places) == []
    models.remove(model.id)
    assert list(places.models.iterdir()) == []
