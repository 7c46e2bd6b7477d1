"""A process that went wrong, or was taken over, can end its own job and nothing else."""

import threading
from pathlib import Path

import pytest

from engine import wire
from engine.documents.embedding import Embedder
from engine.documents.reading import Reader
from engine.errors import DocumentTooLarge, EngineError, NotEnoughMemory, WorkerDied, rebuilt
from engine.operation import Cancel
from engine.runtime.inbox import MOST_WAITING_BYTES, Inbox
from engine.runtime.process import Process
from tests.reliability.hostile_frames import frames

BABBLER = "tests.fakes.babbler"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"kind":"Token"}',
        b'{"kind":["Token"],"text":"x"}',
        b'{"kind":"Load","path":"x","context_tokens":1}',  # a request is no report
        b'{"kind":"Token","text":7}',
        b'{"kind":"Token","text":"\\ud800"}',  # half a character
        b'{"kind":"Loading","fraction":' + b"9" * 400 + b"}",
        b'{"kind":"Loading","fraction":NaN}',
        b'{"kind":"Loading","fraction":1e999}',
        b'{"kind":"Reading","done":9223372036854775808,"total":1}',
        b'{"kind":"Reading","done":true,"total":1}',
        b'{"kind":"ModelsMade","paths":["a",7]}',
        b'{"kind":"Drawn","png":"","width":1,"height":1,"boxes":[[1,2,3]]}',
        b'{"kind":"Drawn","png":"","width":1,"height":1,"boxes":[["a","b","c","d"]]}',
        b'{"kind":"Failed","code":"NoModel","facts":[]}',
        b"[" * 100_000,
    ],
    ids=lambda raw: raw[:60].decode("latin-1"),
)
def test_a_line_that_is_no_message_of_ours_is_refused(raw: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.message(raw, wire.REPORTS)


def test_a_thousand_hostile_lines_are_messages_or_refused() -> None:
    for raw in frames(1, 1000):
        try:
            message = wire.message(raw, wire.REPORTS)
        except wire.WireError:
            continue
        assert wire.message(wire.line(message), wire.REPORTS) == message


@pytest.mark.parametrize(
    "facts", [{}, {"self": 1}, {"model": "m", "need_gib": "much", "free_gib": []}, {"why": {"a": 1}}]
)
def test_facts_that_do_not_fit_an_error_make_it_a_process_that_failed(facts: dict[str, object]) -> None:
    assert isinstance(rebuilt("NotEnoughMemory", facts), WorkerDied)


def test_the_facts_of_an_error_are_cut_to_a_length_that_can_be_shown() -> None:
    error = rebuilt("NotEnoughMemory", {"model": "m" * 1_000_000, "need_gib": 1, "free_gib": 1, "context_tokens": 1})
    assert isinstance(error, NotEnoughMemory)
    assert len(str(error)) < 5000


def test_a_reader_that_never_stops_sending_is_ended(tmp_path: Path) -> None:
    reader = Reader(tmp_path, BABBLER)
    try:
        with pytest.raises(DocumentTooLarge, match="more text"):
            reader.read(Path("flood"), "text", Cancel())
    finally:
        reader.close()


def test_what_a_babbling_embedder_sends_is_refused_with_a_reason(tmp_path: Path) -> None:
    for seed in range(3):
        embedder = Embedder(tmp_path / str(seed), module=BABBLER)
        with pytest.raises(EngineError):
            embedder.vectors([str(seed)], Cancel())
        embedder.close()


def test_a_process_is_not_asked_again_from_the_moment_its_end_was_asked_for(tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text("words", encoding="utf-8")
    cancel = Cancel()
    with Process("reader", "tests.fakes.dying_reader", private=tmp_path) as process:
        asked = process.ask(wire.Read(path=str(page), reader="text"), cancel, stop_by_ending=True)
        next(asked)
        assert process.alive
        cancel.press()
        assert not process.alive


def test_what_a_press_calls_is_over_when_the_job_it_was_for_is() -> None:
    """Else a process would be ended in the middle of the next job."""
    cancel, under_way, go_on, happened = Cancel(), threading.Event(), threading.Event(), []

    def end() -> None:
        under_way.set()
        assert go_on.wait(10)
        happened.append("ended")

    with cancel.calling(end):
        pressing = threading.Thread(target=cancel.press)
        pressing.start()
        assert under_way.wait(10)
        threading.Timer(0.1, go_on.set).start()
    happened.append("next job")
    pressing.join()
    assert happened == ["ended", "next job"]


def test_a_process_that_reports_faster_than_anyone_listens_waits() -> None:
    inbox, put = Inbox(), []

    def report() -> None:
        for number in range(5):
            inbox.put(wire.Token(text=str(number)), MOST_WAITING_BYTES // 2)
            put.append(number)

    thread = threading.Thread(target=report)
    thread.start()
    heard = [inbox.get(10.0)]
    thread.join(0.2)
    assert len(put) < 5
    assert thread.is_alive()
    heard += [inbox.get(10.0) for _ in range(4)]
    thread.join(10.0)
    assert [message.text for message in heard if isinstance(message, wire.Token)] == list("01234")


def test_whoever_waits_to_report_goes_on_when_nobody_listens_any_more() -> None:
    inbox = Inbox()
    inbox.put(None, MOST_WAITING_BYTES)
    thread = threading.Thread(target=inbox.put, args=(None, 1))
    thread.start()
    inbox.lift()
    thread.join(10.0)
    assert not thread.is_alive()
