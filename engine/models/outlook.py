"""How a model that is not here yet would do: whether it would fit, and about how fast it would write.

Its header is not here either. What the catalogue does not tell of a model is taken from models of its size that are
usual now, on the side of more memory.
"""

from dataclasses import dataclass

from engine.loading import LoadOptions
from engine.models.ways_down import BITS
from engine.quantizations import QUANTIZATIONS, USUAL
from engine.runtime.fit import fit, fitting_tokens, most_bytes
from engine.types import ModelFacts, Outlook, Shape, Verdict

SLOW_TOKENS_PER_S = 4.0  # people read about as many words in a second
# By parameters, up to which: layers, embedding, heads, heads of keys and values, their width, feed-forward, vocabulary.
# Source: config.json of the Qwen3 models of 0.6, 1.7, 4, 8, 14 and 32 billion parameters and of Llama 3.3 70B.
_USUAL = (
    (1.0e9, (28, 1024, 16, 8, 128, 3072, 151936)),
    (2.5e9, (28, 2048, 16, 8, 128, 6144, 151936)),
    (6.0e9, (36, 2560, 32, 8, 128, 9728, 151936)),
    (11e9, (36, 4096, 32, 8, 128, 12288, 151936)),
    (20e9, (40, 5120, 40, 8, 128, 17408, 151936)),
    (50e9, (64, 5120, 64, 8, 128, 25600, 151936)),
)
_LARGEST = (80, 8192, 64, 8, 128, 28672, 128256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfetched:
    """A model file that is not here: its size, and what else is told of it (0, "" and None: nothing)."""

    size_bytes: int
    quantization: str = ""
    parameters: int = 0
    context_tokens: int = 0
    shape: Shape | None = None
    use: str = "chat"


def outlook(of: Unfetched, options: LoadOptions, bytes_per_s: float) -> Outlook:
    """Whether it would fit when it is loaded as `options` have it, and how fast it would write.

    `bytes_per_s` of weights are read while a model writes: for each token it goes through all of them once.
    """
    facts = facts_of(of)
    found = fit(facts, options)
    most = most_bytes()
    if found.fits:
        verdict = Verdict.FITS
    elif found.need_bytes <= most or fitting_tokens(facts, options, most):
        verdict = Verdict.TIGHT
    else:
        verdict = Verdict.TOO_BIG
    writes = of.use == "chat"
    per_s = bytes_per_s / of.size_bytes if writes else 0.0
    return Outlook(
        verdict=verdict, need_bytes=found.need_bytes, tokens_per_s=per_s, slow=writes and per_s < SLOW_TOKENS_PER_S
    )


def facts_of(of: Unfetched) -> ModelFacts:
    """What its header would say, about. What does not chat keeps nothing of a conversation."""
    known = QUANTIZATIONS.get(of.quantization)
    bits = known.bits if known else BITS[USUAL]
    parameters = of.parameters or int(of.size_bytes * 8 / bits)
    shape = of.shape or usual_shape(parameters)
    kept = shape.layers * shape.key_value_heads * shape.head_width if of.use == "chat" else 0
    return ModelFacts(
        architecture="", name="", parameters=parameters, quantization=of.quantization,
        context_tokens=of.context_tokens, layers=shape.layers, embedding=shape.embedding, vocabulary=shape.vocabulary,
        size_bytes=of.size_bytes, tensor_bytes=of.size_bytes, use=of.use, key_numbers=kept, value_numbers=kept,
        key_width=shape.head_width, value_width=shape.head_width, heads=shape.heads, feed_forward=shape.feed_forward,
        merges=shape.vocabulary,
    )  # fmt: skip


def usual_shape(parameters: int) -> Shape:
    """The measures of a usual model of so many parameters."""
    measures = next((measures for most, measures in _USUAL if parameters <= most), _LARGEST)
    layers, embedding, heads, key_value_heads, head_width, feed_forward, vocabulary = measures
    return Shape(
        layers=layers, embedding=embedding, heads=heads, key_value_heads=key_value_heads, head_width=head_width,
        feed_forward=feed_forward, vocabulary=vocabulary,
    )  # fmt: skip
