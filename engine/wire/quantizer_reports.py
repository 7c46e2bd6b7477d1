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
class Converted(Message):
    """The new file is whole and on the disk, and llama.cpp reads `texts` texts as the model's own tokenizer does."""

    size_bytes: int
    texts: int = 0
