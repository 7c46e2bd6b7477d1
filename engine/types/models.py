"""Models: the files, what their headers say, and what they need."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.loading import LoadOptions
from engine.thinking import has_switch
from engine.types.making import Made

# Templates whose answers have heads that are not kept: Muse Glimmer's and Functionary's.
_HEADED = ("to=self<|message|>", ">>>all")


class ModelOrigin(StrEnum):
    """Where a model file came from."""

    DISK = "disk"  # the person's own file, used in place, never copied nor deleted
    HUB = "hub"  # fetched into our models folder
    MADE = "made"  # made by us from another model, in our models folder
    TEST = "test"  # made by us at first run: real machinery, random weights, writes noise
    BUILT_IN = "built-in"  # comes with the program and lies in it: the guide
    STAGE = "stage"  # comes with it too: the guide as it was earlier in its training


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What the header of a GGUF file says, read without loading the model.

    `parameters` counts weights; `quantization` is the usual name ("Q4_K_M"). `template` is the chat template's
    source, None where there is none. `use` is what the file is for: "chat", or "embedding", "reranking", "entailment",
    "diffusion", "vision", "adapter", "vocabulary", which cannot chat. `parts` counts the files of a model that comes in
    several; `path` is then the first. `sampling` is what its maker recommends, by the names in `engine.sampling`; None
    where nobody has looked. `key_numbers` and `value_numbers` are what the cache holds of one token, in all layers
    together, and `key_width` and `value_width` of one head; `state_bytes` is what a recurrent model holds of one
    conversation. `feed_forward` is the widest that a token becomes; `windowed` tells that some layers look only a
    little way back. `table_bytes` of the tensors are tables in which a row of `table_row_bytes` is looked up for each
    token. `merges` are the pairs that its vocabulary joins, `active_bytes` what of the
    weights is gone through for one token. All of these are 0 where nobody has looked.
    `base` is the model that an adapter says it was made from, "" where it does not say. `embedding` of a projector is
    that of the models it belongs to. `vocabulary_mark` is the same for files of one vocabulary, and None where
    nobody has looked.
    """

    architecture: str
    name: str
    parameters: int
    quantization: str
    context_tokens: int
    layers: int
    embedding: int
    vocabulary: int
    size_bytes: int
    tensor_bytes: int
    template: str | None = None
    use: str = "chat"
    parts: int = 1
    sampling: dict[str, float] | None = None
    key_numbers: int = 0
    value_numbers: int = 0
    key_width: int = 0
    value_width: int = 0
    state_bytes: int = 0
    heads: int = 0
    feed_forward: int = 0
    windowed: bool = False
    table_bytes: int = 0
    table_row_bytes: int = 0
    merges: int = 0
    active_bytes: int = 0
    base: str = ""
    vocabulary_mark: str | None = None

    @property
    def may_go_on(self) -> bool:
        """Whether the model can be given the beginning of an answer, to go on from its very words."""
        return not any(mark in (self.template or "") for mark in _HEADED)

    @property
    def goes_back(self) -> str:
        """To where in what it has read the model can go back, so that less is read again: "anywhere"; "marks", where
        that is one running state; or "window", where a conversation that was put aside or reopened is marked as well.
        """
        return "marks" if self.state_bytes else "window" if self.windowed else "anywhere"

    @property
    def may_think(self) -> bool:
        """Whether the model can be asked to think before it answers, or not to."""
        return self.template is not None and has_switch(self.template)


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file that lies in a repository of the hub, by its name there."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A LoRA adapter attached to a model; `id`, `name` and `path` are its own in the library.

    It changes the model `strength` times as much as it was trained to: 0 is off, below 0 works against it.
    """

    id: int
    name: str
    path: Path
    strength: float = 1.0
    tensor_bytes: int = 0
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model the library knows. `missing` means its file is not where it was.

    `mtime_ns` is the file's when `facts` were read. `repository` and `sha256` are those of models from the hub.
    `loading` holds the options of `engine.loading.LoadOptions` that this model has of its own.
    `adapters` are those attached to it, in the order in which they were.
    `projector` is the file with which it sees pictures; None where it does not.
    `made` is how it was made here from another model; None where it was not.
    `commit` is that of the repository from which its file came, "" where that is not known.
    """

    id: int
    name: str
    path: Path
    origin: ModelOrigin
    facts: ModelFacts
    added_at: str
    missing: bool = False
    mtime_ns: int = 0
    repository: str = ""
    sha256: str = ""
    loading: dict[str, Any] = field(default_factory=dict)
    adapters: tuple[Adapter, ...] = ()
    projector: Path | None = None
    made: Made | None = None
    commit: str = ""

    @property
    def weighed(self) -> ModelFacts:
        """Its facts with the weights of the adapters that are loaded with it counted as its own."""
        return replace(
            self.facts, tensor_bytes=self.facts.tensor_bytes + sum(each.tensor_bytes for each in self.adapters)
        )

    @property
    def is_test(self) -> bool:
        """True for the tiny models we make, whose text is noise."""
        return self.origin is ModelOrigin.TEST

    @property
    def built_in(self) -> bool:
        """True for the guide that comes with the program, which knows how Hanare is used, and for its stages."""
        return self.is_guide or self.is_stage

    @property
    def is_guide(self) -> bool:
        """True for the guide as it is now."""
        return self.origin is ModelOrigin.BUILT_IN

    @property
    def is_stage(self) -> bool:
        """True for the guide as it was earlier in its training: it is asked like it, and answers only who chose it."""
        return self.origin is ModelOrigin.STAGE

    @property
    def is_own(self) -> bool:
        """True for a model that the person has chosen to have: neither made for tests nor part of the program."""
        return not self.is_test and not self.built_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a model will need in memory and whether this computer has it now.

    `need_bytes` = `weights_bytes` + `context_bytes` + `working_bytes` + `draft_bytes`, the last for a model that
    guesses ahead. `free_bytes` is without what is kept
    for the rest of the computer. `fitting_tokens` is the longest context that would fit; 0 where none would.
    `measured`: the need is what it took on this computer before, and not what its parts add up to. `seeing_bytes` are
    those of the projector, needed beside it only where a picture is shown.
    """

    need_bytes: int
    free_bytes: int
    weights_bytes: int
    context_bytes: int
    working_bytes: int
    context_tokens: int
    draft_bytes: int = 0
    seeing_bytes: int = 0
    fitting_tokens: int = 0
    measured: bool = False

    def with_more(self, more_bytes: int) -> "Fit":
        """The same with so much more working memory."""
        return replace(self, need_bytes=self.need_bytes + more_bytes, working_bytes=self.working_bytes + more_bytes)

    @property
    def reckoned_bytes(self) -> int:
        """What the header alone tells that it needs."""
        return self.weights_bytes + self.context_bytes + self.working_bytes + self.draft_bytes

    @property
    def fits(self) -> bool:
        """Whether what is free now covers the need."""
        return self.need_bytes <= self.free_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A model that is loaded now: how, what memory it was reckoned to need, and the answers it is at work on.

    `idle_s` is for how long it has been without any; `card` names the graphics cards that have `card_layers` of it.
    """

    model_id: int
    options: LoadOptions
    need_bytes: int
    answers: int
    idle_s: float
    card: str = ""
    card_layers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysDown:
    """What would fit: a shorter context, a smaller cache, another model, a smaller form of the same. Empty: none.

    `cache` is a value of `key_cache` and `value_cache` with which the wanted context would fit.
    """

    context_tokens: int = 0
    cache: str = ""
    model: Model | None = None
    quantization: str = ""
    quantized_bytes: int = 0
