"""Pictures in chats: taken in before they are sent, and shown to models that see."""

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.documents.reading import MOST_PICTURE_BYTES, Reader
from engine.errors import ModelCannotSee, PictureNotUsable, TextNotAccepted, from_os_error
from engine.operation import Cancel, Operation
from engine.types import Message, Model, Picture

MOST_PICTURES = 8  # with one message
MOST_SHOWN = 12  # of one chat at once: they have to fit one line of the wire
NOT_SEEN = "This model does not see pictures, so it answered without the earlier ones."
SOME_SEEN = "Only the last {count} pictures of this chat were shown to the model."


class Pictures:
    """Takes pictures in, each in a process of its own that may open nothing. Every method from any thread."""

    def __init__(self, private: Path) -> None:
        """`private` is the home of the process."""
        self._reader = Reader(private)

    def take(self, path: Path, cancel: Cancel) -> Operation[Picture]:
        """The picture in a file. Raises `PictureNotUsable`, `FileMissing`, `FileNotReadable`, `Cancelled`."""
        yield from ()
        return self._reader.take_picture(_read(path), path.name, cancel)

    def take_pasted(self, raw: bytes, cancel: Cancel) -> Operation[Picture]:
        """The picture in the bytes of a file that has no name. Raises `PictureNotUsable`, `Cancelled`."""
        yield from ()
        return self._reader.take_picture(raw, "", cancel)

    def close(self) -> None:
        """Let the process go."""
        self._reader.close()


def must_see(model: Model, pictures: Sequence[Picture]) -> None:
    """Raises `ModelCannotSee`, and `TextNotAccepted` for more pictures than one message may have."""
    if pictures and model.projector is None:
        raise ModelCannotSee(model=model.name)
    if len(pictures) > MOST_PICTURES:
        why = f"the most is {MOST_PICTURES}"
        raise TextNotAccepted(what="A message", value=f"sent with {len(pictures)} pictures", why=why)


def for_model(
    messages: Sequence[Message], model: Model, data: Callable[[Picture], bytes]
) -> tuple[tuple[Message, ...], str]:
    """The messages with the pictures that the model is shown, their data there, and a note about the others.

    Raises `ModelCannotSee` where the last of `messages` has one and the model does not see.
    """
    must_see(model, messages[-1].pictures)
    if model.projector is None:
        left_out = any(message.pictures for message in messages)
        return tuple(replace(message, pictures=()) for message in messages), NOT_SEEN if left_out else ""
    room = MOST_SHOWN
    shown: list[Message] = []
    note = ""
    for message in reversed(messages):
        kept = message.pictures[-room:] if room else ()
        if len(kept) < len(message.pictures):
            note = SOME_SEEN.format(count=MOST_SHOWN)
        room -= len(kept)
        shown.append(replace(message, pictures=tuple(replace(picture, data=data(picture)) for picture in kept)))
    return tuple(reversed(shown)), note


def described(pictures: Sequence[Picture]) -> str:
    """What a chat that begins with nothing but pictures is called."""
    return next((picture.name for picture in pictures if picture.name), "A picture")


def _read(path: Path) -> bytes:
    """The bytes of an ordinary file; opening a pipe would wait for ever."""
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise PictureNotUsable(picture=f"“{path.name}”", why="it is no ordinary file")
            return file.read(MOST_PICTURE_BYTES + 1)
    except OSError as error:
        raise from_os_error(error, path) from error
