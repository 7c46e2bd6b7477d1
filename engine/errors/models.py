"""What can go wrong with a model as a file: what it is, what it needs, what is made of it."""

from engine.errors.failing import EngineError


class ModelDamaged(EngineError):
    """A GGUF file that fails the check made before llama.cpp sees it."""

    sentence = "{path} is not a usable GGUF model: {why}."


class ModelBuiltIn(EngineError):
    """The guide was to be removed. It lies in the program and not in the person's folder."""

    sentence = "{model} comes with Hanare, so it cannot be removed."


class ModelNotUsable(EngineError):
    """llama.cpp refused a file that passed our check."""

    sentence = "llama.cpp could not load {path}: {why}."


class AdapterNotForModel(EngineError):
    """A LoRA adapter was made for another model, or is none."""

    sentence = "The adapter {adapter} does not go with {model}: {why}."


class ProjectorNotForModel(EngineError):
    """A file with which a model was to see is none, or belongs to other models."""

    sentence = "{model} cannot see with {projector}: {why}."


class ModelNotMade(EngineError):
    """llama.cpp did not make a model in another form."""

    sentence = "{path} could not be made smaller: {why}."


class CheckpointNotUsable(EngineError):
    """A folder of safetensors that Hanare does not convert."""

    sentence = "{path} cannot be converted: {why}."


class TokenizerDiffers(EngineError):
    """llama.cpp would read a text otherwise than the model's own tokenizer; `ours` and `theirs` are the tokens."""

    sentence = "{path} cannot be converted: llama.cpp would read the text {text!r} otherwise than its own tokenizer."


class MatrixNeeded(EngineError):
    """A form in which a model is worth nothing without an importance matrix, which llama.cpp refuses then."""

    sentence = "{quantization} needs an importance matrix, without which the model would be worth nothing."


class MatrixNotUsable(EngineError):
    """A file that was to be an importance matrix."""

    sentence = "{path} is not a usable importance matrix: {why}."


class NotEnoughRoom(EngineError):
    """Nothing was begun."""

    sentence = "The new model takes {need_mb:,.0f} MB, and the disk that holds {where} has {free_mb:,.0f} MB free."


class ModelsNotComparable(EngineError):
    """What a model lost cannot be measured against another one."""

    sentence = "{model} cannot be measured against {other}: {why}."


class NothingToMeasureAgainst(EngineError):
    """Nothing larger is here of which a model was made."""

    sentence = "The larger model that {model} was made from is not here."


class NoRoomToMeasure(EngineError):
    """Two models do not fit into memory together, and what one expects has no room on the disk. Nothing was begun."""

    sentence = (
        "What is kept while this is measured takes {need_mb:,.0f} MB, and the disk that holds {where} has "
        "{free_mb:,.0f} MB free."
    )


class NotEnoughMemory(EngineError):
    """It does not fit now. `model_id` and `fitting_tokens`, the longest context that would (0: none), are facts too."""

    sentence = (
        "{model} needs about {need_gib:.1f} GiB of memory with a context of {context_tokens} tokens, and "
        "{free_gib:.1f} GiB can be given to it now."
    )


class MemoryRanShort(EngineError):
    """The computer was about to freeze; the model was ended before it did."""

    sentence = "The computer ran short of memory, so {model} was stopped and its memory was given back."


class DraftNotUsable(EngineError):
    """A model was chosen to guess ahead for another one, and cannot."""

    sentence = "{path} cannot guess ahead for this model: {why}."


class CardNotUsable(EngineError):
    """Layers of a model were wanted on the graphics card, and it was loaded without it."""

    sentence = "The graphics card could not be used ({why}), so the processor does all the work of this model."


class EmbedderNotUsable(EngineError):
    """The embedding model is missing or is not the pinned one."""

    sentence = "The embedding model could not be used: {why}."
