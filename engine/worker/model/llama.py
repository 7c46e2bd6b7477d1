"""llama.cpp, kept at arm's length: its messages and its stop flag.

Only the low-level binding is used. Two traps of the binding: a function that returns a pointer
gives a false pointer, not None, for NULL; and its own log levels are numbered wrongly (ggml.h:
0 none, 1 debug, 2 info, 3 warning, 4 error, 5 goes on with the line before).
"""

import contextlib
import ctypes
import sys
from collections.abc import Callable

import llama_cpp as lib

ERROR_LEVEL, GOES_ON_LEVEL = 4, 5
MOST_KEPT = 20
REASON_FOLLOWS = ("error loading model: ", "failed to apply lora adapter: ")


class Complaints:
    """What llama.cpp last logged as an error; it goes to no screen and no file.

    `overheard` is given all that it logs, as it comes, on the thread that works.
    """

    def __init__(self) -> None:
        """Take llama.cpp's log over from here on."""
        self._lines: list[str] = []
        self._level = 0
        self.overheard: Callable[[str], None] = lambda text: None
        self.callback = lib.llama_log_callback(self._hear)
        lib.llama_log_set(self.callback, ctypes.c_void_p(0))

    def forget(self) -> None:
        """Start afresh before something that may fail."""
        self._lines.clear()

    def why(self) -> str:
        """The reason in a few words, fit for the middle of a sentence."""
        for line in self._lines:
            for mark in REASON_FOLLOWS:
                if mark in line:
                    return line.split(mark, 1)[1][:300]
        return self._lines[0][:300] if self._lines else "it gave no reason"

    def _hear(self, level: int, text: bytes, data: object) -> None:
        with contextlib.suppress(Exception):  # an exception cannot cross llama.cpp
            line = text.decode("utf-8", "replace").strip()
            if level == GOES_ON_LEVEL and self._level == ERROR_LEVEL and self._lines:
                self._lines[-1] = f"{self._lines[-1]} {line}".strip()
            elif level == ERROR_LEVEL and line and len(self._lines) < MOST_KEPT:
                self._lines.append(line)
            if level != GOES_ON_LEVEL:
                self._level = level
            self.overheard(text.decode("utf-8", "replace"))


class Flag:
    """A stop flag that llama.cpp reads without Python.

    llama.cpp asks its abort callback some hundred times a token. A Python callback would need
    the interpreter's lock each time; C's own `strlen` does not. Given this buffer it answers 0
    for "" and 1 for "\\x01", which is false and true.
    """

    def __init__(self) -> None:
        """Lowered."""
        self._buffer = ctypes.create_string_buffer(2)
        c_library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
        self.callback = ctypes.cast(c_library.strlen, lib.llama_cpp.ggml_abort_callback)
        self.data = ctypes.cast(self._buffer, ctypes.c_void_p)

    @property
    def raised(self) -> bool:
        """Whether the work is to stop."""
        return self._buffer[0] != b"\0"

    def raise_it(self) -> None:
        """Stop what llama.cpp is doing; from any thread."""
        self._buffer[0] = b"\x01"

    def lower(self) -> None:
        """Let it work again."""
        self._buffer[0] = b"\0"


complaints = Complaints()
lib.llama_backend_init()
