"""What a smaller model lost against the larger one it was made from, and what it saves."""

from dataclasses import dataclass
from pathlib import Path

from engine.types.making import TextOf
from engine.types.models import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class CostText:
    """With which text two models are compared; `path` is that of a file, `collection` a collection's id.

    `chunks` pieces of 512 tokens are read at most, of each of which the second half counts.
    """

    text: TextOf = TextOf.SAMPLE
    path: Path | None = None
    collection: int = 0
    chunks: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSide:
    """One of two models that were compared: what it is called, its size, and how it did.

    `perplexity`: among how many words, all as likely, it would be as unsure of the next one. `reading_per_s` and
    `writing_per_s` are tokens a second on this computer; `memory_bytes` is what it needs as it is loaded for a chat.
    """

    name: str
    size_bytes: int
    perplexity: float
    reading_per_s: float
    writing_per_s: float
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What `small` lost against `large`, the models of those ids, at `words` places of a text in `chunks` pieces.

    `text` says in words what text it was; nothing of it is kept. `divergence` is Kullback's and Leibler's of the small
    one's expectations from the large one's, the mean in nats a word, and `divergence_99` what 99 of 100 places stay
    below. `same` is the share of places where both expect the same word first.
    """

    model_id: int
    against_id: int
    small: CostSide
    large: CostSide
    text: str
    chunks: int
    words: int
    divergence: float
    divergence_99: float
    same: float
    measured_at: str = ""
    llama_cpp: str = ""

    @property
    def share(self) -> float:
        """How large the small one is, of the large one's size."""
        return self.small.size_bytes / self.large.size_bytes

    @property
    def same_in_100(self) -> int:
        """In how many of 100 places both choose the same word; never all of them where there was another one."""
        found = round(100 * self.same)
        return min(found, 99) if self.same < 1 else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A model made of a larger one, and what it lost, where that was measured since its file changed."""

    model: Model
    cost: Cost | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The models made of one; `large` is None where that one is here no more. The largest variant comes first."""

    large: Model | None
    name: str
    size_bytes: int
    variants: tuple[Variant, ...]
