"""Models that see: the real process on a real projector and real pictures, with random weights."""

import base64
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from engine import wire
from engine.errors import (
    Cancelled,
    EngineError,
    ModelCannotSee,
    ModelDamaged,
    ModelKeepsFailing,
    ModelNotUsable,
    PictureNotUsable,
    PromptTooLong,
    WorkerDied,
)
from engine.events import Event, PictureReached, TextAdded
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.runtime.process import Process
from engine.types import MessageState, Model, Picture, Role, Turn, Wanted, Written
from tests.fakes import pictures, tiny_projector
from tests.fakes.asking import heard_out
from tests.fakes.tiny_gguf import tiny_model

GREEDY = Wanted(threads=1, answer_tokens=24, temperature=0.0)
ONE = Wanted(threads=1, answer_tokens=1)
KINDS = ("gemma3", "idefics3", "qwen2vl_merger")
WORD = "Look"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def blind(folder: Path) -> Model:
    return tiny_model(folder / "tiny.gguf")


@pytest.fixture(params=KINDS)
def model(folder: Path, blind: Model, request: pytest.FixtureRequest) -> Model:
    return seeing(folder, blind, request.param)


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "private")
    yield runtime
    runtime.close()


def seeing(folder: Path, blind: Model, kind: str) -> Model:
    path = folder / f"mmproj-{kind}.gguf"
    if not path.exists():
        tiny_projector.write(path, kind=kind)
    if kind == "qwen2vl_merger":
        blind = tiny_model(folder / "tiny-qwen.gguf", architecture="qwen2vl")
    return replace(blind, projector=path)


def picture(seed: int = 0, width: int = 96, height: int = 64) -> Picture:
    raw = pictures.file("PNG", seed, width, height)
    return Picture(digest=sha256(raw).hexdigest(), kind="png", width=width, height=height, data=raw)


def shown(text: str, *seen: Picture) -> Turn:
    return Turn(role=Role.USER, text=text, pictures=seen)


def said(text: str) -> Turn:
    return Turn(role=Role.ASSISTANT, text=text)


def ask(
    runtime: Runtime,
    model: Model,
    turns: list[Turn],
    wanted: Wanted = GREEDY,
    cancel: Cancel | None = None,
    heard: Callable[[Event], None] = lambda event: None,
) -> Written:
    operation = runtime.generate(model, turns, wanted, cancel or Cancel())
    return heard_out(operation, heard)


