"""Which tokens' state the context holds, and what of it the next prompt need not read again.

The context is one pool of cells for several strands of tokens (llama.cpp's sequences), so a beginning that two
conversations share is held once: giving it to another strand moves nothing. A strand whose answer has ended is
kept as it is until its room is needed, the one that was used longest ago first; then it is put aside (`aside.py`),
and forgotten only where there is no memory for that. An answer that has the model to itself has the cells to itself as
well.

Two kinds of models cannot go back at will. Recurrent ones hold one state for all that was read, so they go on
from exactly there, or from a mark: a copy of that state, made while the prompt was read at the places where another
try or an edit begins. Where attention looks through a sliding window, llama.cpp may give cells that have left the
window to others, so a strand is cut only where all of the window before the cut is still held, or at a mark that came
with a state that was kept. Where there is neither, it is read again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import llama_cpp as lib

from engine.worker.model.aside import LEAST_GAIN, LEAST_TOKENS, Aside, Rested, common_length
from engine.worker.model.llama import complaints
from engine.worker.model.states import PARTIAL, Held, Mark, Stretch, given, taken

MOST_MARKS = 2  # of one strand: where its last turn begins, and shortly before the answer
MOST_MARK_BYTES = 256 << 20  # of all strands together
STRETCH_TOKENS = 512  # of a state that is kept in stretches; the last one has fewer
NO_CELLS = "available cells"  # what llama.cpp says of a state that has no room


@dataclass(eq=False)
class Strand:
    """The tokens of one conversation, one after another from position 0."""

    number: int
    held: list[int] = field(default_factory=list)
    shared: int = 0  # of these, how many at the beginning are cells of a strand that was busy with them already
    busy: bool = False
    used: int = 0
    at: int = 0  # the position of the next token; pictures may take up fewer positions than tokens
    chat: int = 0  # whose state may be asked for; 0 for none
    places: tuple[int, ...] = ()  # to which it is to go back
    marks: list[Mark] = field(default_factory=list)  # the first ones first


class Find(NamedTuple):
    """Where the beginning of a prompt is held already, and how many cells reading it `costs` that are not at work."""

    strand: Strand | None  # None where it is not held
    common: int
    whole: bool  # the strand goes on with it, rather than lend a copy
    costs: int
    mark: Mark | None = None  # what to go back to, where the strand cannot simply be cut there


class Memory:
    """The strands of one context. One thread only."""

    def __init__(
        self,
        context: Any,
        strands: int,
        *,
        window: int,
        recurrent: bool,
        positions: Callable[[Sequence[int]], int] = len,
    ) -> None:
        """`window` is how many tokens attention looks back, 0 for all; `positions` how many places tokens take up."""
        self._context, self._memory = context, lib.llama_get_memory(context)
        self._strands = [Strand(number) for number in range(strands)]
        self._window, self._recurrent, self._positions = window, recurrent, positions
        self._uses = 0
        self.aside = Aside()

    def find(self, tokens: Sequence[int]) -> Find:
        """What is best gone on from to read `tokens`. The last one is always read, to have something to pick from."""
        best = Find(None, 0, whole=False, costs=len(tokens))
        for strand in self._strands:
            common = common_length(strand.held, tokens, min(len(strand.held), len(tokens) - 1))
            mark = None
            if common and not self._leads_to(strand, common):
                mark = next((one for one in reversed(strand.marks) if one.at <= common and not strand.busy), None)
                common = mark.at if mark else 0
            if not common:
                continue
            # what would lose the larger part of what it holds is another conversation's, and only lends
            whole = not strand.busy and 2 * common > len(strand.held)
            found = Find(strand, common, whole, costs=len(tokens) - (common if strand.busy else 0), mark=mark)
            best = max(best, found, key=lambda one: (one.common, one.whole, -one.costs))
        return best

    def leads(self, held: Sequence[int], marks: Sequence[int], tokens: Sequence[int]) -> int:
        """How much of `tokens` a state that stands for `held`, with marks at these places, saves reading."""
        common = common_length(held, tokens, min(len(held), len(tokens) - 1))
        if common == len(held) or not (self._recurrent or self._window):
            return common
        return max((at for at in marks if at <= common), default=0)

    def common(self, tokens: Sequence[int]) -> int:
        """How much of the beginning of `tokens` is held, or put aside."""
        return max(self.find(tokens).common, self._best_aside(tokens)[1])

    def recall(self, tokens: Sequence[int]) -> None:
        """Put what was put aside back into cells, where reading `tokens` goes on from it."""
        rested, common = self._best_aside(tokens)
        if rested is None or common - self.find(tokens).common < LEAST_GAIN:
            return
        self.aside.remove(rested)
        if not any(strand.busy for strand in self._strands):
            for strand in self._strands:
                self._clear_way(strand)  # first, or it would come to lie behind them
        if self.restore(rested.held, rested.chat):
            max(self._strands, key=lambda strand: strand.used).places = rested.places

    def settle(self, strand: Strand) -> None:
        """An answer begins in this strand. Where it is the only one, it has the cells to itself."""
        others = [other for other in self._strands if other is not strand]
        if any(other.busy for other in others):
            return
        moved = [self._clear_way(other) for other in others]
        if any(moved) and len(strand.held) >= LEAST_TOKENS and min(strand.held) >= 0:
            with suppress(MemoryError):  # it may lie behind them
                state = taken(self._context, strand.number)
                lib.llama_memory_seq_rm(self._memory, strand.number, -1, -1)
                if not given(self._context, state, strand.number):
                    self.forget(strand)

    def empty(self) -> None:
        """No cell holds anything; what rests may be put aside."""
        for strand in self._strands:
            self._give_up(strand)

    def take(self, found: Find) -> Strand | None:
        """A strand that holds what was found and nothing else; None where all are busy."""
        strand = found.strand if found.whole else self._spare(found.strand)
        if strand is None:
            return None
        if strand is not found.strand:
            self._give_up(strand)
        if found.strand is not None and strand is not found.strand:
            strand.held = found.strand.held[: found.common]
            strand.at = self._positions(strand.held)
            lib.llama_memory_seq_cp(self._memory, found.strand.number, strand.number, 0, strand.at)
            strand.shared = found.common if found.strand.busy else 0
            strand.marks = [mark for mark in found.strand.marks if mark.at <= found.common]
        if found.mark and not given(self._context, found.mark.state, strand.number, PARTIAL):
            self.forget(strand)
        elif found.mark or len(strand.held) > found.common:
            self.cut(strand, found.common)
        strand.busy = True
        return strand

    def leave(self, strand: Strand) -> None:
        """Its conversation rests; what it holds stays while there is room."""
        self._uses += 1
        strand.busy, strand.used = False, self._uses

    def make_room(self) -> bool:
        """Put aside or forget the resting strand that was used longest ago; False where there is none."""
        resting = [strand for strand in self._strands if strand.held and not strand.busy]
        if not resting:
            return False
        self._give_up(min(resting, key=lambda strand: strand.used))
        return True

    def grow(self, strand: Strand, tokens: Sequence[int], positions: int) -> None:
        """A strand holds so much more."""
        strand.held += tokens
        strand.at += positions

    def cut(self, strand: Strand, length: int) -> None:
        """Forget what stands from `length` on, and everything where that cannot be done."""
        at = self._positions(strand.held[:length])
        done = bool(lib.llama_memory_seq_rm(self._memory, strand.number, at, -1))
        last: int = lib.llama_memory_seq_pos_max(self._memory, strand.number)
        if done and (last == at - 1 or (length and strand.held[length - 1] < 0 <= last < at)):
            del strand.held[length:]
            strand.at = at
            strand.shared = min(strand.shared, length)
            strand.marks = [mark for mark in strand.marks if mark.at <= length]
        else:
            self.forget(strand)

    def forget(self, strand: Strand) -> None:
        """Forget all of a strand."""
        lib.llama_memory_seq_rm(self._memory, strand.number, -1, -1)
        strand.held, strand.shared, strand.at = [], 0, 0
        strand.chat, strand.places, strand.marks = 0, (), []

    def forget_all(self) -> None:
        """Forget every strand, and what is put aside."""
        self.aside.forget_all()
        for strand in self._strands:
            self.forget(strand)

    def mark(self, strand: Strand) -> None:
        """From now on a recurrent model can go back to here; not where that would take too much memory."""
        if not self._recurrent:
            return
        with suppress(MemoryError):
            state = taken(self._context, strand.number, PARTIAL)
            if state:
                strand.marks = [*strand.marks[1 - MOST_MARKS :], Mark(len(strand.held), state)]
        marked = sorted(
            (one for one in self._strands if one.marks), key=lambda one: (one is strand, one.busy, one.used)
        )
        while marked and sum(len(mark.state) for one in marked for mark in one.marks) > MOST_MARK_BYTES:
            del marked[0].marks[0]
            marked = [one for one in marked if one.marks]

    def hold(self, chat: int, kept: Sequence[int] = (), ends: Sequence[int] = ()) -> Held | None:
        """A copy of the state of a chat that rests; None where there is none. Raises `MemoryError`.

        Of what is `kept` already, in stretches that end at `ends`, those are not copied that still hold.
        """
        resting = [strand for strand in self._strands if strand.chat == chat and strand.held and not strand.busy]
        strand = max(resting, key=lambda one: one.used, default=None)
        rested = None if strand else self.aside.of_chat(chat)
        held = strand.held if strand else list(rested.held.tokens) if rested else []
        if not held or min(held) < 0:  # pictures have other numbers in another process, and are shown again
            return None
        divides = not (self._recurrent or self._window)
        if held == list(kept[: len(held)] if divides else kept):
            return Held(tuple(held), (), first=len(held))  # nothing of it is new
        if strand is None:
            return rested.held if rested else None
        empty = next((one for one in self._strands if not one.held and not one.busy), None)
        if not divides or empty is None:
            return self._whole(strand)
        first = _still_holding(held, kept, ends)
        stretches = tuple(self._stretches(strand, empty, first))
        return Held(tuple(held), stretches, first=first) if all(each.state for each in stretches) else None

    def restore(self, held: Held, chat: int) -> bool:
        """Put a state back as a strand at rest; False where it does not fit, or is not of this model.

        What rests gives way where there are no cells left, or no strand.
        """
        found = [self._spare(None)]
        if len(held.stretches) > 1 and found[0] is not None:
            found.append(self._spare(found[0]))  # the others come by way of this one
        strand, way = found[0], found[-1]
        if strand is None or way is None or (way is strand and len(held.stretches) > 1):
            return False
        for one in {strand.number: strand, way.number: way}.values():
            self._give_up(one)
        for stretch in held.stretches:
            into = strand if stretch is held.stretches[0] else way
            if not self._put_back(stretch.state, into):
                self.forget(strand)
                return False
            if into is way and way is not strand:
                lib.llama_memory_seq_cp(self._memory, way.number, strand.number, -1, -1)
                self.forget(way)
        if lib.llama_memory_seq_pos_max(self._memory, strand.number) != len(held.tokens) - 1:
            self.forget(strand)
            return False
        strand.held, strand.at, strand.chat = list(held.tokens), len(held.tokens), chat
        strand.marks = sorted(held.marks, key=lambda one: one.at)
        self.leave(strand)
        return True

    def _put_back(self, state: bytearray, strand: Strand) -> bool:
        """Put a state into an empty strand; what rests makes room for it."""
        complaints.forget()
        while not given(self._context, state, strand.number):
            self.forget(strand)
            if NO_CELLS not in complaints.why() or not self.make_room():
                return False
            complaints.forget()
        return True

    def _stretches(self, strand: Strand, empty: Strand, first: int) -> Iterator[Stretch]:
        """The state of a strand, but for the `first` tokens, in stretches; by way of a strand that is `empty`."""
        for start in range(first, len(strand.held), STRETCH_TOKENS):
            end = min(start + STRETCH_TOKENS, len(strand.held))
            lib.llama_memory_seq_cp(self._memory, strand.number, empty.number, start, end)
            try:
                yield Stretch(end, taken(self._context, empty.number))
            finally:
                self.forget(empty)

    def _best_aside(self, tokens: Sequence[int]) -> tuple[Rested | None, int]:
        """What was put aside that saves most of reading `tokens`, and how many of them."""
        return self.aside.best(lambda held: self.leads(held.tokens, [mark.at for mark in held.marks], tokens))

    def _clear_way(self, strand: Strand) -> bool:
        """Put a strand aside so that another has the cells to itself; whether it was.

        One that looks through a window stays, as long as nobody needs its cells: there it can be cut anywhere, and once
        it was put aside only at its marks. One of a recurrent model has few cells, or none.
        """
        return not (self._window or self._recurrent) and self._put_aside(strand)

    def _give_up(self, strand: Strand) -> None:
        """A strand is needed, or its cells: put it aside, and forget it where that cannot be."""
        if not self._put_aside(strand):
            self.forget(strand)

    def _put_aside(self, strand: Strand) -> bool:
        """Put a strand aside that rests; False where it stays, being short or without memory for it."""
        held = strand.held
        if strand.busy or len(held) < LEAST_TOKENS or min(held) < 0:
            return False
        if not self.aside.has_room(int(lib.llama_state_seq_get_size_ext(self._context, strand.number, 0))):
            return False
        try:
            whole = self._whole(strand)
        except MemoryError:
            return False
        if whole is None:
            return False
        self.aside.put(Rested(whole, strand.chat, strand.places))
        self.forget(strand)
        return True

    def _whole(self, strand: Strand) -> Held | None:
        """The state of a strand in one, with its marks; None where llama.cpp cannot tell it. Raises `MemoryError`."""
        state = taken(self._context, strand.number)
        marks = strand.marks or self._marks_of_window(strand)
        return Held(tuple(strand.held), (Stretch(len(strand.held), state),), tuple(marks)) if state else None

    def _marks_of_window(self, strand: Strand) -> list[Mark]:
        """Marks of a strand that looks through a window, made in an empty one: a kept state holds no more than the
        window, so that what is in the memory now could not be cut there any more."""
        empty = next((one for one in self._strands if not one.held and not one.busy), None)
        if not self._window or empty is None:
            return []
        marks = []
        for at in strand.places:
            if self._leads_to(strand, at):
                lib.llama_memory_seq_cp(self._memory, strand.number, empty.number, 0, self._positions(strand.held[:at]))
                marks.append(Mark(at, taken(self._context, empty.number, PARTIAL)))
                self.forget(empty)
        return [mark for mark in marks if mark.state]

    def _leads_to(self, strand: Strand, common: int) -> bool:
        """Whether reading can go on after the first `common` tokens of a strand."""
        if common == len(strand.held) and not strand.busy:
            return True
        if self._recurrent:
            return False
        first: int = lib.llama_memory_seq_pos_min(self._memory, strand.number)
        return first <= max(0, self._positions(strand.held[:common]) - self._window if self._window else 0)

    def _spare(self, lender: Strand | None) -> Strand | None:
        """An empty strand, else the one that has rested longest; the lender itself where there is no other."""
        resting = [strand for strand in self._strands if not strand.busy]
        return min(resting, key=lambda strand: (strand is lender, bool(strand.held), strand.used), default=None)


def _still_holding(held: Sequence[int], kept: Sequence[int], ends: Sequence[int]) -> int:
    """After how many tokens the kept stretches end that are whole and of what is held now."""
    common = common_length(held, kept, min(len(held), len(kept)))
    starts = (0, *ends)
    return max(
        (end for start, end in zip(starts, ends, strict=False) if end <= common and end - start >= STRETCH_TOKENS),
        default=0,
    )
