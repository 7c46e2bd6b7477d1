"""Several answers of one model at once: one step is one decode over a batch with something of each.

Every answer that writes adds its one token; what is left of the step is filled with pieces of the prompts that are
still read, each in its turn, and no more of them than `pace.py` allows beside somebody's words.

All share the cells of one context, and each is promised all of it. Where there is no room for a step, what rests is
forgotten first; then the answer that came last waits, with what it has written kept, until another has ended, and
then reads its own words again. So the oldest goes on as if it were alone, and nobody is turned away. Who comes
while there is no room for the prompt waits too, in order. An answer with a seed has the model to itself,
and answers for which the model's adapters work with different strengths are not written at once.

A Stop aborts the step under way, and the others do theirs again: they wait no longer for it than for the step
itself. Where a model's memory would be lost by that (recurrent ones) a Stop waits for the end of the step.
"""

import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.errors import ModelNotUsable
from engine.worker.model.generation import Generation
from engine.worker.model.guessing import NOTHING, Guessing
from engine.worker.model.held_up import HeldUp
from engine.worker.model.llama import Flag, complaints
from engine.worker.model.loaded_model import LoadedModel
from engine.worker.model.pace import Pace
from engine.worker.model.threads import Threads

SPARE_TOKENS = 64  # left to each answer when a further one is let in
SIGN_S = 5.0  # who waits says so this often
MOST_EARLY = 64  # Stops kept whose job has not come yet; one that is over leaves its Stop here too


class Fed(NamedTuple):
    """What a step has of one answer: `tokens` of its text, and `guesses` at what comes after them.

    Tokens are picked after `row`, and after each guess as long as they are right; -1 where none is.
    """

    generation: Generation
    tokens: int
    row: int
    guesses: Sequence[int] = NOTHING


