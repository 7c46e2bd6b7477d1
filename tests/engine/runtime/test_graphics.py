"""What of a model goes onto graphics cards, and what is told where they cannot take it. No card is needed."""

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama_cpp as lib
import pytest

from engine.errors import ModelNotUsable, TextNotAccepted
from engine.loading import AS_MANY_AS_FIT, LoadOptions, checked
from engine.operation import Cancel, finish
from engine.runtime import Runtime
from engine.types import Role, Turn, Wanted
from engine.worker.model import graphics, loaded_model
from engine.worker.model.graphics import KEPT_BYTES, NOWHERE, Card, Placed, placed
from engine.worker.model.llama import Flag
from engine.worker.model.loaded_model import LoadedModel
from tests.fakes.tiny_gguf import tiny_model

GIB = 1 << 30
CARD = Card("A card", KEPT_BYTES + 4 * GIB)


@pytest.mark.parametrize(
    ("wanted", "layer_bytes", "found", "layers"),
    [
        (AS_MANY_AS_FIT, GIB // 8, [CARD], 25),  # with the one more
        (AS_MANY_AS_FIT, GIB, [CARD], 4),
        (AS_MANY_AS_FIT, GIB, [CARD, CARD], 8),
        (AS_MANY_AS_FIT, GIB, [Card("A full one", KEPT_BYTES - 1)], 0),
        (AS_MANY_AS_FIT, GIB, [], 0),
        (7, GIB, [CARD], 7),
        (100, GIB, [CARD], 25),
        (0, GIB, [CARD], 0),
    ],
)
def test_as_many_layers_go_onto_the_cards_as_are_wanted_and_fit(
    wanted: int, layer_bytes: int, found: list[Card], layers: int
) -> None:
    there = placed(wanted, False, 24, layer_bytes, found)
    assert there.layers == layers
    assert bool(there.card) == bool(layers)
    assert there.why == ""


def test_only_layers_that_were_asked_for_are_missed() -> None:
    assert placed(AS_MANY_AS_FIT, False, 24, GIB, []) == placed(0, False, 24, GIB, []) == NOWHERE
    assert placed(3, False, 24, GIB, []).why


def test_of_several_cards_those_are_used_that_are_chosen_by_a_part_of_their_names() -> None:
    found = [Card("NVIDIA RTX 4090", KEPT_BYTES + 4 * GIB, 11), Card("Intel Arc", KEPT_BYTES + 2 * GIB, 12)]
    assert placed(AS_MANY_AS_FIT, False, 24, GIB, found).devices == ()
    there = placed(AS_MANY_AS_FIT, False, 24, GIB, found, "rtx 4090")
    assert (there.layers, there.card, there.devices) == (4, "NVIDIA RTX 4090", (11,))
    both = placed(AS_MANY_AS_FIT, False, 24, GIB, found, "Arc, RTX")
    assert (both.layers, both.devices) == (6, (11, 12))
    none = placed(AS_MANY_AS_FIT, False, 24, GIB, found, "Radeon")
    assert none.layers == 0
    assert none.why == "none is called “Radeon”; there is NVIDIA RTX 4090, Intel Arc"
    assert placed(0, False, 24, GIB, found, "Radeon") == NOWHERE
    full = [Card("A full one", 0, 7)]
    assert placed(AS_MANY_AS_FIT, False, 24, GIB, full, "full") == NOWHERE


def test_the_cards_that_were_chosen_are_told_to_llama_cpp_and_no_others() -> None:
    params = lib.llama_model_default_params()
    kept = graphics.place(params, Placed(9, card="two of three", devices=(0x1230, 0x4560)))
    assert kept[0] is not None
    assert list(ctypes.cast(params.devices, ctypes.POINTER(ctypes.c_void_p * 3)).contents) == [0x1230, 0x4560, None]
    untouched = lib.llama_model_default_params()
    graphics.place(untouched, Placed(9, card="all"))
    assert not untouched.devices


@pytest.mark.parametrize("text", ["", "a,,b", "x" * 101, ",".join("a" * 17)])
def test_what_names_no_cards_is_refused(text: str) -> None:
    with pytest.raises(TextNotAccepted, match="Graphics cards"):
        checked({"cards": text})


def test_the_devices_are_those_of_the_llama_cpp_that_loads_the_model() -> None:
    """And not of a second copy of ggml."""
    graphics.libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    lib.llama_backend_init()
    assert graphics.libggml.ggml_backend_dev_count() >= 1
    if sys.platform != "win32":
        assert graphics.libggml is lib.llama_cpp._lib


def test_experts_stay_with_the_processor_by_the_names_of_their_tensors() -> None:
    params = lib.llama_model_default_params()
    kept = graphics.place(params, Placed(9, experts_on_processor=True, card="A card"))
    assert params.n_gpu_layers == 9
    first, end = ctypes.cast(params.tensor_buft_overrides, ctypes.POINTER(graphics._Override * 2)).contents
    assert first.pattern == graphics.EXPERTS
    assert first.buffer_type
    assert end.pattern is None
    assert kept[1] is not None
    assert graphics.place(lib.llama_model_default_params(), Placed(9, card="A card")) == (None, None)


def test_what_a_card_cannot_take_the_processor_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, load = tiny_model(tmp_path / "tiny.gguf"), loaded_model.load_weights
    tried = []

    def without_room(path: str, flag: Flag, loading: Any, placed: Placed) -> Any:
        tried.append(placed.layers)
        if placed.layers:
            raise ModelNotUsable(path=path, why="out of memory")
        return load(path, flag, loading, placed)

    monkeypatch.setattr(loaded_model, "load_weights", without_room)
    wanted = Placed(2, card="A card")
    loaded = LoadedModel(str(model.path), LoadOptions(context_tokens=512), Flag(), lambda _: None, placed=wanted)
    assert loaded.placed == Placed(0, card="A card", why="out of memory")
    assert tried == [2, 0]
    loaded.close()


def test_a_damaged_model_is_damaged_without_a_card_too(tmp_path: Path) -> None:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ModelNotUsable):
        LoadedModel(str(path), LoadOptions(), Flag(), lambda _: None, placed=Placed(2, card="A card"))


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    found = Runtime(tmp_path / "private")
    yield found
    found.close()


@pytest.mark.skipif(lib.llama_supports_gpu_offload(), reason="this build of llama.cpp can use a graphics card")
def test_layers_that_no_card_can_have_are_told_of_once_and_answered_all_the_same(
    tmp_path: Path, runtime: Runtime
) -> None:
    model = tiny_model(tmp_path / "tiny.gguf")
    turns = [Turn(role=Role.USER, text="Hello")]
    for layers, notes in ((AS_MANY_AS_FIT, ["", ""]), (4, ["The graphics card could not be used", ""])):
        wanted = Wanted(answer_tokens=4, context_tokens=512, gpu_layers=layers)
        for note in notes:
            written = finish(runtime.generate(model, turns, wanted, Cancel()))
            assert written.speed.tokens
            assert written.note.startswith(note)
            assert bool(written.note) == bool(note)
    assert [resident.card_layers for resident in runtime.residents()] == [0]
