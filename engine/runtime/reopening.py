"""One answer's use of what is kept of its chat: it is offered, and sent where the process wants it."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

from engine import wire
from engine.errors import StateNotUsable
from engine.loading import CACHES
from engine.runtime.fit import free_bytes
from engine.runtime.keeper import Keeper
from engine.runtime.seat import Seat
from engine.runtime.states import KeptState, belonging
from engine.types import Model

STATES = 3  # of a recurrent model: as it is now, and two marks
TOLD_BYTES = 16 << 20  # how far the sending has come is told this often

Reports = Generator[wire.Message, None, None]


class Reopening:
    """For one answer; without a keeper, or a chat above 0, it does nothing. `note` tells what could not be used."""

    def __init__(self, keeper: Keeper | None, seat: Seat, model: Model, chat: int) -> None:
        self._keeper, self._seat, self._model, self.note = keeper, seat, model, ""
        self._of = None
        if keeper is not None and chat > 0:
            try:
                self._of = belonging(chat, model, seat.loaded.context_tokens, _how(seat, model))
            except OSError:  # the model's file is gone, and the process goes on without it
                self._of = None
        self._kept: KeptState | None = None

    def offer(self) -> dict[str, Any]:
        """The fields of `wire.Generate` that tell what is kept."""
        if self._keeper is None or self._of is None:
            return {}
        try:
            self._kept = self._keeper.states.find(self._of)
        except StateNotUsable as error:
            self.note = str(error)
        kept = self._kept
        if kept is None or free_bytes() < kept.size_bytes:
            return {"chat": self._of.chat}
        return {
            "chat": self._of.chat, "saved": kept.tokens, "saved_stretches": kept.stretches, "saved_marks": kept.marks,
        }  # fmt: skip

    def through(self, reports: Reports) -> Reports:
        """The reports of the answer, those on its state taken care of and left out.

        How far a state has come is told as how much of the prompt is read.
        """
        with closing(reports):
            for report in reports:
                if isinstance(report, wire.StateWanted):
                    yield from self._send(report.job)
                elif isinstance(report, wire.StateUsed):
                    if not report.tokens and self._kept is not None and self._keeper is not None and not self.note:
                        self.note = str(self._keeper.states.refused(self._kept))
                else:
                    if isinstance(report, wire.Done) and self._keeper is not None and self._of is not None:
                        self._keeper.answered(self._seat, self._of, report, self._size_bytes(report))
                    yield report

    def _size_bytes(self, done: wire.Done) -> int:
        """About what the state of the chat takes now."""
        facts, options, tokens = self._model.facts, self._seat.options, done.prompt_tokens + done.tokens
        keys = CACHES[options.key_cache].size_bytes(facts.key_numbers * tokens)
        return keys + CACHES[options.value_cache].size_bytes(facts.value_numbers * tokens) + STATES * facts.state_bytes

    def _send(self, job: int) -> Reports:
        process, keeper, kept = self._seat.process, self._keeper, self._kept
        assert process is not None
        if keeper is None or kept is None:
            process.tell(wire.StateSent(job=job, whole=False))
            return
        sent = told = 0
        whole = False
        try:
            for piece in keeper.states.pieces(kept):
                process.tell(wire.StatePiece(job=job, data=piece))
                sent += len(piece)
                if sent - told >= TOLD_BYTES:
                    told = sent
                    tokens = len(kept.tokens)
                    yield wire.Reading(job=job, done=tokens * sent // kept.size_bytes, total=tokens)
            whole = True
        except StateNotUsable as error:
            self.note = str(error)
        finally:
            process.tell(wire.StateSent(job=job, whole=whole))


def _how(seat: Seat, model: Model) -> str:
    """What a model's memory depends on beside its file: the form of its cache, and the adapters that work."""
    options = seat.options
    adapters = [
        f"{Path(path).name} {size_bytes} {mtime_ns} {strength:g}"
        for (path, size_bytes, mtime_ns), strength in zip(seat.files[1:], seat.strengths(model), strict=True)
        if strength
    ]
    return " ".join((options.key_cache, options.value_cache, options.flash_attention, *adapters))
