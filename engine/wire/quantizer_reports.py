"""What the processes that make models of others tell the engine."""

from dataclasses import dataclass

from engine.wire.envelope import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class SizePreviewed(Message):
    """How large the model would be as `quantization`; 0: llama.cpp cannot make it so, and `why`.

    `needs_matrix`: not without an importance matrix. `otherwise` tensors have rows that the form does not fit, and
    are kept in a larger one.
    """

    quantization: str
    size_bytes: int
    needs_matrix: bool = False
    otherwise: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizesPreviewed(Message):
    """All that was asked for is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantized(Message):
    """The new file is whole and on the disk; `sha256` is that of what it was made from, "" where it was not wanted.

    `unweighed` tensors are not in the importance matrix.
    """

    size_bytes: int
    sha256: str = ""
    unweighed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportanceMeasured(Message):
    """The matrix is whole and on the disk: of `chunks` pieces of text, for `tensors` of the model's tensors."""

    chunks: int
    tensors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostMeasured(Message):
    """What a model lost against a larger one (`large_`…), at `words` places of a text in `chunks` pieces.

    `divergence` (Kullback and Leibler, of the small one from the large one) is in nats a place, the mean and what 99 of
    100 places stay below. `same` is the share of places where both expect the same word first. `…_per_s` are tokens.
    """

    chunks: int
    words: int
    perplexity: float
    large_perplexity: float
    divergence: float
    divergence_99: float
    same: float
    reading_per_s: float
    large_reading_per_s: float
    writing_per_s: float
    large_writing_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted(Message):
    """The new file is whole and on the disk, and llama.cpp reads `texts` texts as the model's own tokenizer does."""

    size_bytes: int
    texts: int = 0
