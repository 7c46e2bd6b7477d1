"""What the processes that encode texts tell the engine."""

from dataclasses import dataclass

from engine.wire.envelope import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded(Message):
    """Unit vectors, float32 little-endian, row after row, base64; `dimensions` numbers each.

    `cut` of the texts were longer than the model reads: what came after that is not in their vectors.
    """

    vectors: str
    dimensions: int
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reranked(Message):
    """How well each text answers, the higher the better, on a scale of the model's own; `cut` as in `Embedded`."""

    scores: tuple[float, ...]
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified(Message):
    """How likely each of the model's own `labels` is for each pair, a row for each; `cut` as in `Embedded`."""

    labels: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    cut: int = 0

    def __post_init__(self) -> None:
        """Raises `ValueError` for a row that has not a number for each label."""
        if any(len(row) != len(self.labels) for row in self.rows):
            raise ValueError("a pair has other labels than the model")
