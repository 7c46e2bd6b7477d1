"""What the commands write: text for people, one JSON document for programs, progress for terminals.

Answers go to standard output; progress and errors go to standard error, progress only where that
is a terminal. What a model or a document says is made inert first: no escape sequence in it
reaches the terminal.
"""

import dataclasses
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Any, TextIO, TypeVar

from engine.cli.wording import MARK, UNMARK, cost, excerpt, inert, moved, place, width, wrapped
from engine.events import Event, ModelLoading, Progressed, PromptRead
from engine.operation import Cancel, Operation
from engine.types import Hit, Quote, Source, Speed
from engine.unseen import harmless

Result = TypeVar("Result")
# Within a string of JSON these are written as \uXXXX, which means the same and steers no terminal.
_STEERING = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_BOLD, _FAINT, _MARKED, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[0m"


def speak_utf8() -> None:
    """Read and write UTF-8 whatever the locale says; what is none is replaced or escaped, never fatal."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors=errors)


class Screen:
    """Where a command writes. With `wants_json` only the final document reaches standard output."""

    def __init__(self, *, wants_json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.wants_json = wants_json
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._moving = self._err.isatty()
        self._coloured = self._out.isatty() and not os.environ.get("NO_COLOR")
        self._line = ""

    def say(self, text: str = "") -> None:
        """One line or paragraph for a person; nothing in it reaches the terminal but words."""
        self._write(inert(text))

    def heading(self, text: str) -> None:
        """A line that stands out."""
        self._write(self._dress(_BOLD, text))

    def aside(self, text: str) -> None:
        """A line that stands back."""
        self._write(self._dress(_FAINT, text))

    def piece(self, text: str) -> None:
        """A piece of an answer as it comes."""
        if not self.wants_json:
            self.clear_progress()
            self._out.write(harmless(text.replace("\r\n", "\n")))
            self._out.flush()

    def answer(self, text: str, *, as_json: bool) -> None:
        """A whole answer that is to be read by a program: nothing beside it, and nothing in it that steers."""
        if not self.wants_json:
            self.clear_progress()
            print(_safe_json(text) if as_json else harmless(text), file=self._out, flush=True)

    def document(self, value: Any) -> None:
        """The one JSON document of a command that was asked for it."""
        if self.wants_json:
            self.clear_progress()
            text = json.dumps(as_json(value), ensure_ascii=False, indent=2)
            print(_safe_json(text), file=self._out, flush=True)

    def complain(self, sentence: str, advice: str = "") -> None:
        """What went wrong and what to do about it."""
        self.clear_progress()
        print(f"hanare: {inert(sentence)}", file=self._err)
        if advice:
            print(f"        {inert(advice)}", file=self._err)
        self._err.flush()

    def progress(self, text: str) -> None:
        """Replace the line of progress, where there is a terminal to show it."""
        if self._moving and text != self._line:
            self._err.write("\r\x1b[2K" + inert(text).replace("\n", " ")[: width() - 1])
            self._err.flush()
            self._line = text

    def clear_progress(self) -> None:
        """Take the line of progress away."""
        if self._line:
            self._err.write("\r\x1b[2K")
            self._err.flush()
            self._line = ""

    def follow(self, event: Event) -> None:
        """Show an event that tells how far the work has come; others are left alone."""
        if isinstance(event, Progressed):
            self.progress(moved(event))
        elif isinstance(event, ModelLoading):
            waits = f"Waiting for {inert(event.waits_for)} to answer and give its memory back …"
            self.progress(waits if event.waits_for else f"Loading {inert(event.model)} … {event.fraction:.0%}")
        elif isinstance(event, PromptRead):
            self.progress(f"Reading the prompt … {event.done} of {event.total} tokens")

    def hit(self, hit: Hit) -> None:
        """One search result: where it is and what it says, the match marked."""
        self._write(f"{hit.rank:>3}. {self._dress(_BOLD, place(hit.passage))}")
        self._quoted(excerpt(hit.passage.text, hit.marks))
        for other in hit.also_in:
            self.aside(f"     also in {place(other)}")

    def quote(self, number: int, quote: Quote) -> None:
        """One verbatim sentence and where it stands."""
        self._write(f"{number:>3}. {self._dress(_BOLD, place(quote.source))}")
        self._quoted(excerpt(quote.text, longest=len(quote.text)))

    def source(self, source: Source) -> None:
        """One numbered passage that an answer was written from."""
        self.aside(f"  [{source.number}] {place(source)}")

    def speed(self, speed: Speed | None) -> None:
        """What an answer cost, in one line."""
        if speed is not None and speed.tokens:
            self.aside("  " + cost(speed))

    def _quoted(self, text: str) -> None:
        block = wrapped(text, width(), "     ")
        seen, unseen = (_MARKED, _PLAIN) if self._coloured else ("", "")
        self._write(block.replace(MARK, seen).replace(UNMARK, unseen))

    def _write(self, text: str) -> None:
        if not self.wants_json:
            self.clear_progress()
            print(text, file=self._out, flush=True)

    def _dress(self, look: str, text: str) -> str:
        return f"{look}{inert(text)}{_PLAIN}" if self._coloured else inert(text)


def _safe_json(text: str) -> str:
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_json(value: Any) -> Any:
    """A value of ours as what JSON knows: objects, lists, strings, numbers."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): as_json(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return value


@contextmanager
def stopping_on_interrupt(cancel: Cancel) -> Iterator[None]:
    """While inside, Ctrl+C presses `cancel`; a second one ends the program at once.

    The press happens on a thread of its own: a signal may arrive while the main thread holds
    the very lock the press needs.
    """

    def pressed(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=cancel.press, name="stop").start()

    before = signal.signal(signal.SIGINT, pressed)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def carry_out(operation: Operation[Result], cancel: Cancel, on_event: Callable[[Event], None]) -> Result:
    """Run an operation to its end, telling `on_event` what it reports; Ctrl+C stops it."""
    with stopping_on_interrupt(cancel):
        return follow(operation, on_event)


def follow(operation: Operation[Result], on_event: Callable[[Event], None]) -> Result:
    """Run an operation to its end, telling `on_event` what it reports.

    An error in `on_event` (nobody reads our output any more) closes it, while the engine is still open.
    """
    with closing(operation):
        while True:
            try:
                event = next(operation)
            except StopIteration as end:
                result: Result = end.value
                return result
            on_event(event)
