"""What was read of a chat is kept, and read no more after a start: real llama.cpp, real files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Signal

import pytest

from engine.errors import Cancelled, StateNotUsable
from engine.operation import Cancel, finish
from engine.runtime import Runtime
from engine.runtime.keeper import Keeper
from engine.runtime.seat import Seat
from engine.runtime.states import States
from engine.types import Model, Role, Turn, Wanted, Written
from engine.worker.model.memory import STRETCH_TOKENS
from tests.fakes.tiny_gguf import tiny_model

GREEDY = Wanted(answer_tokens=24, temperature=0.0)
SECRET = bytes(range(32))
CHAT = 7
KINDS = ("llama", "cohere2", "mamba", "lfm2")
LONG = " ".join(f"word{number}" for number in range(120))


class Days:
    """One data folder, opened anew for each day."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.room_bytes = folder, 1 << 30
        self.troubles: list[BaseException] = []

    def day(self, rest_s: float = 3600.0, worth_s: float = 0.0, kind: type[Keeper] = Keeper) -> Runtime:
        states = States(self.folder / "states", SECRET, lambda: self.room_bytes, self.troubles.append)
        return Runtime(self.folder / "private", keeper=kind(states, rest_s=rest_s, worth_s=worth_s, parting_s=600.0))

    def ask(self, model: Model, *said: list[Turn], chat: int = CHAT, wanted: Wanted = GREEDY) -> list[Written]:
        """The answers of one day, each to another conversation."""
        runtime = self.day()
        try:
            return [finish(runtime.generate(model, turns, wanted, Cancel(), chat)) for turns in said]
        finally:
            runtime.close()

    @property
    def files(self) -> list[Path]:
        """The first stretch of each chat before the others."""
        return sorted((self.folder / "states").glob("*"), key=lambda path: (path.name.count("."), path.name))

    @property
    def chats(self) -> set[str]:
        return {path.name.partition("-")[0] for path in self.files}


class HurriedKeeper(Keeper):
    """Has time for one stretch when processes go."""

    def _pieces(self, seat: Seat, start: int, end: int, until: float | None) -> Iterator[bytes]:
        if start and until is not None:
            raise Cancelled
        yield from super()._pieces(seat, start, end, until)


class LateKeeper(Keeper):
    """Hears so late of processes that go, that its thread has looked at their chats meanwhile."""

    def parting(self, *seats: Seat) -> None:
        Signal().wait(0.5)
        super().parting(*seats)


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path)


