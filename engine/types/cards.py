"""What a model is, in the words that models are compared with, and what it would take to run it."""

from dataclasses import dataclass
from enum import StrEnum

from engine.types.models import Fit, ModelFacts, WaysDown


class Attention(StrEnum):
    """How the heads of a model look back."""

    NONE = "none"  # nothing looks back: one running state
    FULL = "full"  # every head has keys and values of its own
    GROUPED = "grouped"  # several heads share them
    MULTI_QUERY = "multi-query"  # all heads share them
    LATENT = "latent"  # all of them are made anew from one short row


class Positions(StrEnum):
    """How a model knows where a token stands."""

    NONE = "none"
    ROTARY = "rotary"
    LEARNED = "learned"
    SLOPES = "slopes"  # ALiBi
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a model is built. Figures are 0, and texts "", where the header does not say or there is none.

    `heads` and `kv_heads` are the most of any layer; `attending` of its layers look back, `recurrent` keep a running
    state. `window_tokens` is how far the `windowed` layers look back (0 of them: the header does not say which).
    `experts_used` of `experts` are asked for each token, `experts_shared` always. `tied`: words are picked with the
    table that they are read with. `turned` of `head_width` numbers are turned by a rotary position. `scaling` is how
    positions beyond `trained_tokens` are had, by llama.cpp's names or "frequencies" for a table of factors.
    """

    attention: Attention
    layers: int = 0
    attending: int = 0
    recurrent: int = 0
    heads: int = 0
    kv_heads: int = 0
    head_width: int = 0
    latent_width: int = 0
    window_tokens: int = 0
    windowed: int = 0
    experts: int = 0
    experts_used: int = 0
    experts_shared: int = 0
    tied: bool = False
    positions: Positions = Positions.NONE
    turned: int = 0
    rope_base: float = 0.0
    scaling: str = ""
    scaling_factor: float = 0.0
    trained_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FormShare:
    """What of a model lies in one form: so many tensors, with so many weights, which take so many bytes."""

    form: str
    tensors: int
    weights: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """Matrices of one name that lie in another form than most: in all layers that have them, or only in `layers`.

    `name` has * in place of the layer's number; `of_layers` have such a tensor (0: it is in no layer).
    """

    name: str
    form: str
    weights: int
    layers: tuple[int, ...] = ()
    of_layers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a file says that it comes from. All of it is its maker's word, fit to be shown on one line; "" is no word.

    `matrix` is the importance matrix it was made with, `matrix_text` the text that was measured, in so many `chunks`.
    """

    license: str = ""
    license_link: str = ""
    organization: str = ""
    author: str = ""
    version: str = ""
    quantized_by: str = ""
    repository: str = ""
    source: str = ""
    commit: str = ""
    bases: tuple[str, ...] = ()
    matrix: str = ""
    matrix_text: str = ""
    chunks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """What the header of a file tells of a model, read without loading any weight.

    `bits_per_weight` is over all tensors. `forms` begins with the form that most weights lie in; `small_tensors` are
    those of one dimension (norms, biases), which are never quantized and not among `differing`.
    """

    facts: ModelFacts
    terms: Terms
    origin: Origin
    bits_per_weight: float = 0.0
    forms: tuple[FormShare, ...] = ()
    differing: tuple[Differing, ...] = ()
    small_tensors: int = 0
    vocabulary_kind: str = ""  # tokenizer.ggml.model
    vocabulary_cut: str = ""  # tokenizer.ggml.pre: how text is cut before


class Against(StrEnum):
    """Why a template is compared with this other one."""

    PARENT = "parent"  # the model that this one was made from here
    BASE = "base"  # the model that the file names as its own origin
    SIBLING = "sibling"  # another form of the same model
    FAMILY = "family"  # the plain template of the marks that it uses


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDiff:
    """A chat template beside the one it should be like: no `lines` where both are the same.

    `name` is the other model's, or the family's. `lines` are those of a unified diff without its two headings.
    """

    against: Against
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checksum:
    """The SHA-256 of each file of a model, by the files' names. `known` tells from where: "download" or "reckoned"."""

    files: tuple[tuple[str, str], ...]
    known: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """An adapter of the library beside a model: it goes with it, or `why` not."""

    id: int
    name: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCard:
    """A card with what the library adds to it."""

    card: ModelCard
    template: TemplateDiff | None = None
    checksum: Checksum | None = None
    adapters: tuple[Matching, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """Tokens a second, reading and writing; 0 is not known."""

    reading: float = 0.0
    writing: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """Whether a model fits and how fast it will be, when it is loaded in a certain way.

    `measured` is how fast it was when it was so loaded on this computer. `expected` is reckoned from how fast the model
    `like` was here, or, where `like` is "", guessed from this computer's memory and cores, once those were looked
    at. `ways` tells what would fit where it does not.
    """

    fit: Fit
    ways: WaysDown
    measured: Paces = Paces()
    expected: Paces = Paces()
    like: str = ""

    @property
    def memory_error(self) -> float | None:
        """By how much of what was measured the reckoning is too high (below 0: too low); None where nothing was."""
        return self.fit.reckoned_bytes / self.fit.need_bytes - 1 if self.fit.measured else None

    @property
    def speed_error(self) -> float | None:
        """The same of writing."""
        if not self.measured.writing or not self.expected.writing or not self.like:
            return None
        return self.expected.writing / self.measured.writing - 1
