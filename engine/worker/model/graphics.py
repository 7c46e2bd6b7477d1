"""The graphics cards that this build of llama.cpp can use, and how much of a model goes there.

Hanare's own build has none (decision 008); where another build is installed in its place, its cards are found here.
Source of the functions and of the kinds of devices: ggml/include/ggml-backend.h, include/llama.h.

ggml's functions are looked up through libllama itself. The binding's own handle of ggml may be another file of the same
content, as the wheels have it, and so a second copy that knows other devices than the one that loads the model.
"""

import ctypes
import glob
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import llama_cpp as lib
from llama_cpp._ggml import libggml as _ggml

from engine.loading import ALL_CARDS, AS_MANY_AS_FIT, cards_in

libggml = _ggml if sys.platform == "win32" else lib.llama_cpp._lib  # Windows looks into no library behind another

CARDS = (1, 2)  # ggml_backend_dev_type: with memory of its own, and one that shares the computer's
KEPT_BYTES = 768 << 20  # of a card's memory: for what llama.cpp reckons with, and for the screen
EXPERTS = rb"\.ffn_(gate|up|down|gate_up)_(ch|)exps"
NODES = ("/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/dri/renderD*", "/dev/kfd")


class Card(NamedTuple):
    """A graphics card; `device` is llama.cpp's handle of it."""

    name: str
    free_bytes: int
    device: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """How many of a model's layers the graphics cards have; `experts_on_processor` leaves out the experts of those.

    `card` names them; without layers, `why` tells why one that was wanted is not used, "" where none was. `devices`
    are the cards that were chosen; none where all are to be used.
    """

    layers: int = 0
    experts_on_processor: bool = False
    card: str = ""
    why: str = ""
    devices: tuple[int, ...] = ()


NOWHERE = Placed()


class _Override(ctypes.Structure):
    _fields_ = [("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p)]  # llama_model_tensor_buft_override


def cards() -> list[Card]:
    """Those of this computer; none where the build can use none."""
    if not lib.llama_supports_gpu_offload():
        return []
    for name, kind in (("get", ctypes.c_void_p), ("name", ctypes.c_char_p), ("description", ctypes.c_char_p)):
        getattr(libggml, f"ggml_backend_dev_{name}").restype = kind
    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    found = []
    for number in range(libggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(libggml.ggml_backend_dev_get(ctypes.c_size_t(number)))
        if libggml.ggml_backend_dev_type(device) in CARDS:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            libggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            said = libggml.ggml_backend_dev_description(device) or libggml.ggml_backend_dev_name(device) or b""
            found.append(Card(said.decode("utf-8", "replace"), free.value, device.value or 0))
    return found


def nodes() -> tuple[str, ...]:
    """The files through which a build that can use cards reaches them."""
    return tuple(path for node in NODES for path in glob.glob(node)) if lib.llama_supports_gpu_offload() else ()


def placed(
    wanted: int, experts_on_processor: bool, layers: int, layer_bytes: int, found: Sequence[Card],
    chosen: str = ALL_CARDS,
) -> Placed:  # fmt: skip
    """How a model of so many `layers`, of about `layer_bytes` each with what it remembers, goes onto the cards.

    `wanted` are the layers asked for, `AS_MANY_AS_FIT` for those that the cards have room for; `chosen` is the option
    that says which of those `found` are to be used.
    """
    if found and wanted and (names := cards_in(chosen)):
        here = [card for card in found if any(name.casefold() in card.name.casefold() for name in names)]
        if not here:
            why = f"none is called “{', '.join(names)}”; there is {', '.join(card.name for card in found)}"
            return Placed(why=why)
        on_them = placed(wanted, experts_on_processor, layers, layer_bytes, here)
        return replace(on_them, devices=tuple(card.device for card in here) if on_them.layers else ())
    if not found or not wanted:
        return Placed(why="this build of llama.cpp finds none that it can use") if wanted > 0 else NOWHERE
    whole = layers + 1  # llama.cpp counts what turns the last layer into words as one more
    number = min(wanted, whole)
    if wanted == AS_MANY_AS_FIT:
        room = sum(max(0, card.free_bytes - KEPT_BYTES) for card in found)
        number = min(whole, room // layer_bytes) if layer_bytes > 0 else whole
    return Placed(number, experts_on_processor, ", ".join(card.name for card in found)) if number else NOWHERE


def place(params: Any, placed: Placed) -> Any:
    """Write it into `llama_model_params`; what is returned has to live until the model is loaded."""
    params.n_gpu_layers = placed.layers
    devices = overrides = None
    if placed.devices:
        devices = (ctypes.c_void_p * (len(placed.devices) + 1))(*placed.devices)  # the last one, null, ends it
        params.devices = ctypes.cast(devices, ctypes.c_void_p)
    if placed.layers and placed.experts_on_processor:
        libggml.ggml_backend_cpu_buffer_type.restype = ctypes.c_void_p
        overrides = (_Override * 2)(_Override(EXPERTS, libggml.ggml_backend_cpu_buffer_type()))  # as above
        params.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)
    return devices, overrides
