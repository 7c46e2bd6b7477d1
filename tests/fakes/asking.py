"""Asking a runtime for an answer, as tests do: to its end, or only to its middle."""

from collections.abc import Callable

from engine.events import Event, TextAdded
from engine.operation import Cancel, Operation
from engine.runtime import Runtime
from engine.types import Model, Role, Turn, Wanted, Written

FAKE = "tests.fakes.model_worker"


def ask(
    runtime: Runtime,
    model: Model,
    text: str,
    cancel: Cancel | None = None,
    heard: Callable[[Event], None] = lambda event: None,
    wanted: Wanted | None = None,
) -> Written:
    operation = runtime.generate(model, [Turn(role=Role.USER, text=text)], wanted or Wanted(), cancel or Cancel())
    return heard_out(operation, heard)


def heard_out(operation: Operation[Written], heard: Callable[[Event], None] = lambda event: None) -> Written:
    """What comes of an answer; `heard` is told of all on the way."""
    try:
        while True:
            heard(next(operation))
    except StopIteration as end:
        written: Written = end.value
        return written


def begun(runtime: Runtime, model: Model, text: str = "!slow", **wanted: int) -> Operation[Written]:
    """An answer in mid-sentence."""
    operation = runtime.generate(model, [Turn(role=Role.USER, text=text)], Wanted(**wanted), Cancel())
    assert any(isinstance(event, TextAdded) for event in operation)
    return operation
