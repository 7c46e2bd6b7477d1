"""The states of chats on their way: those that the engine has kept come in, one that it wants to keep goes out.

An answer for which a state comes waits here until all of it has come; the others go on meanwhile.
"""

from collections.abc import Callable

from engine import wire
from engine.worker.model.generation import Generation
from engine.worker.model.loaded_model import LoadedModel
from engine.worker.model.states import Arriving, Held

LEAST_GAIN = 64  # tokens; fewer are read sooner than a state is sent


class Exchange:
    """What comes and what goes, of one model process."""

    def __init__(self, report: Callable[[wire.Message], None]) -> None:
        """Nothing is on its way."""
        self._report = report
        self._arriving: dict[int, tuple[Generation, int, Arriving]] = {}  # by job, with the chat
        self._held: Held | None = None

    def waits(self, model: LoadedModel, generation: Generation, request: wire.Generate) -> bool:
        """Whether a state is now coming that saves this answer reading: `sent` gives it back."""
        if not request.saved or generation.by_itself:  # a seed wants the model as if nothing had been read
            return False
        if not model.works_with(generation.strengths):
            return False
        tokens = generation.tokens
        gain = model.memory.leads(list(request.saved), [at for at, _ in request.saved_marks], tokens)
        if gain - model.memory.common(tokens) < LEAST_GAIN:
            return False
        try:
            arriving = Arriving(request.saved, request.saved_stretches, request.saved_marks)
        except (MemoryError, ValueError):
            return False
        self._arriving[request.job] = generation, request.chat, arriving
        self._report(wire.StateWanted(job=request.job))
        return True

    def add(self, piece: wire.StatePiece) -> None:
        """The next piece of a state that was wanted."""
        if piece.job in self._arriving:
            self._arriving[piece.job][2].add(piece.data)

    def sent(self, model: LoadedModel, request: wire.StateSent) -> Generation | None:
        """There is no more of it: it is put into the memory if it is whole. The answer that waited for it."""
        if request.job not in self._arriving:
            return None
        generation, chat, arriving = self._arriving.pop(request.job)
        held = arriving.held
        if not model.works_with(generation.strengths):  # another answer has begun meanwhile
            return generation
        done = request.whole and arriving.whole and model.memory.restore(held, chat)
        self._report(wire.StateUsed(job=request.job, tokens=len(held.tokens) if done else 0))
        return generation

    def hold(self, model: LoadedModel, request: wire.HoldState) -> None:
        """Copy aside what of the state of a chat is not kept yet, and tell what it is. Raises `MemoryError`."""
        self._held = None
        self._held = held = model.memory.hold(request.chat, request.kept, request.ends) if request.chat else None
        told = wire.StateHeld(job=request.job)
        if held is not None:
            told = wire.StateHeld(
                job=request.job, tokens=held.tokens, first=held.first,
                stretches=tuple((each.end, len(each.state)) for each in held.stretches),
                marks=tuple((mark.at, len(mark.state)) for mark in held.marks),
            )  # fmt: skip
        self._report(told)

    def take(self, request: wire.TakeState) -> None:
        """Send some of what is held; nothing where nothing is."""
        size = min(request.size, wire.MOST_CARRIED_BYTES)
        data = b"".join(self._held.span(max(0, request.start), size)) if self._held is not None else b""
        self._report(wire.StateTaken(job=request.job, data=data))

    def abandon(self) -> list[int]:
        """Forget what is on its way; the jobs that waited."""
        gone = self._arriving
        self._arriving, self._held = {}, None
        for generation, _, _ in gone.values():
            generation.close()
        return list(gone)
