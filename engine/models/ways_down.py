"""What to take in place of a model that does not fit: less context, a smaller cache, another model, another form."""

from collections.abc import Sequence
from dataclasses import replace

from engine.loading import CACHES, LoadOptions, loaded_as
from engine.runtime.fit import fit
from engine.types import Fit, Model, ModelFacts, WaysDown

# Bits a weight, of the common forms from large to small.
# Source: the table for Llama 3.1 8B in tools/quantize/README.md of llama.cpp.
BITS = {"Q8_0": 8.50, "Q6_K": 6.56, "Q5_K_M": 5.70, "Q4_K_M": 4.89, "Q3_K_M": 4.00, "Q2_K": 3.16}
SAME_SHARE = 0.03  # two forms of one model count their weights a little differently


def ways_down(model: Model, here: Sequence[Model], everywhere: LoadOptions) -> WaysDown:
    """The ways down from `model`; `here` is what could be taken instead, `everywhere` how all are loaded."""
    options = loaded_as(everywhere, model.loading)
    found = fit(model.weighed, options)
    quantization, quantized_bytes = _smaller_form(model.facts, found)
    return WaysDown(
        context_tokens=found.fitting_tokens if not found.fits else 0,
        cache=_smaller_cache(model.weighed, options, found),
        model=_smaller_model(model, here, everywhere),
        quantization=quantization,
        quantized_bytes=quantized_bytes,
    )


def _smaller_cache(facts: ModelFacts, options: LoadOptions, found: Fit) -> str:
    """The largest form of the cache below those of now with which the context wanted would fit."""
    bits_now = _bits(options.key_cache) + _bits(options.value_cache)
    for name in sorted(CACHES, key=_bits, reverse=True):
        smaller = replace(options, key_cache=name, value_cache=name)
        if not found.fits and 2 * _bits(name) < bits_now and fit(facts, smaller).fits:
            return name
    return ""


def _bits(cache: str) -> float:
    return CACHES[cache].block_bytes * 8 / CACHES[cache].block


def _smaller_model(model: Model, here: Sequence[Model], everywhere: LoadOptions) -> Model | None:
    """Another form of the same model where there is one, else the largest smaller one of the person's own."""
    fitting = [
        other
        for other in here
        if other.id != model.id
        and other.is_own
        and other.facts.tensor_bytes < model.facts.tensor_bytes
        and fit(other.weighed, loaded_as(everywhere, other.loading)).fits
    ]
    return max(fitting, key=lambda other: (same(other.facts, model.facts), other.facts.tensor_bytes), default=None)


def same(one: ModelFacts, other: ModelFacts) -> bool:
    """Whether the two are forms of one model, as far as their headers tell."""
    shape = (one.architecture, one.layers, one.embedding) == (other.architecture, other.layers, other.embedding)
    return shape and abs(one.parameters - other.parameters) <= SAME_SHARE * other.parameters


def _smaller_form(facts: ModelFacts, found: Fit) -> tuple[str, int]:
    """The largest common form of these weights that would fit, and what it would need."""
    if found.fits or not facts.parameters:
        return "", 0
    bits_now = facts.tensor_bytes * 8 / facts.parameters
    for name, bits in BITS.items():
        need = found.need_bytes - found.weights_bytes + int(facts.parameters * bits / 8)
        if bits < bits_now and need <= found.free_bytes:
            return name, need
    return "", 0