@pytest.fixture(scope="module", params=KINDS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return tiny_model(tmp_path_factory.mktemp("models") / f"{request.param}.gguf", architecture=request.param)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return tiny_model(tmp_path_factory.mktemp("models") / "plain.gguf")


def turns(*texts: str) -> list[Turn]:
    return [Turn(role=(Role.USER, Role.ASSISTANT)[i % 2], text=text) for i, text in enumerate(texts)]


def test_a_chat_goes_on_the_next_day_as_if_nothing_had_been(days: Days, model: Model, tmp_path: Path) -> None:
    said = turns(LONG, "An answer.", LONG[:200])
    first = days.ask(model, said)[0]
    assert days.chats == {str(CHAT)}
    on = [*said, Turn(role=Role.ASSISTANT, text=first.text), Turn(role=Role.USER, text="And then?")]
    again = days.ask(model, on)[0]
    fresh = Days(tmp_path / "other").ask(model, on)[0]
    assert again.text == fresh.text
    assert fresh.speed.reused_tokens == 0
    assert again.speed.reused_tokens > first.speed.prompt_tokens - 80  # of an answer that is told in other tokens
    assert again.note == fresh.note == ""
    assert not days.troubles


def test_another_try_and_an_edit_the_next_day_read_only_the_last_turn(days: Days, model: Model, tmp_path: Path) -> None:
    said, edited = turns(LONG, "An answer.", "Why?"), turns(LONG, "An answer.", "How?")
    first = days.ask(model, said)[0]
    again, other = days.ask(model, said, edited)
    assert again.text == first.text
    assert other.text == Days(tmp_path / "other").ask(model, edited)[0].text
    turn = first.speed.prompt_tokens - 60
    assert again.speed.reused_tokens > turn
    assert other.speed.reused_tokens > turn


def test_a_damaged_file_is_told_of_and_the_chat_is_read_again(days: Days, plain: Model) -> None:
    said = turns(LONG)
    first = days.ask(plain, said)[0]
    for damage in (lambda raw: raw[:-1], lambda raw: raw[:-200] + bytes(100) + raw[-100:]):
        raw = days.files[0].read_bytes()
        days.files[0].write_bytes(damage(raw))
        again = days.ask(plain, said)[0]
        assert again.text == first.text
        assert again.speed.reused_tokens == 0
        assert "damaged" in again.note
        assert days.chats == {str(CHAT)}  # kept anew
    assert [type(trouble) for trouble in days.troubles] == [StateNotUsable] * 2
    assert days.ask(plain, said)[0].speed.reused_tokens == first.speed.prompt_tokens - 1


def test_with_another_context_or_another_file_of_the_model_the_chat_is_read_again(days: Days, plain: Model) -> None:
    said = turns(LONG)
    days.ask(plain, said)
    other = days.ask(plain, said, wanted=Wanted(answer_tokens=24, temperature=0.0, context_tokens=1536))[0]
    assert other.speed.reused_tokens == 0
    assert "not the same any more" in other.note
    plain.path.touch()
    other = days.ask(plain, said, wanted=Wanted(answer_tokens=24, temperature=0.0, context_tokens=1536))[0]
    assert other.speed.reused_tokens == 0
    assert "not the same any more" in other.note


def test_a_state_is_not_sent_where_it_saves_nothing(days: Days, plain: Model) -> None:
    days.ask(plain, turns(LONG))
    before = days.files[0].read_bytes()
    other, again = days.ask(plain, turns("Something else altogether " * 40), turns("Something else altogether " * 40))
    assert other.speed.reused_tokens < 30
    assert again.speed.reused_tokens == again.speed.prompt_tokens - 1  # what the process holds itself
    assert other.note == ""
    assert days.files[0].read_bytes() != before  # in its place now: what was said last


def test_nothing_is_kept_of_a_temporary_chat_an_erased_one_or_without_room(days: Days, plain: Model) -> None:
    days.ask(plain, turns(LONG), chat=-3)
    days.ask(plain, turns(LONG), chat=0)
    assert not days.files
    runtime = days.day()
    finish(runtime.generate(plain, turns(LONG), GREEDY, Cancel(), CHAT))
    runtime.forget_chat(CHAT)
    runtime.close()
    assert not days.files
    days.room_bytes = 1000
    days.ask(plain, turns(LONG))
    assert not days.files


def test_what_is_soon_read_again_is_not_kept(days: Days, plain: Model) -> None:
    runtime = days.day(worth_s=3600.0)
    finish(runtime.generate(plain, turns(LONG), GREEDY, Cancel(), CHAT))
    runtime.close()
    assert not days.files


def test_a_chat_that_rests_is_kept_while_the_program_runs_and_others_are_answered(days: Days, plain: Model) -> None:
    runtime = days.day(rest_s=0.05)
    try:
        first = finish(runtime.generate(plain, turns(LONG), GREEDY, Cancel(), CHAT))
        assert until(lambda: [path.name for path in days.files] == ["7-1.state", "7-1.1.state"])
        assert runtime.loaded() == (plain.id,)
        assert finish(runtime.generate(plain, turns(LONG), GREEDY, Cancel(), 0)).text == first.text
    finally:
        runtime.close()
    assert days.ask(plain, turns(LONG))[0].speed.reused_tokens == first.speed.prompt_tokens - 1


def test_an_unloaded_model_leaves_its_chats_and_a_stop_while_a_state_comes_is_a_stop(days: Days, plain: Model) -> None:
    runtime = days.day()
    try:
        finish(runtime.generate(plain, turns(LONG), GREEDY, Cancel(), CHAT))
        runtime.unload(plain.id)
        assert days.chats == {str(CHAT)}
        cancel = Cancel()
        cancel.press()
        with pytest.raises(Cancelled):
            finish(runtime.generate(plain, turns(LONG), GREEDY, cancel, CHAT))
        again = finish(runtime.generate(plain, turns(LONG), GREEDY, Cancel(), CHAT))
        assert again.speed.reused_tokens == again.speed.prompt_tokens - 1
    finally:
        runtime.close()


def test_a_chat_is_kept_although_its_rest_ends_while_its_process_is_let_go(days: Days, plain: Model) -> None:
    for chat in (CHAT, CHAT + 1):
        runtime = days.day(rest_s=0.1, kind=LateKeeper)
        finish(runtime.generate(plain, turns(LONG), GREEDY, Cancel(), chat))
        if chat != CHAT:
            runtime.unload(plain.id)
        runtime.close()
    assert days.chats == {str(CHAT), str(CHAT + 1)}


def test_a_turn_writes_what_it_added_and_what_was_kept_stays_as_it_is(days: Days, plain: Model) -> None:
    first = days.ask(plain, turns(LONG))[0]
    kept = [path.read_bytes() for path in days.files]
    assert len(kept) == 2
    on = [*turns(LONG), Turn(role=Role.ASSISTANT, text=first.text), Turn(role=Role.USER, text=LONG[:400])]
    days.ask(plain, on)
    assert [path.name for path in days.files] == ["7-1.state", "7-1.1.state", "7-1.2.state"]
    assert days.files[0].read_bytes() == kept[0]
    assert days.files[1].read_bytes() != kept[1]  # it was not full
    again = days.ask(plain, on)[0]
    assert again.speed.reused_tokens == again.speed.prompt_tokens - 1
    assert not days.troubles


def test_what_had_no_time_while_the_window_closed_is_all_that_is_lost(days: Days, plain: Model) -> None:
    runtime = days.day(kind=HurriedKeeper)
    first = finish(runtime.generate(plain, turns(LONG), GREEDY, Cancel(), CHAT))
    runtime.close()
    assert [path.name for path in days.files] == ["7-1.state"]
    again = days.ask(plain, turns(LONG))[0]
    assert again.speed.reused_tokens == STRETCH_TOKENS
    assert again.text == first.text
    assert again.note == ""
    assert [path.name for path in days.files] == ["7-1.state", "7-1.1.state"]


def test_of_a_damaged_stretch_only_what_is_behind_it_is_read_again(days: Days, plain: Model) -> None:
    first = days.ask(plain, turns(LONG))[0]
    days.files[1].write_bytes(days.files[1].read_bytes()[:-1])
    again = days.ask(plain, turns(LONG))[0]
    assert again.text == first.text
    assert again.speed.reused_tokens == STRETCH_TOKENS
    assert [type(trouble) for trouble in days.troubles] == [StateNotUsable]


def test_a_seed_is_read_as_if_nothing_had_been_kept(days: Days, plain: Model) -> None:
    seeded = Wanted(answer_tokens=24, temperature=1.0, seed=5)
    first = days.ask(plain, turns(LONG), wanted=seeded)[0]
    again = days.ask(plain, turns(LONG), wanted=seeded)[0]
    assert again.text == first.text
    assert again.speed.reused_tokens == 0
    assert again.note == ""


def until(done: Callable[[], bool], seconds: int = 120) -> bool:
    """Whether it comes about."""
    return any(done() or Signal().wait(0.05) for _ in range(seconds * 20))
