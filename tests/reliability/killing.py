"""What the rows that kill have in common: a program of ours, started, listened to and killed in mid-work."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
LONGEST_S = 120.0


class Child:
    """A Python program of ours and the lines it has written so far."""

    def __init__(self, code: str, *arguments: str) -> None:
        environment = os.environ | {"HANARE_KEYCHAIN": "off"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout
        self._out: IO[str] = self._process.stdout
        self.lines: list[str] = []
        self.errors = ""

    def hear(self, count: int) -> bool:
        """Listen until it has written `count` lines in all; False where it ended before."""
        while len(self.lines) < count:
            line = self._out.readline()
            if not line:
                self.end()
                return False
            self.lines.append(line.strip())
        return True

    def kill_after(self, seconds: float) -> bool:
        """Kill it, as `kill -9` does, after this time, and hear what it had written till then.

        False where it had ended by itself before.
        """
        self.live(seconds)
        self._process.kill()
        return self.end() == -signal.SIGKILL

    def live(self, seconds: float) -> None:
        """Let it go on for a while."""
        threading.Event().wait(seconds)

    def end(self) -> int:
        """Wait for its end; its exit status."""
        rest, self.errors = self._process.communicate(timeout=LONGEST_S)
        self.lines += rest.split("\n")[:-1]  # a line that was cut in two was never told
        return self._process.returncode


@contextmanager
def started(code: str, *arguments: object) -> Iterator[Child]:
    """Start it; no child outlives its try."""
    child = Child(code, *map(str, arguments))
    try:
        yield child
    finally:
        child._process.kill()
        if child._process.returncode is None:
            child.end()


def moments(count: int, longest_s: float, seed: int) -> list[float]:
    """Random moments, the same in every run, so that a failure can be seen again."""
    chance = random.Random(seed)
    return [chance.uniform(0, longest_s) for _ in range(count)]
