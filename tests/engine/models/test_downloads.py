"""The queue of downloads: kept, in order, some at a time, and nothing of it goes on unasked."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.errors import Cancelled, HubNotFound, HubRefused, NotFound, TextNotAccepted, WorkerDied
from engine.events import Changed, DownloadEnded, Event, Progressed
from engine.models import Downloads, HubToken, Models
from engine.models.downloads import MOST_AT_ONCE
from engine.operation import Cancel, finish
from engine.places import Places
from engine.privacy.keys import Keys
from engine.runtime.keychain_at_hand import KeychainAtHand
from engine.store import Store
from engine.types import DownloadNote, DownloadState, HubFile
from engine.ways import WayIn
from tests.engine.models.downloading import FILE, LARGE, REPOSITORY, SMALL, fetcher_pid
from tests.fakes import tiny_gguf, tiny_projector
from tests.fakes.gguf_bytes import Row, model_bytes, weighed
from tests.fakes.hub import FakeHub
from tests.fakes.keychains import Finder

WAIT_S = 30.0


@pytest.fixture
def downloads(store: Store, models: Models, places: Places) -> Iterator[Downloads]:
    """An empty queue."""
    made = again(store, models, places)
    yield made
    made.stop()


@contextmanager
def at_work(downloads: Downloads, cancel: Cancel) -> Iterator[list[Event]]:
    """Somebody carries out the work meanwhile; what it yields."""
    events: list[Event] = []

    def work() -> None:
        try:
            events.extend(downloads.work(cancel))
        except Cancelled:
            return

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield events
    finally:
        cancel.press()
        thread.join()


def wait(until: Callable[[], bool]) -> None:
    """Until it is so."""
    pause = threading.Event()
    for _ in range(int(WAIT_S / 0.02)):
        if until():
            return
        pause.wait(0.02)
    raise AssertionError("it never came to that")


def again(store: Store, models: Models, places: Places) -> Downloads:
    """The queue as the next start finds it."""
    none = KeychainAtHand(places.private, Finder())
    token = HubToken(places, Keys(places, b"", [], WayIn.FILE), none, models.endpoint)
    return Downloads(store.downloads, models, places, token)


def test_what_is_added_is_fetched_and_leaves_the_queue(downloads: Downloads, models: Models, hub: FakeHub) -> None:
    for name in ("one.gguf", "two.gguf"):
        hub.put(REPOSITORY, name, model_bytes({"general.name": name}))
        downloads.add(REPOSITORY, name)
    events = list(downloads.work(Cancel()))
    assert {model.name for model in models.all()} == {"one", "two"}
    assert downloads.all() == ()
    ended = [event for event in events if isinstance(event, DownloadEnded)]
    assert {event.model.name for event in ended if event.model} == {"one", "two"}
    assert Changed(what="downloads") in events
    assert Changed(what="models") in events
    assert not downloads.due


def test_nothing_is_fetched_before_somebody_works_and_nothing_after_a_restart(
    downloads: Downloads, store: Store, models: Models, places: Places, hub: FakeHub
) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    added = downloads.add(REPOSITORY, FILE)
    assert downloads.due
    next_start = again(store, models, places)
    assert [(one.id, one.state) for one in next_start.all()] == [(added.id, DownloadState.PAUSED)]
    assert not next_start.due
    finish(next_start.work(Cancel()))
    assert hub.requests == []
    next_start.resume(added.id)
    finish(next_start.work(Cancel()))
    assert next_start.all() == ()
    assert len(models.all()) == 1


def test_some_are_fetched_at_once_in_their_order_and_the_others_wait(downloads: Downloads, hub: FakeHub) -> None:
    for number in range(MOST_AT_ONCE + 2):
        content = model_bytes({"general.name": str(number)}, rows=[Row("x", (1024, 256 * (number + 4)))])
        hub.put(REPOSITORY, f"{number}.gguf", content)
        downloads.add(REPOSITORY, f"{number}.gguf")
    hub.stall_after = 1
    with at_work(downloads, Cancel()) as events:
        wait(lambda: sum(one.total_bytes > 0 for one in downloads.all()) == MOST_AT_ONCE)
        states = [one.state for one in downloads.all()]
        assert states == [DownloadState.RUNNING] * MOST_AT_ONCE + [DownloadState.WAITING] * 2
        hub.stall_after = None
        hub.go_on.set()
        wait(lambda: not downloads.all())
    together = [event for event in events if isinstance(event, Progressed) and event.total]
    assert all(event.done <= event.total for event in together)


def test_one_is_paused_and_goes_on_later_while_another_is_fetched(
    downloads: Downloads, models: Models, hub: FakeHub, places: Places
) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.put(REPOSITORY, "other.gguf", weighed(model_bytes(rows=[Row("x", (1024, 5 * 1024))]), 2))
    hub.per_s = 500_000.0
    large, other = downloads.add(REPOSITORY, FILE), downloads.add(REPOSITORY, "other.gguf")
    with at_work(downloads, Cancel()):
        wait(lambda: min(downloads.get(one.id).done_bytes for one in (large, other)) >= 1 << 20)
        downloads.pause(large.id)
        wait(lambda: downloads.get(large.id).state is DownloadState.PAUSED)
        assert downloads.get(other.id).state is DownloadState.RUNNING
        hub.per_s = 0.0
        wait(lambda: len(models.all()) == 1)
    left = downloads.get(large.id)
    assert left.held
    assert left.done_bytes >= 1 << 20
    downloads.resume(large.id)
    finish(downloads.work(Cancel()))
    assert len(models.all()) == 2
    assert {path.suffix for path in places.models.iterdir()} == {".gguf"}


def test_a_stop_of_the_work_keeps_everything(downloads: Downloads, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.stall_after = 6 << 20
    cancel = Cancel()
    added = downloads.add(REPOSITORY, FILE)
    with at_work(downloads, cancel):
        wait(lambda: downloads.get(added.id).done_bytes >= 2 << 20)
    left = downloads.get(added.id)
    assert left.state is DownloadState.PAUSED
    assert not left.held
    assert left.done_bytes >= 2 << 20
    assert not downloads.due


def test_one_that_is_given_up_leaves_nothing_on_the_disk(
    downloads: Downloads, hub: FakeHub, places: Places, store: Store
) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.stall_after = 6 << 20
    added = downloads.add(REPOSITORY, FILE)
    with at_work(downloads, Cancel()):
        wait(lambda: downloads.get(added.id).done_bytes >= 2 << 20)
        finish(downloads.remove(added.id, Cancel()))
        assert list(places.models.iterdir()) == []
        assert downloads.all() == ()
    assert store.downloads.all() == ()
    with pytest.raises(NotFound):
        downloads.get(added.id)


def test_the_order_is_changed_and_kept(downloads: Downloads, store: Store, models: Models, places: Places) -> None:
    numbers = [downloads.add(REPOSITORY, f"{name}.gguf").id for name in "abc"]
    downloads.move(numbers[2], -1)
    downloads.move(numbers[0], -1)
    downloads.move(numbers[1], 1)
    wanted = [numbers[0], numbers[2], numbers[1]]
    assert [one.id for one in downloads.all()] == wanted
    assert [one.id for one in again(store, models, places).all()] == wanted


def test_a_model_is_in_the_queue_once_whichever_of_its_parts_is_named(downloads: Downloads) -> None:
    first = downloads.add(REPOSITORY, "big-00001-of-00002.gguf")
    assert downloads.add(REPOSITORY, "big-00002-of-00002.gguf").id == first.id
    assert downloads.add(REPOSITORY, "big-00001-of-00002.gguf", revision="v2").id != first.id


def test_what_is_no_name_does_not_enter_the_queue(downloads: Downloads) -> None:
    with pytest.raises(TextNotAccepted):
        downloads.add("../x", FILE)
    with pytest.raises(TextNotAccepted):
        downloads.add(REPOSITORY, FILE, projector=HubFile("../x.gguf", 1))
    assert downloads.all() == ()


def test_what_the_hub_does_not_have_leaves_the_queue_with_its_reason(downloads: Downloads, hub: FakeHub) -> None:
    hub.put(REPOSITORY, "other.gguf", SMALL)
    downloads.add(REPOSITORY, FILE)
    (ended,) = [event for event in downloads.work(Cancel()) if isinstance(event, DownloadEnded)]
    assert isinstance(ended.error, HubNotFound)
    assert downloads.all() == ()


def test_one_that_fails_on_its_way_stays_with_its_reason_also_after_a_restart(
    downloads: Downloads, hub: FakeHub, store: Store, models: Models, places: Places
) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.stall_after = 6 << 20
    added = downloads.add(REPOSITORY, FILE)
    with at_work(downloads, Cancel()) as events:
        wait(lambda: downloads.get(added.id).done_bytes >= 2 << 20)
        hub.files.clear()
        os.kill(fetcher_pid(), signal.SIGKILL)
        wait(lambda: any(isinstance(event, DownloadEnded) for event in events))
    for queue in (downloads, again(store, models, places)):
        left = queue.get(added.id)
        assert left.state is DownloadState.FAILED
        assert isinstance(left.error, WorkerDied)
        assert left.done_bytes >= 2 << 20


def test_a_token_is_used_and_not_kept_unasked(
    downloads: Downloads, hub: FakeHub, store: Store, models: Models, places: Places, tmp_path: Path
) -> None:
    hub.put(REPOSITORY, FILE, LARGE, token="hf_secret")
    added = downloads.add(REPOSITORY, FILE, token="hf_secret")
    assert not added.needs_token
    hub.stall_after = 6 << 20
    with at_work(downloads, Cancel()):
        wait(lambda: downloads.get(added.id).done_bytes >= 2 << 20)
    hub.stall_after = None
    hub.go_on.set()
    assert "hf_secret" not in repr(store.downloads.all())
    later = again(store, models, places)
    assert later.get(added.id).needs_token
    later.resume(added.id)
    (ended,) = [event for event in later.work(Cancel()) if isinstance(event, DownloadEnded)]
    assert isinstance(ended.error, HubRefused)
    assert later.get(added.id).state is DownloadState.FAILED  # what has arrived is not thrown away
    assert not later.resume(added.id, token="hf_secret").needs_token
    finish(later.work(Cancel()))
    assert len(models.all()) == 1


def test_only_what_is_named_is_fetched(downloads: Downloads, models: Models, hub: FakeHub) -> None:
    for name in ("one.gguf", "two.gguf"):
        hub.put(REPOSITORY, name, model_bytes({"general.name": name}))
    first, second = (downloads.add(REPOSITORY, name) for name in ("one.gguf", "two.gguf"))
    finish(downloads.work(Cancel(), only=[second.id]))
    assert [model.name for model in models.all()] == ["two"]
    assert [one.id for one in downloads.all()] == [first.id]


def test_a_second_worker_leaves_the_work_to_the_first(downloads: Downloads, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.stall_after = 1 << 20
    added = downloads.add(REPOSITORY, FILE)
    with at_work(downloads, Cancel()):
        wait(lambda: downloads.get(added.id).state is DownloadState.RUNNING)
        assert list(downloads.work(Cancel())) == []
        assert downloads.get(added.id).state is DownloadState.RUNNING


def test_model_and_projector_are_one_download(downloads: Downloads, hub: FakeHub, tmp_path: Path) -> None:
    hub.put(REPOSITORY, FILE, tiny_gguf.write(tmp_path / "owl.gguf").read_bytes())
    projector = tiny_projector.write(tmp_path / "p.gguf").read_bytes()
    hub.put(REPOSITORY, "mmproj-F16.gguf", projector)
    downloads.add(REPOSITORY, FILE, projector=HubFile("mmproj-F16.gguf", len(projector)))
    events = list(downloads.work(Cancel()))
    (ended,) = [event for event in events if isinstance(event, DownloadEnded)]
    assert ended.model is not None
    assert ended.model.projector is not None
    assert ended.download.done_bytes == ended.download.total_bytes


def test_what_is_odd_about_a_download_is_seen_on_it(downloads: Downloads, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE)
    hub.knows_ranges, hub.stall_after = False, 6 << 20
    added = downloads.add(REPOSITORY, FILE)
    with at_work(downloads, Cancel()):
        wait(lambda: downloads.get(added.id).note is DownloadNote.RANGES)


def test_an_engine_has_its_queue_and_stops_it_when_it_closes(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    hub.put(REPOSITORY, FILE, LARGE)
    with Engine.open(Places(tmp_path / "data")) as engine:
        engine.downloads.add(REPOSITORY, FILE)
    with Engine.open(Places(tmp_path / "data")) as engine:
        (kept,) = engine.downloads.all()
        engine.downloads.resume(kept.id)
        finish(engine.downloads.work(Cancel()))
        assert len(engine.models.all()) == 1
