"""Fetching over several connections: what servers and disks do to it, and that the file is right all the same."""

import hashlib
import random
import threading
from pathlib import Path

import pytest

from engine import wire
from engine.errors import DownloadCorrupt, HubRefused, HubUnreachable, NoRoomForDownload
from engine.models import Models, download
from engine.models.download import Wanted
from engine.operation import Cancel, finish
from engine.places import Places
from engine.types import DownloadNote
from engine.worker.fetcher import host as host_module
from engine.worker.fetcher import hub as hub_module
from engine.worker.fetcher.connections import Watch
from engine.worker.fetcher.hub import MOST_CONNECTIONS, Hub
from engine.worker.fetcher.part import PIECE_BYTES, Part
from engine.worker.fetcher.patience import seconds_asked
from engine.worker.fetcher.spans import Spans
from engine.worker.fetcher.throttle import Throttle
from engine.worker.fetcher.transfer import Transfer
from tests.engine.models.downloading import FILE, LARGE, MOST_AGAIN_BYTES, REPOSITORY, SMALL, left_over, stalled, told
from tests.fakes.gguf_bytes import Row, Typed, model_bytes, weighed
from tests.fakes.hub import FakeHub


def stop_in_the_middle(hub: FakeHub, models: Models) -> None:
    """Leave a download of which most has arrived."""
    with stalled(hub, models, Cancel()) as left:
        left.close()
    hub.sent = 0


def unfinished(places: Places, ending: str) -> Path:
    """The file of an unfinished download."""
    (found,) = places.models.glob(f"*.{ending}")
    return found


