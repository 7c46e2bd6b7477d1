"""Memory in words: what a model waits for, what would fit instead, the question before one is loaded anyway."""

from collections.abc import Callable
from dataclasses import replace

from desktop.error_text import ErrorText, error_text
from desktop.notices import Notices
from desktop.widgets.amounts import count_text, size_text
from desktop.words import tr
from engine.errors import EngineError, NotEnoughMemory
from engine.events import ModelLoading
from engine.types import WaysDown


def problem_text(error: Exception, ways_down: Callable[[int], WaysDown]) -> ErrorText:
    """As `error_text`; a model that does not fit is told with what would. `ways_down` is the library's."""
    text = error_text(error)
    if not isinstance(error, NotEnoughMemory):
        return text
    try:
        ways = ways_down(error.model_id)
    except EngineError:  # the model was removed meanwhile
        return text
    return replace(text, advice=ways_text(ways))


def ways_text(ways: WaysDown) -> str:
    """What would fit, in one sentence each."""
    told = []
    if ways.context_tokens:
        tokens = count_text(ways.context_tokens)
        told.append(tr("With a context length of {tokens} tokens (Settings) it would fit.", tokens=tokens))
    if ways.cache:
        told.append(tr("With key cache and value cache as {form} (Models) it would fit.", form=ways.cache))
    if ways.model is not None:
        told.append(tr("{name}, which is here, would fit.", name=ways.model.name))
    if ways.quantization:
        need = size_text(ways.quantized_bytes)
        told.append(tr("The same model as {form} would need {size} and fit.", form=ways.quantization, size=need))
    if not told:
        told.append(tr("No shorter context and no model that is here would fit. Closing other programs may help."))
    return " ".join(told)


def loading_text(event: ModelLoading) -> str:
    """How far a model is loaded, or what it waits for."""
    if event.waits_for:
        return tr("Waiting until {name} has answered and its memory is free…", name=event.waits_for)
    return tr("Loading the model… {percent} %", percent=round(event.fraction * 100))


def may_load_anyway(notices: Notices, name: str) -> bool:
    """Ask once more."""
    return notices.ask(
        tr("Load it anyway?"),
        tr(
            "{name} needs more memory than is free. The computer may become very slow or stop answering until the "
            "model is ended, and other programs may be closed by the system. What you have written is saved.",
            name=name,
        ),
        tr("Load anyway"),
        tr("Cancel"),
        danger=True,
    )