class Scheduler:
    """The answers of one model. `stop` may come from another thread; the rest belongs to the loop."""

    def __init__(self, model: LoadedModel, threads: Threads, flag: Flag) -> None:
        """Nobody is there yet."""
        self._held_up = HeldUp(flag)
        self._model, self._threads, self._flag = model, threads, flag
        self._pace = Pace()
        self._guessing = Guessing(model.draft)
        self._working: list[Generation] = []  # the oldest first
        self._waiting: list[Generation] = []  # younger than those, the oldest first
        self._room = True  # whether something has changed since nobody could be let in
        self._turn = 0  # whose prompt is read first
        self._stops: deque[int] = deque()
        self._early: deque[int] = deque(maxlen=MOST_EARLY)
        self._sign_at = 0.0

    @property
    def idle(self) -> bool:
        """Whether nobody is there."""
        return not (self._working or self._waiting)

    def add(self, generation: Generation) -> None:
        """From now on it has its part of every step."""
        self._waiting.append(generation)
        self._room = True
        if generation.job in self._early:
            self._early.remove(generation.job)
            self._end(generation, "stopped")

    def stop(self, job: int) -> None:
        """End a job as soon as can be; from any thread."""
        self._stops.append(job)
        if not self._model.recurrent or len(self._working) <= 1:
            self._flag.raise_it()

    def step(self) -> bool:
        """Do one step; whether there is more to do."""
        if self._stops:
            self._hear_stops()
        if self._waiting:
            self._let_in()
        if not self._working:
            return False
        reading, guesses, fed = self._fill()
        if fed:
            self._decode(reading, guesses, fed)
        if self._model.sight:
            self._look()
        return bool(self._working or self._waiting)

    def _decode(self, reading: int, guesses: int, fed: list[Fed]) -> None:
        model, threads = self._model, self._threads
        number = threads.next_step(reading=reading > 0, steady=self._working[0].by_itself)
        model.use_threads(number)
        # a recurrent model's memory would be lost with the step, and one of a fixed number would be done again the same
        watched = not (model.recurrent or threads.fixed)
        if watched:
            depth = max(len(one.generation.strand.held) for one in fed if one.generation.strand)
            self._held_up.begin(model.batch.count, number, reading=reading > 0, depth=depth)
        started = time.perf_counter()
        status = model.decode()
        seconds = time.perf_counter() - started
        if watched and self._held_up.end(seconds, done=status == 0):
            threads.gave_up(seconds)
        if status == 0:
            threads.took(seconds, writing=model.batch.count - reading, reading=reading)
            if not guesses:
                self._pace.took(seconds, model.batch.count - reading, reading)
            if not reading:
                self._guessing.took(seconds, len(fed), guesses)
            self._advance(fed, weighed=bool(guesses))
        elif status == 1 and guesses:
            self._guessing.none_next()
        elif status == 1:
            self._make_room()
        elif status == 2:
            self._flag.lower()  # a Stop that comes right now is heard by its number all the same
            for generation, *_ in fed:
                assert generation.strand
                model.memory.cut(generation.strand, len(generation.strand.held))
        else:
            raise ModelNotUsable(path="the model", why=f"it could not go on ({complaints.why()}, code {status})")

    def abandon(self) -> list[int]:
        """Forget every answer, as after a step that failed; the jobs."""
        gone = [*self._working, *self._waiting]
        for generation in gone:
            if generation.strand:
                self._model.memory.forget(generation.strand)
            self._leave(generation)
            self._threads.end(generation.job)
        return [generation.job for generation in gone]

    # One step.

    def _fill(self) -> tuple[int, int, list[Fed]]:
        """Fill the batch; how many tokens of prompts and how many guesses are in it, and what of whom."""
        batch = self._model.batch
        batch.begin()
        fed: list[Fed] = []
        writers: list[Generation] = []
        readers: list[Generation] = []
        for generation in self._working:
            assert generation.strand
            whole = len(generation.tokens) - len(generation.strand.held) == 1
            (writers if whole else readers).append(generation)
        chosen = self._guessing.choose(writers, self._model.threads) if not readers else [NOTHING] * len(writers)
        for generation, guesses in zip(writers, chosen, strict=True):
            strand = generation.strand
            assert strand
            row = batch.add(generation.tokens[-1:], strand.at, strand.number, pick_after=True)
            if guesses:
                batch.add_each(guesses, strand.at + 1, strand.number)
            fed.append(Fed(generation, 1, row, guesses))
        writing = batch.count
        if readers:
            self._turn = (self._turn + 1) % len(readers)
            in_turn = [*readers[self._turn :], *readers[: self._turn]]
            rests = [len(reader.tokens) - len(reader.strand.held) for reader in in_turn if reader.strand]
            by_itself, fixed = readers[0].by_itself, self._threads.fixed
            depth = max(len(reader.strand.held) for reader in in_turn if reader.strand)
            room = self._pace.room(writing, rests, depth=depth, by_itself=by_itself, fixed=fixed)
            self._read(in_turn, room, fed)
        return batch.count - writing, writing - len(writers), fed

    def _read(self, readers: Iterable[Generation], room: int, fed: list[Fed]) -> None:
        """Add pieces of prompts, `room` tokens in all."""
        batch = self._model.batch
        for generation in readers:
            strand = generation.strand
            assert strand
            at = len(strand.held)
            end = min(generation.words_end(at), at + min(room, batch.most - batch.count))
            end = next((mark for mark in generation.marks if at < mark < end), end)
            first = max(at, generation.weighed_from)
            if end > first:  # each of the others may need a pick
                end = min(end, first + max(1, batch.picks_left - len(self._working)))
            if end > at:
                unweighed, weighed = generation.tokens[at : min(first, end)], generation.tokens[first:end]
                if unweighed:
                    batch.add(unweighed, strand.at, strand.number, pick_after=False)
                row = batch.add_each(weighed, strand.at + len(unweighed), strand.number) if weighed else -1
                fed.append(Fed(generation, end - at, row))
                room -= end - at

    def _advance(self, fed: list[Fed], *, weighed: bool) -> None:
        """The step is done: what it read is held, and who can picks tokens. `weighed`: there were guesses in it."""
        for generation, count, row, guesses in fed:
            strand = generation.strand
            assert strand
            at = len(strand.held)
            self._model.memory.grow(strand, generation.tokens[at : at + count], count)
            if at + count in generation.marks:
                self._model.memory.mark(strand)
            if row < 0:
                generation.tell()
                continue
            end = generation.pick(row)
            if weighed:
                end = self._weigh(generation, row, guesses, end)
            if end:
                self._end(generation, end)

    def _weigh(self, generation: Generation, row: int, guesses: Sequence[int], end: str) -> str:
        """Tokens came after `row`: as long as they are what was guessed, pick the next. How the answer ended."""
        strand = generation.strand
        assert strand
        right = 0
        for guess in guesses:
            if end or generation.tokens[len(strand.held)] != guess:
                break
            self._model.memory.grow(strand, [guess], 1)
            right += 1
            if len(strand.held) == len(generation.tokens):
                end = generation.pick(row + right)
        self._guessing.heard(generation, len(guesses), right)
        if right < len(guesses):
            self._model.memory.cut(strand, len(strand.held))
        return end

    def _look(self) -> None:
        """Have one picture read, the oldest answer's that has come to one. Beside that nobody writes."""
        model, memory = self._model, self._model.memory
        for generation in self._working:
            strand = generation.strand
            assert strand
            assert model.sight
            look = generation.look(len(strand.held))
            if look is None:
                continue
            status = model.sight.read(look, model.context, strand.number, strand.at, generation.tell_looking)
            if status == 0:
                memory.grow(strand, [look.mark] * look.tokens, look.positions)
                generation.tell()
                return
            memory.cut(strand, len(strand.held))  # of what there was room or time for
            if status == 1:
                self._make_room()
            elif status == 2:
                self._flag.lower()
            else:
                raise ModelNotUsable(path="the model", why=f"it could not go on ({complaints.why()}, code {status})")
            return

    def _make_room(self) -> None:
        """There were no cells for the step."""
        if self._model.memory.make_room():
            return
        if len(self._working) == 1:
            raise ModelNotUsable(path="the model", why="its context is full before its time")
        youngest = self._working.pop()
        assert youngest.strand
        self._model.memory.forget(youngest.strand)
        self._model.memory.leave(youngest.strand)
        youngest.strand = None
        self._waiting.insert(0, youngest)
        self._room = False

    # Who is at work.

    def _let_in(self) -> None:
        """Let in whoever there is room for, in the order in which they came."""
        model, memory = self._model, self._model.memory
        while self._room and self._waiting and len(self._working) < model.most_at_work:
            first = self._waiting[0]
            if self._working and not _go_together(first, self._working[0]):
                break
            if first.by_itself:
                memory.empty()
            else:
                memory.recall(first.may_be_held)
            model.use_strengths(first.strengths)
            found = memory.find(first.may_be_held)
            costs = found.costs + len(first.tokens) - len(first.may_be_held)
            need = costs + SPARE_TOKENS + sum(_need(generation) for generation in self._working)
            if self._working and need > model.context_tokens:
                break
            strand = memory.take(found)
            assert strand, "there are more strands than may be at work"
            memory.settle(strand)
            self._working.append(self._waiting.pop(0))
            self._threads.begin(first.job)
            first.begin(strand)
        self._room = False
        now = time.monotonic()
        if self._waiting and now - self._sign_at > SIGN_S:
            self._sign_at = now
            for generation in self._waiting:
                generation.tell()

    def _hear_stops(self) -> None:
        self._flag.lower()  # first: one that comes from here on raises it again
        while self._stops:
            job = self._stops.popleft()
            stopped = next((one for one in (*self._working, *self._waiting) if one.job == job), None)
            if stopped:
                self._end(stopped, "stopped")
            else:
                self._early.append(job)

    def _end(self, generation: Generation, end: str) -> None:
        self._leave(generation)
        generation.finish(end, *self._threads.end(generation.job))

    def _leave(self, generation: Generation) -> None:
        (self._working if generation in self._working else self._waiting).remove(generation)
        if generation.strand:
            self._model.memory.leave(generation.strand)
        generation.close()
        self._room = True


def _go_together(one: Generation, other: Generation) -> bool:
    """Whether the two may be written at once: an adapter works on every row of a step alike."""
    return not (one.by_itself or other.by_itself) and one.strengths == other.strengths


def _need(generation: Generation) -> int:
    """The cells that an answer at work will soon have taken; what it shares with another counts there."""
    assert generation.strand
    return len(generation.tokens) + SPARE_TOKENS - generation.strand.shared
