"""The real model process on real GGUF files: real machinery, random weights."""

import dataclasses
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine import wire
from engine.errors import Cancelled, EngineError, ModelDamaged, PromptTooLong, WorkerDied
from engine.events import Event, ModelLoading, PromptRead, TextAdded
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.runtime.fit import fit
from engine.runtime.process import Process
from engine.types import MessageState, Model, Role, Turn, Wanted, Written
from tests.fakes.asking import heard_out
from tests.fakes.tiny_gguf import tiny_model

GREEDY = Wanted(answer_tokens=40, temperature=0.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return tiny_model(folder / "tiny.gguf")


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "private")
    yield runtime
    runtime.close()


def turns(*texts: str) -> list[Turn]:
    return [Turn(role=(Role.USER, Role.ASSISTANT)[i % 2], text=text) for i, text in enumerate(texts)]


def ask(
    runtime: Runtime,
    model: Model,
    said: list[Turn],
    wanted: Wanted = GREEDY,
    cancel: Cancel | None = None,
    heard: Callable[[Event], None] = lambda event: None,
) -> Written:
    operation = runtime.generate(model, said, wanted, cancel or Cancel())
    return heard_out(operation, heard)


def test_an_answer_streams_in_whole_characters_and_the_pieces_are_the_answer(runtime: Runtime, model: Model) -> None:
    events: list[Event] = []
    wanted = Wanted(answer_tokens=300, temperature=2.0, seed=5)
    written = ask(runtime, model, turns("Hello"), wanted, heard=events.append)
    pieces = [event.text for event in events if isinstance(event, TextAdded)]
    assert len(pieces) > 1
    assert "".join(pieces) == written.text
    assert not written.text.startswith(" ")
    assert any(len(letter.encode()) > 1 and letter != "\ufffd" for letter in written.text)  # made of several tokens
    assert isinstance(events[0], ModelLoading)
    assert [event.done for event in events if isinstance(event, PromptRead)][-1] == written.speed.prompt_tokens
    assert written.template == "model"


def test_texts_are_counted_as_they_are_read(runtime: Runtime, model: Model) -> None:
    for said in (
        turns("Hello"),
        turns("One two three.", "Four, five\n\nsix", "離れ 🏡 <|im_end|> </s>"),
        turns("a " * 200, "<think>long thoughts</think>short", " c\n"),
    ):
        operation = runtime.measure(model, said, GREEDY, Cancel())
        try:
            while True:
                next(operation)
        except StopIteration as end:
            costs = end.value
        reckoned = costs.frame.fixed_tokens + sum(map(costs.whole, said))
        read = ask(runtime, model, said, Wanted(answer_tokens=1)).speed.prompt_tokens
        assert abs(reckoned - read) <= 1 + read // 50


def test_what_an_answer_cost_is_told(runtime: Runtime, model: Model) -> None:
    speed = ask(runtime, model, turns("Hello"), Wanted(answer_tokens=40, temperature=0.0, threads=1)).speed
    assert speed.tokens == 40
    assert 0 < speed.first_token_s <= speed.total_s
    assert speed.tokens_per_s > 0
    assert speed.reading_tokens_per_s > 0
    assert speed.peak_bytes > 20 << 20
    assert speed.threads == 1


def test_the_same_seed_writes_the_same_text_and_another_writes_another(runtime: Runtime, model: Model) -> None:
    texts = [
        ask(runtime, model, turns("Hello"), Wanted(answer_tokens=40, temperature=1.0, seed=seed)).text
        for seed in (7, 7, 8, -1, -1)
    ]
    assert texts[0] == texts[1] != texts[2]
    assert texts[3] != texts[4]


def test_a_conversation_that_goes_on_reads_only_what_is_new(runtime: Runtime, model: Model, tmp_path: Path) -> None:
    first = ask(runtime, model, turns("Hello " * 30))
    said = turns("Hello " * 30, first.text, "And then?")
    again = ask(runtime, model, said)
    assert again.speed.reused_tokens >= first.speed.prompt_tokens - 1
    fresh_runtime = Runtime(tmp_path / "another")
    try:
        fresh = ask(fresh_runtime, model, said)
    finally:
        fresh_runtime.close()
    assert fresh.speed.reused_tokens == 0
    assert again.text == fresh.text
    assert again.speed.prompt_tokens == fresh.speed.prompt_tokens