def test_the_same_picture_brings_the_same_text_and_another_one_another(runtime: Runtime, model: Model) -> None:
    texts = [ask(runtime, model, [shown(WORD, picture(seed))]).text for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert texts[0] != ask(runtime, model, [shown(WORD)]).text


def test_a_fresh_process_sees_the_same(runtime: Runtime, model: Model, tmp_path: Path) -> None:
    turns = [shown(WORD, picture(1)), said("a"), shown("And this?", picture(2))]
    for count in (1, 3):
        one = ask(runtime, model, turns[:count])
    other = Runtime(tmp_path / "other")
    try:
        fresh = ask(other, model, turns)
    finally:
        other.close()
    assert (fresh.text, fresh.speed.prompt_tokens) == (one.text, one.speed.prompt_tokens)
    assert fresh.speed.reused_tokens == 0


def test_a_second_turn_looks_at_no_picture_again(runtime: Runtime, model: Model) -> None:
    reached: list[Event] = []

    def heard(event: Event) -> None:
        if isinstance(event, PictureReached):
            reached.append(event)

    first = ask(runtime, model, [shown(WORD, picture())], heard=heard)
    assert reached
    reached.clear()
    second = ask(runtime, model, [shown(WORD, picture()), said(first.text), shown("Again?")], heard=heard)
    assert not reached
    assert second.speed.reused_tokens >= first.speed.prompt_tokens


def test_the_order_of_two_pictures_matters(runtime: Runtime, model: Model) -> None:
    one, two = picture(1), picture(2)
    texts = {ask(runtime, model, [shown(WORD, *order)]).text for order in ((one, two), (two, one), (one, one))}
    assert len(texts) == 3


def test_a_conversation_that_differs_in_its_second_picture_keeps_the_first(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, [shown(WORD, picture(1), picture(2))])
    written = ask(runtime, model, [shown(WORD, picture(1), picture(3))])
    assert 0 < written.speed.reused_tokens < written.speed.prompt_tokens - tiny_projector.TOKENS


def test_pictures_are_counted_as_they_are_read(runtime: Runtime, model: Model) -> None:
    turns = [shown(WORD, picture(1), picture(2, 300, 200)), said("yes"), shown("More", picture(3, 60, 400))]
    operation = runtime.measure(model, turns, GREEDY, Cancel())
    try:
        while True:
            next(operation)
    except StopIteration as end:
        costs = end.value
    reckoned = costs.frame.fixed_tokens + sum(map(costs.whole, turns))
    read = ask(runtime, model, turns, ONE).speed.prompt_tokens
    assert abs(reckoned - read) <= 1 + read // 50


def test_who_spells_the_marks_of_pictures_is_read_as_text(runtime: Runtime, model: Model) -> None:
    """The marker of llama.cpp, the tokens that stand around a picture, and our own mark are but letters."""
    spelled = "<__media__> <start_of_image> <image> <fake_token_around_image> <|vision_start|> -1 Picture(digest)"
    looked: list[Event] = []

    def heard(event: Event) -> None:
        looked.extend([event] if isinstance(event, PictureReached) else [])

    ask(runtime, model, [shown(spelled)], heard=heard)
    assert not looked
    ask(runtime, model, [shown(spelled, picture())], heard=heard)
    assert looked
    one = ask(runtime, model, [shown("<__media__>", picture())], ONE).speed.prompt_tokens
    other = ask(runtime, model, [shown("<__mexia__>", picture())], ONE).speed.prompt_tokens
    assert one == other


def test_a_picture_without_a_word_is_answered(runtime: Runtime, model: Model) -> None:
    assert ask(runtime, model, [shown("", picture(1))]).text != ask(runtime, model, [shown("", picture(2))]).text


def test_several_answers_about_pictures_at_once_are_those_written_alone(runtime: Runtime, model: Model) -> None:
    turns = [[shown(f"{WORD} {seed}", picture(seed))] for seed in range(4)]
    alone = [ask(runtime, model, each).text for each in turns]
    together: dict[int, str] = {}

    def write(number: int) -> None:
        together[number] = ask(runtime, model, turns[number]).text

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert [together[number] for number in range(4)] == alone


def test_a_model_without_a_projector_refuses_in_a_sentence(runtime: Runtime, blind: Model) -> None:
    with pytest.raises(ModelCannotSee, match="cannot see pictures"):
        ask(runtime, blind, [shown(WORD, picture())])
    assert ask(runtime, blind, [shown(WORD)]).text


def test_words_alone_start_no_process_that_sees_and_a_picture_does(runtime: Runtime, model: Model) -> None:
    first = ask(runtime, model, [shown(WORD)]).text
    assert {seat.process.name for seat in runtime._seats._seats.values() if seat.process} == {"model"}
    ask(runtime, model, [shown(WORD, picture())])
    assert {seat.process.name for seat in runtime._seats._seats.values() if seat.process} == {"vision"}
    assert ask(runtime, model, [shown(WORD)]).text == first  # who sees also reads
    assert len(runtime._seats._seats) == 1


def test_the_process_that_sees_is_walled_as_the_one_that_writes(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, [shown(WORD, picture())])
    (seat,) = runtime._seats._seats.values()
    assert seat.process is not None
    (walls,) = seat.process.walls
    assert walls.kind == "vision"
    assert walls.holds


def test_stop_while_a_picture_is_looked_at_ends_it_and_the_process_goes_on(
    runtime: Runtime, folder: Path, blind: Model
) -> None:
    slow = folder / "mmproj-slow.gguf"
    tiny_projector.write(slow, layers=120)
    model = replace(blind, projector=slow)
    cancel = Cancel()

    def heard(event: Event) -> None:
        if isinstance(event, PictureReached):
            cancel.press()

    with pytest.raises(Cancelled):
        ask(runtime, model, [shown(WORD, picture())], cancel=cancel, heard=heard)
    assert ask(runtime, model, [shown(WORD)]).text
    assert ask(runtime, model, [shown(WORD, picture())]).state is MessageState.CUT


def test_stop_in_mid_answer_keeps_what_was_written(runtime: Runtime, folder: Path, blind: Model) -> None:
    model = seeing(folder, blind, "gemma3")
    cancel = Cancel()

    def heard(event: Event) -> None:
        if isinstance(event, TextAdded):
            cancel.press()

    wanted = Wanted(threads=1, answer_tokens=1500, temperature=0.0)
    written = ask(runtime, model, [shown(WORD, picture())], wanted, cancel, heard)
    assert written.state is MessageState.STOPPED
    assert written.text


def test_more_pictures_than_the_context_holds_are_refused_with_the_figures(runtime: Runtime, model: Model) -> None:
    many = [picture(seed, 300, 300) for seed in range(8)] * 20
    with pytest.raises(PromptTooLong):
        ask(runtime, model, [shown(WORD, *many)], Wanted(threads=1, context_tokens=256))


def test_a_projector_of_another_model_is_refused_with_the_reason(runtime: Runtime, blind: Model, folder: Path) -> None:
    wide = replace(blind, projector=tiny_projector.write(folder / "mmproj-wide.gguf", embedding=96))
    with pytest.raises(ModelNotUsable, match="mismatch"):
        ask(runtime, wide, [shown(WORD, picture())])
    model_again = replace(blind, projector=blind.path)
    with pytest.raises(ModelDamaged, match="no projector"):
        ask(runtime, model_again, [shown(WORD, picture())])


def test_what_is_not_the_picture_that_was_taken_in_is_refused(runtime: Runtime, model: Model) -> None:
    good = picture()
    for wrong in (replace(good, data=b"GIF89a"), replace(good, digest="0" * 64), replace(good, data=good.data[:99])):
        with pytest.raises(PictureNotUsable):
            ask(runtime, model, [shown(WORD, wrong)])
    assert ask(runtime, model, [shown(WORD, good)]).text


@pytest.mark.parametrize("kind", KINDS)
def test_twelve_damaged_projectors_end_no_more_than_their_own_process(tmp_path: Path, blind: Model, kind: str) -> None:
    blind = seeing(tmp_path, blind, kind)
    raw = tiny_projector.write(tmp_path / "good.gguf", kind=kind).read_bytes()
    dice = random.Random(kind)
    head = raw.find(b"v.patch_embd.weight")
    one = picture()
    told = base64.b64encode(one.data).decode()
    asked = wire.Generate(
        messages=({"role": "user", "content": WORD, "pictures": f"{one.digest}:96:64"},), pictures={one.digest: told},
        max_tokens=2, temperature=0.0,
    )  # fmt: skip
    ends: set[str] = set()
    for number in range(12):
        bad = bytearray(raw)
        for _ in range(dice.randint(1, 6)):
            bad[dice.randrange(8, head if number % 2 else len(bad))] = dice.randrange(256)
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(bad[: dice.randrange(len(bad))] if number % 10 == 0 else bad)
        with Process("vision", "engine.worker.vision", private=tmp_path / f"private-{number}") as process:
            try:
                load = wire.Load(path=str(blind.path), context_tokens=512, threads=1, projector=str(path))
                list(process.ask(load, Cancel()))
                list(process.ask(asked, Cancel()))
                ends.add("answered")
            except EngineError as error:
                ends.add(type(error).__name__)
    assert ends <= {"answered", "ModelNotUsable", "WorkerDied", "PictureNotUsable", "PromptTooLong"}
    assert len(ends) > 1


def test_a_projector_that_ends_its_process_twice_is_left_alone_and_words_go_on(
    blind: Model, folder: Path, tmp_path: Path
) -> None:
    model = seeing(folder, blind, "gemma3")
    runtime = Runtime(tmp_path / "private", vision_module="tests.fakes.dying_vision")
    try:
        for expected in (WorkerDied, WorkerDied, ModelKeepsFailing):
            with pytest.raises(expected):
                ask(runtime, model, [shown(WORD, picture())])
        assert ask(runtime, model, [shown(WORD)]).text
    finally:
        runtime.close()
