"""What is guessed for the answers of a step: from the text itself, else by the draft model where one is loaded.

Either is off by itself where it does not pay. What the text itself offers is judged without being tried; a draft
model has to be tried, seldom, for a fiftieth of the time that passes meanwhile.
"""

import time
from collections.abc import Sequence

from engine.worker.model.draft import Draft
from engine.worker.model.generation import Generation
from engine.worker.model.worth import MOST_GUESSES, Worth, brings

NEW = 0.2  # what the draft's latest guess counts against all before
FIRST_TRUST = 0.7  # how often the draft is taken to be right before anything was seen
AGAIN_TRUST = 0.5  # and at least, when it is tried again
AGAIN_GUESSES = 3
PATIENCE = 50  # it is tried again when writing without it has taken so many times what the last try cost
NOTHING: tuple[int, ...] = ()


class Guessing:
    """Chooses the guesses of each step, and learns from what came of them. One for a model."""

    def __init__(self, draft: Draft | None) -> None:
        """`draft` guesses for an answer that is written by itself."""
        self._worth = Worth()
        self._draft = draft
        self._trust = FIRST_TRUST
        self._draft_s = 0.0  # what making those of this step took
        self._trying = False
        self._try_s = self._waited_s = 0.0
        self._none = False
        self._step_s = self._plain_s = 0.0

    def choose(self, writers: Sequence[Generation], threads: int) -> list[Sequence[int]]:
        """The guesses for each of the answers that get a token in the next step, which reads nothing."""
        chosen: list[Sequence[int]] = [NOTHING] * len(writers)
        self._draft_s = 0.0
        if self._none or self._worth.due:
            self._none = False
            return chosen
        for writer in writers:
            if writer.exact:
                return chosen
        taken, gained = 0, 0.0
        for number, writer in enumerate(writers):
            lookup = writer.lookup
            if lookup is None or not lookup.source:
                continue
            trust = lookup.trust
            most = min(MOST_GUESSES - taken, writer.room)
            count = self._worth.count(trust, most, len(writers), taken=taken, gained=gained)
            if count:
                chosen[number] = lookup.guesses(count)
                taken, gained = taken + count, gained + brings(trust, count)
        if not taken and self._draft is not None and len(writers) == 1 and writers[0].lookup is not None:
            chosen[0] = self._drafted(self._draft, writers[0], threads)
        return chosen

    def none_next(self) -> None:
        """There was no room for guesses: the next step has none."""
        self._none = True

    def took(self, seconds: float, writing: int, guesses: int) -> None:
        """A step that read nothing, wrote for so many answers and weighed so many guesses took this long."""
        self._worth.took(seconds, writing, guesses)
        if not self._draft_s:
            self._waited_s += seconds
        elif self._trying:
            self._try_s, self._waited_s = self._draft_s + seconds, 0.0
        if guesses:
            self._step_s, self._plain_s = seconds + self._draft_s, self._worth.plain_s(writing)

    def heard(self, writer: Generation, guesses: int, right: int) -> None:
        """Of the guesses for `writer` in that step so many were right, up to the first that was not."""
        writer.weighed(guesses, right, (1 + right) * self._plain_s - self._step_s)
        if guesses and self._draft_s:
            for _ in range(right):
                self._trust += NEW * (1 - self._trust)
            if right < guesses:
                self._trust -= NEW * self._trust

    def _drafted(self, draft: Draft, writer: Generation, threads: int) -> Sequence[int]:
        """What the draft model guesses, where that pays or it is time for another try."""
        plain_s, room = self._worth.plain_s(1), min(MOST_GUESSES, writer.room)
        if not plain_s or room < 1:
            return NOTHING
        count = self._worth.count(self._trust, room, 1, dear=draft.each_s / plain_s)
        self._trying = not count
        if self._trying:
            if self._waited_s < PATIENCE * self._try_s:
                return NOTHING
            self._trust = max(self._trust, AGAIN_TRUST)
            count = min(AGAIN_GUESSES, room)
        draft.use_threads(threads)
        started = time.perf_counter()
        found = draft.guesses(writer.tokens, count)
        self._draft_s = time.perf_counter() - started
        return found