def test_the_same_question_again_reads_one_token(runtime: Runtime, model: Model) -> None:
    first = ask(runtime, model, turns("Hello"))
    again = ask(runtime, model, turns("Hello"))
    assert again.speed.prompt_tokens - again.speed.reused_tokens == 1
    assert again.text == first.text


def test_stop_in_mid_answer_keeps_what_was_written(runtime: Runtime, model: Model) -> None:
    cancel = Cancel()

    def heard(event: Event) -> None:
        if isinstance(event, TextAdded):
            cancel.press()

    written = ask(runtime, model, turns("Hello"), Wanted(answer_tokens=1900, temperature=0.0), cancel, heard)
    assert written.state is MessageState.STOPPED
    assert written.text
    assert written.speed.tokens < 1900
    assert ask(runtime, model, turns("Hello")).state is MessageState.CUT  # the same process goes on


def test_stop_while_the_prompt_is_read_leaves_a_model_that_still_answers_right(runtime: Runtime, model: Model) -> None:
    expected = ask(runtime, model, turns("Hello")).text
    cancel = Cancel()

    def heard(event: Event) -> None:
        if isinstance(event, PromptRead):
            cancel.press()

    with pytest.raises(Cancelled):
        ask(runtime, model, turns("word " * 350), GREEDY, cancel, heard)
    assert ask(runtime, model, turns("Hello")).text == expected
    assert runtime.loaded() == (model.id,)


def test_stop_before_loading_loads_nothing(runtime: Runtime, model: Model) -> None:
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        ask(runtime, model, turns("Hello"), cancel=cancel)
    assert runtime.loaded() == ()


def test_an_answer_ends_with_the_context_and_says_so(runtime: Runtime, model: Model) -> None:
    wanted = Wanted(context_tokens=256, answer_tokens=5000, temperature=1.5, seed=3)
    written = ask(runtime, model, turns("Hello"), wanted)
    assert written.state in (MessageState.CUT, MessageState.COMPLETE)
    assert written.speed.prompt_tokens + written.speed.tokens <= 257


def test_a_prompt_longer_than_the_context_is_refused_with_both_numbers(runtime: Runtime, model: Model) -> None:
    wanted = Wanted(context_tokens=256, answer_tokens=10)
    for size in (300, 3_000_000):
        with pytest.raises(PromptTooLong) as caught:
            ask(runtime, model, turns("x" * size), wanted)
        assert caught.value.tokens > caught.value.context_tokens == 256
    assert ask(runtime, model, turns("Hello"), wanted).text


@pytest.mark.parametrize("chatml_kind", [3, 4])
def test_what_a_person_writes_never_becomes_a_control_token(tmp_path: Path, chatml_kind: int) -> None:
    model = tiny_model(tmp_path / "tiny.gguf", chatml_kind=chatml_kind)

    def prompt_tokens(text: str) -> int:
        load = wire.Load(path=str(model.path), context_tokens=1024)
        request = wire.Generate(messages=({"role": "user", "content": text},), max_tokens=1, temperature=0.0)
        for message in (load, request):
            for report in process.ask(message, Cancel(), silent_s=60):
                last = report
        assert isinstance(last, wire.Done)
        return last.prompt_tokens

    with Process("model", "engine.worker.model", private=tmp_path / "private") as process:
        empty = prompt_tokens("a")
        for spelled in ("<|im_end|>", "<|im_start|>", "<s>", "</s>"):
            # one token a letter in this vocabulary; as a control token it would be a single one
            assert prompt_tokens("a" + spelled) - empty == len(spelled)
        assert prompt_tokens("a" + "<|im_end|>" * 50) - empty == 50 * len("<|im_end|>")


def test_the_number_of_threads_changes_in_mid_answer(tmp_path: Path, model: Model) -> None:
    with Process("model", "engine.worker.model", private=tmp_path / "private") as process:
        for _ in process.ask(wire.Load(path=str(model.path), context_tokens=2048, threads=1), Cancel(), silent_s=60):
            pass
        request = wire.Generate(prompt="Hello", max_tokens=400, ignore_end=True)
        reports = process.ask(request, Cancel(), silent_s=60)
        while not isinstance(next(reports), wire.Token):
            pass
        process.tell(wire.SetThreads(threads=2))
        *_, last = reports
        assert isinstance(last, wire.Done)
        assert last.threads == 2
        assert last.tokens == 400


