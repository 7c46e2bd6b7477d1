"""LoRA adapters on a real model: what they change, how strongly, and what comes of bad ones."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.engine import Engine, Places, finish
from engine.errors import AdapterNotForModel, EngineError, FileMissing, ModelDamaged
from engine.events import ModelLoading, TrialMoved
from engine.loading import LoadOptions
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.types import Adapter, Model, Role, Turn, Wanted, Written
from engine.worker.model.llama import Flag
from engine.worker.model.loaded_model import LoadedModel
from tests.fakes import tiny_gguf
from tests.fakes.asking import heard_out
from tests.fakes.gguf_mutants import Mutants
from tests.fakes.tiny_gguf import EMBEDDING, TOKENS, tiny_model
from tests.fakes.tiny_lora import RANK, Lora

WORDS = list(range(262, 300))
CLOSE = 0.01  # in logits, which reach from about -10 to 10: sums in another order, and a cache of 16 bits
MUTANTS = 40
OPTIONS = LoadOptions(context_tokens=512)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return tiny_model(folder / "tiny.gguf", form=np.float32)


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "private")
    yield runtime
    runtime.close()


Loads = Callable[..., LoadedModel]


@pytest.fixture
def loads() -> Iterator[Loads]:
    """Loads a file into this process."""
    made: list[LoadedModel] = []

    def load(path: Path, *adapters: Path) -> LoadedModel:
        made.append(LoadedModel(str(path), OPTIONS, Flag(), lambda fraction: None, [str(each) for each in adapters]))
        return made[-1]

    yield load
    for each in made:
        each.close()


def logits(loaded: LoadedModel, *strengths: float) -> NDArray[np.float32]:
    """What a model finds after some words, read from nothing."""
    loaded.use_strengths(strengths)
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(loaded.context), True)
    loaded.batch.begin()
    row = loaded.batch.add(WORDS, 0, 0, pick_after=True)
    assert loaded.decode() == 0
    found = llama_cpp.llama_get_logits_ith(loaded.context, row)
    return np.ctypeslib.as_array(found, shape=(loaded.vocabulary.size,)).copy()


def with_adapter(model: Model, path: Path, strength: float = 1.0, id: int = 7) -> Model:
    adapter = Adapter(id=id, name=path.stem, path=path, strength=strength)
    return replace(model, adapters=(*model.adapters, adapter))


def ask(runtime: Runtime, model: Model, events: list[object] | None = None) -> Written:
    wanted = Wanted(answer_tokens=40, temperature=0.0, threads=1, context_tokens=1024)
    work = runtime.generate(model, [Turn(role=Role.USER, text="Hello there")], wanted, Cancel())
    return heard_out(work, (lambda event: None) if events is None else events.append)


@pytest.mark.parametrize("strength", [1.0, 0.5, -1.0, 2.0])
def test_an_adapter_changes_the_model_as_if_it_were_added_to_its_weights(
    model: Model, folder: Path, loads: Loads, strength: float
) -> None:
    lora = Lora()
    with_it = logits(loads(model.path, lora.write(folder / "lora.gguf")), strength)
    merged = tiny_gguf.write(folder / "merged.gguf", form=np.float32, added=lora.added(strength))
    assert np.abs(with_it - logits(loads(merged))).max() < CLOSE
    assert np.abs(with_it - logits(loads(model.path))).max() > 50 * CLOSE


def test_an_adapter_that_is_off_changes_nothing(model: Model, folder: Path, loads: Loads) -> None:
    off = logits(loads(model.path, Lora().write(folder / "lora.gguf")), 0.0)
    assert np.array_equal(off, logits(loads(model.path)))


def test_two_adapters_add_up_and_each_has_a_strength_of_its_own(model: Model, folder: Path, loads: Loads) -> None:
    one, other = Lora(1), Lora(2)
    both = loads(model.path, one.write(folder / "one.gguf"), other.write(folder / "other.gguf"))
    added = one.added(0.5)
    added = {name: values + other.added(-0.25)[name] for name, values in added.items()}
    merged = tiny_gguf.write(folder / "merged.gguf", form=np.float32, added=added)
    assert np.abs(logits(both, 0.5, -0.25) - logits(loads(merged))).max() < CLOSE


def test_a_strength_is_changed_without_loading_and_nothing_read_before_is_gone_on_from(
    runtime: Runtime, model: Model, folder: Path
) -> None:
    path = Lora().write(folder / "lora.gguf")
    plain = ask(runtime, model).text
    events: list[object] = []
    texts = {}
    for strength in (1.0, 0.0, -1.0, 1.0):
        written = ask(runtime, with_adapter(model, path, strength), events)
        assert written.speed.reused_tokens == 0  # each strength is another one than before
        texts.setdefault(strength, set()).add(written.text)
    assert len([event for event in events if isinstance(event, ModelLoading)]) > 0
    loaded_once = [event.fraction for event in events if isinstance(event, ModelLoading)]
    assert loaded_once == sorted(loaded_once)
    assert texts[0.0] == {plain}
    assert len(texts[1.0]) == 1
    assert len({*texts[1.0], *texts[0.0], *texts[-1.0]}) == 3
    again = ask(runtime, with_adapter(model, path, 1.0))
    assert again.speed.reused_tokens > 0
    events.clear()
    assert ask(runtime, model, events).text == plain  # taken off: it is only off, and nothing is loaded anew
    assert not any(isinstance(event, ModelLoading) for event in events)


def test_a_model_is_compared_with_itself_without_its_adapters_in_one_process(tmp_path: Path, folder: Path) -> None:
    with Engine.open(Places(tmp_path / "data")) as engine:
        engine.change_settings(temperature=0.0, answer_tokens=24, context_tokens=1024)
        model = finish(engine.models.add(tiny_gguf.write(folder / "compared.gguf"), Cancel()))
        lora = finish(engine.models.add(Lora().write(folder / "lora.gguf"), Cancel()))
        finish(engine.models.adapters.attach(model.id, lora.id, Cancel()))
        events: list[object] = []
        work = engine.comparisons.run("Hello", [model.id, model.id, model.id], Cancel(), without_adapters=(0, 2))
        try:
            while True:
                events.append(next(work))
        except StopIteration as end:
            without, with_it, again = end.value.trials
        assert without.text == again.text != with_it.text
        assert (without.adapters, with_it.adapters) == ((), (("lora", 1.0),))
        loads = {
            event.column for event in events if isinstance(event, TrialMoved) and type(event.event) is ModelLoading
        }
        assert loads == {0}


def test_an_adapter_of_another_model_is_refused_before_anything_is_loaded(
    runtime: Runtime, model: Model, folder: Path
) -> None:
    other = Lora().write(folder / "other.gguf", architecture="qwen2")
    with pytest.raises(AdapterNotForModel, match="made for models of the architecture qwen2"):
        ask(runtime, with_adapter(model, other))
    wide = {"blk.0.attn_q.weight.lora_a": np.zeros((RANK, 2 * EMBEDDING), np.float32)}
    with pytest.raises(AdapterNotForModel, match="in another size"):
        ask(runtime, with_adapter(model, Lora().write(folder / "wide.gguf", tensors=wide)))
    assert runtime.loaded() == ()


def test_a_missing_adapter_is_named_and_one_that_is_off_is_not_missed(
    runtime: Runtime, model: Model, folder: Path
) -> None:
    gone = with_adapter(model, folder / "gone.gguf")
    with pytest.raises(FileMissing, match=r"gone\.gguf"):
        ask(runtime, gone)
    off = replace(gone, adapters=(replace(gone.adapters[0], strength=0.0, missing=True),))
    assert ask(runtime, off).text == ask(runtime, model).text


def test_a_model_as_an_adapter_is_refused(runtime: Runtime, model: Model) -> None:
    with pytest.raises(AdapterNotForModel, match="it is no adapter"):
        ask(runtime, with_adapter(model, model.path))


def test_weights_that_are_no_numbers_end_no_process(runtime: Runtime, model: Model, folder: Path) -> None:
    lora = Lora()
    name, (a, _) = next(iter(lora.halves.items()))
    broken = lora.write(folder / "broken.gguf", tensors={f"{name}.lora_a": np.full_like(a, np.nan)})
    ask(runtime, with_adapter(model, broken))
    assert ask(runtime, model).text


def test_words_that_are_also_what_is_written_are_left_alone(runtime: Runtime, model: Model, folder: Path) -> None:
    """llama.cpp ends its process for such an adapter, in the middle of the first answer."""
    words = {
        "token_embd.weight.lora_a": np.zeros((len(TOKENS), RANK), np.float32),
        "token_embd.weight.lora_b": np.zeros((EMBEDDING, RANK), np.float32),
    }
    path = Lora().write(folder / "words.gguf", tensors=words)
    with pytest.raises(AdapterNotForModel, match="picks its words with"):
        ask(runtime, with_adapter(model, path))


def test_damaged_adapters_are_refused_or_harmless(runtime: Runtime, model: Model, folder: Path) -> None:
    mutants = Mutants(Lora().write(folder / "well.gguf").read_bytes(), random.Random(11))
    path, refused = folder / "mutant.gguf", 0
    for number in range(MUTANTS):
        what, content = mutants.next()
        path.write_bytes(content)
        try:
            ask(runtime, with_adapter(model, path))
        except (ModelDamaged, AdapterNotForModel):
            refused += 1
        except EngineError as error:
            pytest.fail(f"mutant {number}, {what}: {error!r}")
    assert refused > MUTANTS // 2
    assert ask(runtime, model).text
