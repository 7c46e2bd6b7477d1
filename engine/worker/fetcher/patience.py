"""How often and how long a failed request is tried again."""

import time

from engine.errors import EngineError

TRIES = 5
FIRST_WAIT_S, MOST_WAIT_S = 0.5, 8.0
MOST_ASKED_S = 60.0  # a server that asks for more is not waited for


class Patience:
    """Counts tries that brought nothing, and waits longer after each."""

    def __init__(self, tries: int = TRIES) -> None:
        """At most `tries` in all."""
        self._most, self._tries = tries, 0

    def tried(self, error: EngineError, wait_s: float = 0.0) -> None:
        """Wait before the next try, at least `wait_s`; raise `error` when there is none."""
        self._tries += 1
        if self._tries >= self._most or wait_s > MOST_ASKED_S:
            raise error
        time.sleep(max(wait_s, min(FIRST_WAIT_S * 2 ** (self._tries - 1), MOST_WAIT_S)))


def seconds_asked(header: str) -> float:
    """The seconds of a Retry-After header; 0 where it names none (RFC 9110, 10.2.3)."""
    return float(header) if header.isdecimal() else 0.0