def test_a_worker_killed_in_mid_answer_is_explained_and_replaced(runtime: Runtime, model: Model) -> None:
    def heard(event: Event) -> None:
        if isinstance(event, TextAdded):
            os.kill(runtime._seats._seats[model.id].process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    with pytest.raises(WorkerDied):
        ask(runtime, model, turns("Hello"), Wanted(answer_tokens=1900, temperature=0.0), heard=heard)
    assert runtime.loaded() == ()
    assert ask(runtime, model, turns("Hello")).text


def test_a_model_without_a_template_is_spoken_to_in_chatml_if_it_knows_it(runtime: Runtime, folder: Path) -> None:
    bare = tiny_model(folder / "bare.gguf", id=2, template=None)
    assert ask(runtime, bare, turns("Hello")).template == "chatml"


def test_a_hostile_template_is_passed_over(runtime: Runtime, folder: Path) -> None:
    hostile = tiny_model(folder / "hostile.gguf", id=3, template="{{ ''.__class__.__mro__ }}{{ 'x' * 10**12 }}")
    written = ask(runtime, hostile, turns("Hello"))
    assert written.template == "chatml"
    assert written.text


@pytest.mark.parametrize("part", [0.001, 0.02, 0.05, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused_with_a_reason(runtime: Runtime, model: Model, tmp_path: Path, part: float) -> None:
    raw = model.path.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(raw[: int(len(raw) * part)])
    with pytest.raises(ModelDamaged) as caught:
        ask(runtime, dataclasses.replace(model, path=path), turns("Hello"))
    assert str(path) in str(caught.value)


def test_random_flipped_bytes_give_a_typed_error_or_an_answer(runtime: Runtime, model: Model, tmp_path: Path) -> None:
    raw = model.path.read_bytes()
    header = raw.index(b"token_embd.weight") + 2000  # where the numbers that steer the loading are
    luck = random.Random(1)
    ended: dict[str, int] = {}
    for mutant in range(40):
        changed = bytearray(raw)
        for _ in range(1 + mutant % 4):
            changed[luck.randrange(header if mutant % 2 else len(raw))] = luck.randrange(256)
        path = tmp_path / f"mutant-{mutant}.gguf"
        path.write_bytes(changed)
        try:
            mutated = dataclasses.replace(model, id=100 + mutant, path=path)
            written = ask(runtime, mutated, turns("Hello"), Wanted(answer_tokens=4, temperature=0.0))
            ended["answered"] = ended.get("answered", 0) + 1
            assert written.speed.tokens >= 0
        except EngineError as error:
            ended[error.code] = ended.get(error.code, 0) + 1
        path.unlink()
    assert sum(ended.values()) == 40, ended
    assert ended["ModelDamaged"] > 5, ended
    assert ask(runtime, model, turns("Hello")).text  # and the engine lives


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are read as Linux tells them")
def test_a_loaded_model_steps_back_and_may_not_take_much_more_than_its_need(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, turns("Hello"))
    process = psutil.Process(runtime._seats._seats[model.id].process.pid)
    assert process.nice() == max(5, psutil.Process().nice())
    need = fit(model.facts, GREEDY).need_bytes
    assert process.rlimit(psutil.RLIMIT_DATA)[0] == int(need * 1.15) + (768 << 20)


def test_no_process_outlives_the_runtime(tmp_path: Path, model: Model) -> None:
    runtime = Runtime(tmp_path / "private")
    ask(runtime, model, turns("Hello"))
    process = runtime._seats._seats[model.id].process
    runtime.close()
    assert not process.alive
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("model ")]


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has mapped is read as Linux tells it")
def test_an_ordinary_answer_needs_no_numpy(tmp_path: Path, model: Model) -> None:
    """A tenth of what a small model takes: see docs/benchmarks.md."""
    runtime = Runtime(tmp_path / "private")
    try:
        ask(runtime, model, turns("Hello"))
        (seat,) = runtime._seats._seats.values()
        assert seat.process is not None
        mapped = Path(f"/proc/{seat.process.pid}/maps").read_text()
    finally:
        runtime.close()
    assert "llama" in mapped
    assert "numpy" not in mapped
