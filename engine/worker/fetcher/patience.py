"""How often and how long a failed request is tried again."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from engine.errors import EngineError

TRIES = 5
FIRST_WAIT_S, MOST_WAIT_S = 0.5, 8.0
MOST_ASKED_S = 120.0  # a server that asks for more is not waited for


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
        time.sleep(max(wait_s, wait_before(self._tries)))


def wait_before(tries: int) -> float:
    """How long to wait after so many tries that brought nothing, in seconds."""
    return min(FIRST_WAIT_S * 2.0 ** (tries - 1), MOST_WAIT_S)


def seconds_asked(header: str) -> float:
    """The seconds of a Retry-After header, which may name a moment; 0 where it names none (RFC 9110, 10.2.3)."""
    if header.isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