def flip(path: Path, at: int) -> None:
    """Change one bit."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 16]))


# Connections.


def test_several_connections_bring_one_file_and_no_more_than_are_allowed(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.latency_s, hub.per_s = 0.02, 4e6
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == LARGE
    assert 3 <= hub.most_seen <= MOST_CONNECTIONS
    assert hub.sent == len(LARGE)


def test_a_server_that_takes_few_connections_gets_few(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.most_bodies, hub.retry_after, hub.per_s = 2, "0", 20e6
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == LARGE
    assert hub.most_seen <= 2
    assert hub.sent == len(LARGE)


def test_more_connections_are_kept_only_where_they_bring_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("engine.worker.fetcher.throttle.time.monotonic", lambda: now[0])
    throttle, arrived = Throttle(), 0
    throttle.open(0)
    limits = []
    for per_s in (40, 60, 60, 60, 60):
        now[0] += 1.0
        arrived += per_s
        throttle.look(arrived, all_at_work=True)
        limits.append(throttle.limit)
    assert limits == [6, 8, 8, 8, 8]
    throttle.busy()
    throttle.busy()
    assert throttle.limit == 4


def test_stretches_that_are_taken_and_given_back_cover_what_was_missing_once() -> None:
    chance = random.Random(5)
    missing = [(0, 9 * PIECE_BYTES), (12 * PIECE_BYTES, 40 * PIECE_BYTES + 77)]
    spans, brought = Spans(missing), []
    while span := spans.take(chance.choice([0.0, 1e5, 3e6]), 3):
        start, end = span
        come_to = chance.choice([start, end, min(start + PIECE_BYTES, end)])
        if come_to > start:
            brought.append((start, come_to))
        spans.give_back(come_to, end)
    at = 0
    for start, end in sorted(brought):
        assert start >= at
        at = end
    assert sum(end - start for start, end in brought) == sum(end - start for start, end in missing)


def test_a_connection_that_falls_silent_is_broken_off_and_its_rest_asked_for_again(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_module, "READ_S", 0.3)
    monkeypatch.setattr(hub_module, "READ_S", 0.3)
    hub.put(REPOSITORY, FILE, LARGE)
    hub.stall_after = 6 << 20
    request = wire.Fetch(endpoint=hub.endpoint, repository=REPOSITORY, files=((FILE, "k", ""),), folder=str(tmp_path))
    watch = Watch()
    watch.tell = lambda line: None
    notes: list[str] = []

    def go_on() -> None:
        assert hub.stalled.wait(10)
        hub.stall_after = None

    waiting = threading.Thread(target=go_on)
    waiting.start()
    with Hub(request, FILE, watch) as asked:
        announced = asked.announced("main")
        with Part(tmp_path, "k", FILE, announced) as part:
            part.reserve()
            part.follow()
            Transfer(part, asked, lambda done, connections: None, lambda note, number: notes.append(note)).fill()
            assert part.whole.digests()[0] == hashlib.sha256(LARGE).hexdigest()
            part.finish(tmp_path / "whole")
    waiting.join()
    assert (tmp_path / "whole").read_bytes() == LARGE
    assert notes == []


# Servers.


def test_a_server_that_knows_no_ranges_is_told_of_and_brings_all_of_it(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.knows_ranges = False
    notes, model = told(models.download(REPOSITORY, FILE, Cancel()))
    assert model.path.read_bytes() == LARGE
    assert [note.note for note in notes] == [DownloadNote.RANGES]
    assert hub.sent == len(LARGE)


def test_a_server_that_knows_no_ranges_begins_anew_where_its_connection_broke(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.knows_ranges, hub.cut_after = False, 5 << 20
    notes, model = told(models.download(REPOSITORY, FILE, Cancel()))
    assert model.path.read_bytes() == LARGE
    assert [note.note for note in notes] == [DownloadNote.RANGES]


def test_a_server_that_forgets_ranges_between_two_visits_sends_it_all(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    stop_in_the_middle(hub, models)
    hub.knows_ranges = False
    notes, model = told(models.download(REPOSITORY, FILE, Cancel()))
    assert model.path.read_bytes() == LARGE
    assert [note.note for note in notes] == [DownloadNote.RANGES]


def test_an_address_that_holds_no_longer_is_asked_for_anew(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE, token="hf_secret")
    hub.address_holds = 2
    model = finish(models.download(REPOSITORY, FILE, Cancel(), token="hf_secret"))
    assert model.path.read_bytes() == LARGE
    assert len(hub.asked_of) > 1
    assert hub.sent == len(LARGE)
    assert all("authorization" not in request.headers for request in hub.bodies())


def test_an_address_that_never_holds_is_a_refusal(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    hub.redirect_to = f"{hub.endpoint}/storage/nothing?x=1".replace("127.0.0.1", "localhost")
    hub.address_holds, hub.asked_of["/storage/nothing?x=1"] = 1, 9
    with pytest.raises(HubRefused, match="answered with 403"):
        finish(models.download(REPOSITORY, FILE, Cancel()))


def test_bodies_that_end_too_soon_are_asked_for_again_from_there(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.short_bodies = 2
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == LARGE
    assert hub.sent - len(LARGE) <= 2 * PIECE_BYTES


def test_a_server_that_asks_for_rest_gets_it_and_the_person_is_told(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    stop_in_the_middle(hub, models)
    hub.most_bodies, hub.retry_after = 1, "3"
    notes, model = told(models.download(REPOSITORY, FILE, Cancel()))
    assert model.path.read_bytes() == LARGE
    assert {(note.note, note.number) for note in notes} <= {(DownloadNote.WAITS, 3)}


def test_a_server_that_asks_for_very_long_rest_is_told_of_and_not_waited_for(models: Models, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    hub.troubled, hub.retry_after = 100, "86400"
    with pytest.raises(HubUnreachable, match="503"):
        finish(models.download(REPOSITORY, FILE, Cancel()))


def test_the_seconds_of_a_rest_are_read_from_a_number_or_a_moment() -> None:
    assert seconds_asked("7") == 7.0
    assert seconds_asked("Thu, 01 Jan 1970 00:00:00 GMT") == 0.0
    assert seconds_asked("Fri, 01 Jan 2100 00:00:00 GMT") > 1e9
    assert seconds_asked("soon") == seconds_asked("") == 0.0


def test_a_storage_that_tells_of_another_size_is_not_believed(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.other_size = len(LARGE) + 1
    with pytest.raises(DownloadCorrupt, match="not as large"):
        finish(models.download(REPOSITORY, FILE, Cancel()))
    assert list(places.models.iterdir()) == []


def test_a_file_that_git_keeps_is_fetched_and_checked(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, LARGE, lfs=False)
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == LARGE
    assert left_over(places) == []


# Disks.


def test_a_bit_that_flipped_on_the_disk_is_found_and_that_piece_fetched_again(
    models: Models, hub: FakeHub, places: Places
) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    stop_in_the_middle(hub, models)
    flip(unfinished(places, "part"), PIECE_BYTES // 2)
    notes, model = told(models.download(REPOSITORY, FILE, Cancel()))
    assert model.path.read_bytes() == LARGE
    assert [(note.note, note.number) for note in notes] == [(DownloadNote.DAMAGED, 1)]
    assert hub.sent <= MOST_AGAIN_BYTES + (2 << 20) + PIECE_BYTES
    assert left_over(places) == []


@pytest.mark.parametrize("at", [0, 20, 45, 60, 64, 100])
def test_a_journal_that_was_damaged_costs_what_it_no_longer_tells_and_nothing_else(
    models: Models, hub: FakeHub, places: Places, at: int
) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    stop_in_the_middle(hub, models)
    flip(unfinished(places, "journal"), at)
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == LARGE
    assert left_over(places) == []


def test_what_an_earlier_version_left_unfinished_is_begun_anew(models: Models, hub: FakeHub, places: Places) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    key = download.key(Wanted.checked(REPOSITORY, FILE, "main", ""), hub.endpoint)
    (places.models / f"{key}.part").write_bytes(b"x" * 1000)
    (places.models / f"{key}.json").write_text("{}")
    assert finish(models.download(REPOSITORY, FILE, Cancel())).path.read_bytes() == LARGE
    assert left_over(places) == []


def test_a_disk_that_takes_no_file_so_large_is_told_with_the_numbers_and_nothing_is_left(
    models: Models, hub: FakeHub, places: Places
) -> None:
    resource = pytest.importorskip("resource")  # not on every system
    hub.put(REPOSITORY, FILE, LARGE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10 << 20, before[1]))
    try:
        with pytest.raises(NoRoomForDownload, match=f"needs {len(LARGE):,} bytes more .* takes no file so large"):
            finish(models.download(REPOSITORY, FILE, Cancel()))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert hub.bodies() == []
    assert list(places.models.iterdir()) == []


# Models in several parts.


def parts(hub: FakeHub) -> list[bytes]:
    """A model in two parts, on the hub."""
    contents = []
    for number in (1, 2):
        split = {"split.count": Typed("uint16", 2), "split.no": Typed("uint16", number - 1)}
        rows = [Row(f"blk.{number}", (1024, 3 * 1024))]
        contents.append(weighed(model_bytes({**split, "split.tensors.count": Typed("int32", 2)}, rows=rows), number))
        hub.put(REPOSITORY, f"big-0000{number}-of-00002.gguf", contents[-1])
    return contents


def test_no_part_has_its_name_before_all_are_here_and_none_comes_twice(
    models: Models, hub: FakeHub, places: Places
) -> None:
    first, second = parts(hub)
    hub.stall_after = len(first) + (2 << 20)
    left = models.download(REPOSITORY, "big-00001-of-00002.gguf", Cancel())
    next(left)
    assert hub.stalled.wait(20)
    left.close()
    assert len(list(places.models.glob("*.part"))) == 2
    assert list(places.models.glob("*.gguf")) == []
    hub.stall_after = None
    hub.go_on.set()
    model = finish(models.download(REPOSITORY, "big-00001-of-00002.gguf", Cancel()))
    assert [path.read_bytes() for path in sorted(places.models.iterdir())] == [first, second]
    assert model.facts.parts == 2
    assert hub.sent - len(first) - len(second) <= MOST_AGAIN_BYTES


def test_parts_need_room_for_all_of_them_before_anything_is_fetched(
    models: Models, hub: FakeHub, places: Places
) -> None:
    parts(hub)
    hub.announced_bytes = 1 << 54
    with pytest.raises(NoRoomForDownload, match=f"needs {2 << 54:,} bytes more"):
        finish(models.download(REPOSITORY, "big-00001-of-00002.gguf", Cancel()))
    assert hub.bodies() == []
    assert list(places.models.iterdir()) == []
