"""What the hub offers and what is worth trying: models that are not here yet."""

from dataclasses import dataclass
from enum import StrEnum


class HubKind(StrEnum):
    """Which files of the hub are looked for."""

    GGUF = "gguf"  # what is used as it is
    SAFETENSORS = "safetensors"  # what can be converted


class HubSort(StrEnum):
    """What comes first among results."""

    DOWNLOADS = "downloads"
    LIKES = "likes"
    NEWEST = "newest"


class Purpose(StrEnum):
    """What somebody may want a model for."""

    CHAT = "chat"
    DOCUMENTS = "documents"
    JAPANESE = "japanese"
    SEARCH = "search"


class Verdict(StrEnum):
    """Whether something that is not here yet would fit into memory."""

    FITS = "fits"  # into what is free now
    TIGHT = "tight"  # once other programs are closed, or with a shorter context
    TOO_BIG = "too big"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The measures of a model that decide how much memory its context takes."""

    layers: int
    embedding: int
    heads: int
    key_value_heads: int
    head_width: int
    feed_forward: int
    vocabulary: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFile:
    """A file of a model in the catalogue. `about`: its size is reckoned from parameters and bits."""

    quantization: str
    name: str
    size_bytes: int
    about: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogModel:
    """A model worth trying. `strengths` is a sentence in English; `languages` are codes of ISO 639-1.

    `files` are in the order in which to take them: the first that fits. `use` is as in `ModelFacts`. `shape` is None
    where it is not known.
    """

    name: str
    repository: str
    licence: str
    languages: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    strengths: str
    parameters: int
    context_tokens: int
    architecture: str
    use: str
    files: tuple[CatalogFile, ...]
    shape: Shape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How a file that is not here would do on this computer; all of it is an estimate.

    `need_bytes` is with the context length of the settings. `tokens_per_s` is 0 for what writes no text.
    """

    verdict: Verdict
    need_bytes: int
    tokens_per_s: float = 0.0
    slow: bool = False  # slower than one reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """A model of the catalogue, the file of it to take here, and how it would do.

    `best_for` are the purposes for which it comes first on this computer; `here` tells that one of its repository is
    in the library.
    """

    model: CatalogModel
    file: CatalogFile
    outlook: Outlook
    best_for: tuple[Purpose, ...] = ()
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendations:
    """What to take on this computer, the best first; `too_big` are those that would not fit.

    `measured` tells that speeds follow from answers that were written here, and not only from this computer's memory.
    """

    models: tuple[Recommended, ...]
    too_big: tuple[Recommended, ...]
    measured: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HubModel:
    """A repository of the hub as it tells of itself: nothing of this was checked.

    `gated` is "" where everybody is let in, "auto" or "manual" where one has to ask. Moments are UTC in ISO 8601. What
    is not told is "" or 0. `architecture` is llama.cpp's name for GGUF files and transformers' for others.
    """

    repository: str
    licence: str = ""
    gated: str = ""
    downloads: int = 0
    likes: int = 0
    published_at: str = ""
    updated_at: str = ""
    architecture: str = ""
    parameters: int = 0
    context_tokens: int = 0
    languages: tuple[str, ...] = ()
    base_models: tuple[str, ...] = ()
    task: str = ""
    library: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFound:
    """What a search found, in the hub's order; `left_out` are those of an architecture that cannot be converted."""

    models: tuple[HubModel, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOffer:
    """A file of a repository, or all parts of one: `file` is the first.

    `whole` is false where parts of it are missing there. `fetchable` tells that it can be downloaded here. `outlook` is
    None for a projector, which goes with a model.
    """

    file: str
    size_bytes: int
    quantization: str = ""
    parts: int = 1
    whole: bool = True
    fetchable: bool = True
    outlook: Outlook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRepository:
    """A repository with what it holds; `left_out` counts files that are not shown.

    `with_token` tells that it opened only with the kept token.
    """

    model: HubModel
    offers: tuple[HubOffer, ...]
    left_out: int = 0
    with_token: bool = False
