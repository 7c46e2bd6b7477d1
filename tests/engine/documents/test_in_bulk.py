"""Many passages are read by whichever library is faster here, and by llama.cpp whatever happens to the other."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.documents import Documents, in_bulk, library_trial
from engine.documents.embedding import Embedder
from engine.documents.in_bulk import InBulk
from engine.documents.library_choice import NEED_BYTES, LibraryChoice
from engine.documents.library_trial import BATCHES
from engine.documents.meaning import Floats
from engine.operation import Cancel, finish
from engine.places import Places
from engine.settings import Settings
from engine.store import Store

FAKE = "tests.fakes.embedder_worker"
SIZE = 8  # texts in a batch


class Clock:
    """Moves when an embedder has read something."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Timed(Embedder):
    """A real process, whose texts take so many seconds each by the test's clock. It is warm when `warm_up` returns."""

    def __init__(self, places: Places, clock: Clock, text_s: float, module: str = FAKE, sign: float = 1.0) -> None:
        super().__init__(places.private, module=module)
        self._clock, self._text_s, self._sign = clock, text_s, sign
        self.read: list[str] = []

    def warm_up(self, texts: Sequence[str] = ()) -> None:
        super().warm_up(texts)
        warming = self._kept._warming
        if warming is not None:
            warming.join()
        self._clock.now = 0.0
        self.read.clear()

    def vectors(self, texts: Sequence[str], cancel: Cancel, *, question: bool = False) -> Floats:
        found = super().vectors(texts, cancel, question=question)
        self._clock.now += self._text_s * len(texts)
        self.read += texts
        self.cut += len(texts)
        return found * self._sign


class Computer:
    """Two libraries on one computer."""

    def __init__(self, store: Store, places: Places) -> None:
        self._store, self._places = store, places
        self._made: list[Embedder] = []
        self.settings = Settings()
        self.free_bytes = NEED_BYTES
        self.clock = Clock()
        self.set_up()

    def set_up(self, torch_s: float = 1.0, module: str = FAKE, sign: float = 1.0) -> None:
        """Start the program: llama.cpp takes two seconds a text."""
        self.llama = Timed(self._places, self.clock, 2.0)
        self.torch = Timed(self._places, self.clock, torch_s, module, sign)
        self._made += [self.llama, self.torch]
        self.choice = LibraryChoice(
            self._store.documents.trials, lambda: self.settings, self.torch, lambda: self.free_bytes
        )

    def read(self, batches: int, left: int = 1000, between: Callable[[int], None] = lambda _: None) -> InBulk:
        """One run over so many batches; `between` is called before each."""
        run = InBulk(self.choice, self.llama, self.clock)
        for number in range(batches):
            between(number)
            texts = [f"passage {number} {text}" for text in range(SIZE)]
            assert run.vectors(texts, left, Cancel()).shape == (SIZE, 384)
        return run

    @property
    def why(self) -> str:
        """What the person is told."""
        standing = self.choice.standing()
        assert standing is not None
        return standing.why

    def close(self) -> None:
        for embedder in self._made:
            embedder.close()


@pytest.fixture
def computer(store: Store, places: Places) -> Iterator[Computer]:
    made = Computer(store, places)
    yield made
    made.close()


def batches(texts: Sequence[str]) -> set[int]:
    return {int(text.split()[1]) for text in texts}


def test_little_is_read_by_llama_alone_and_the_other_is_not_started(computer: Computer) -> None:
    run = computer.read(BATCHES * 3, left=29)  # two seconds each
    assert (run.note, computer.torch.read, computer.torch._kept._process) == ("", [], None)
    assert batches(computer.llama.read) == set(range(BATCHES * 3))
    assert "more than a minute's work" in computer.why


def test_of_much_both_read_the_same_for_a_while_and_the_faster_one_the_rest(computer: Computer) -> None:
    run = computer.read(BATCHES * 3)
    assert batches(computer.llama.read) == set(range(BATCHES * 2))
    assert batches(computer.torch.read) == set(range(BATCHES, BATCHES * 3))
    assert run.note == ""
    trial = computer.choice.trial
    assert trial is not None
    assert (trial.llama_per_s, trial.torch_per_s, trial.ratio) == (0.5, 1.0, 2.0)
    speeds = f"1.0 a second, llama.cpp 0.5 (measured on {trial.measured_on})"
    assert computer.why == f"PyTorch reads your passages when they are many: {speeds}."


def test_what_was_measured_is_not_measured_again(computer: Computer) -> None:
    computer.read(BATCHES * 2)
    computer.set_up()  # the next start of the program
    computer.read(BATCHES * 2)
    assert batches(computer.llama.read) == set(range(BATCHES))  # while it is not known how much there is
    assert batches(computer.torch.read) == set(range(BATCHES, BATCHES * 2))
    computer.llama.read.clear()
    computer.read(1, left=0)  # it is there already
    assert computer.llama.read == []


@pytest.mark.parametrize("changed", ["versions", "computer"])
def test_another_computer_or_another_version_is_measured_anew(
    computer: Computer, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    computer.read(BATCHES * 2)
    assert computer.choice.trial is not None
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(library_trial, changed, lambda: "something else")
        assert computer.choice.trial is None
        computer.set_up(torch_s=4.0)
        computer.read(BATCHES * 2)
        assert computer.why.startswith("llama.cpp reads your passages: 0.5 a second, PyTorch 0.2 ")
    back = computer.choice.trial
    assert (back is None) == (changed == "versions")  # of a computer the last versions count


@pytest.mark.parametrize("torch_s", [1.9, 2.0, 20.0])
def test_where_the_other_is_hardly_faster_it_is_ended_and_never_started_again(
    computer: Computer, torch_s: float
) -> None:
    computer.set_up(torch_s)
    computer.read(BATCHES * 2 + 1)
    assert batches(computer.torch.read) == set(range(BATCHES, BATCHES * 2))
    assert not computer.torch.warm
    computer.set_up(torch_s)
    assert computer.read(BATCHES * 2).note == ""
    assert computer.torch.read == []
    assert computer.why.startswith("llama.cpp reads your passages: 0.5 a second")


def test_a_moment_of_other_work_does_not_decide(computer: Computer) -> None:
    def disturb(number: int) -> None:
        computer.torch._text_s = 100.0 if number == BATCHES + 3 else 1.0

    computer.read(BATCHES * 2 + 1, between=disturb)
    assert BATCHES * 2 in batches(computer.torch.read)


def test_other_vectors_are_never_kept_however_fast_they_are_made(computer: Computer) -> None:
    computer.set_up(0.1, sign=-1.0)
    run = computer.read(BATCHES * 2 + 1)
    assert BATCHES * 2 in batches(computer.llama.read)
    assert run.note == computer.why
    assert "makes other vectors" in run.note


def test_it_is_not_started_where_memory_is_short(computer: Computer) -> None:
    computer.free_bytes = NEED_BYTES - 1
    assert computer.read(BATCHES * 2).note == ""
    assert computer.torch.read == []
    assert computer.why == "llama.cpp reads your passages, for PyTorch needs 1.0 GiB of memory and 1.0 are free."


def test_its_memory_is_given_back_when_the_rest_of_the_computer_needs_it(computer: Computer) -> None:
    def take(number: int) -> None:
        computer.free_bytes = 0 if number >= BATCHES * 2 + 1 else NEED_BYTES

    run = computer.read(BATCHES * 3, between=take)
    assert not computer.torch.warm
    assert batches(computer.torch.read) == set(range(BATCHES, BATCHES * 2 + 1))
    assert batches(computer.llama.read) >= set(range(BATCHES * 2 + 1, BATCHES * 3))
    assert "Memory grew short" in run.note


def test_when_it_dies_the_same_batch_is_read_by_llama_and_the_rest_too(computer: Computer) -> None:
    def kill(number: int) -> None:
        process = computer.torch._kept._process
        if number == BATCHES * 2 + 1 and process is not None:
            process._started.kill()
            process._started.wait()

    run = computer.read(BATCHES * 3, between=kill)
    assert batches(computer.torch.read) == set(range(BATCHES, BATCHES * 2 + 1))
    assert batches(computer.llama.read) >= set(range(BATCHES * 2 + 1, BATCHES * 3))
    assert run.note == computer.why
    assert run.note.startswith("PyTorch did not work, so llama.cpp reads your passages. ")


def test_one_that_does_not_even_start_is_told_and_not_tried_again(computer: Computer) -> None:
    computer.set_up(module="tests.fakes.no_such_program")
    run = computer.read(BATCHES * 2)
    assert run.note.startswith("PyTorch did not work, so llama.cpp reads your passages. ")
    assert run.note == computer.why
    tried = computer.torch._kept._process
    assert computer.read(BATCHES * 2).note == ""
    assert computer.torch._kept._process is tried


def test_where_it_is_not_installed_llama_reads_all(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_trial, "versions", lambda: "")
    assert computer.read(BATCHES * 2).note == ""
    assert computer.torch.read == []
    assert computer.why == "llama.cpp reads your passages, for PyTorch is not installed."
    computer.settings = Settings(meaning_model="sentence-transformers")
    assert computer.read(1).note == computer.why
    assert computer.torch.read == []


def test_the_person_may_name_the_library(computer: Computer) -> None:
    computer.settings = Settings(meaning_model="llama.cpp")
    computer.read(BATCHES * 2)
    assert (computer.torch.read, computer.why) == ([], "llama.cpp reads your passages, as you chose.")
    computer.llama.read.clear()
    computer.settings = Settings(meaning_model="sentence-transformers")
    computer.read(2, left=0)
    assert (computer.llama.read, computer.why) == ([], "PyTorch reads your passages, as you chose.")
    computer.settings = Settings(meaning_model="7")
    assert computer.choice.standing() is None


def test_texts_that_are_cut_are_counted_whoever_reads_them(computer: Computer) -> None:
    assert computer.read(BATCHES * 3).cut == BATCHES * 3 * SIZE  # once where both read them


def test_documents_are_prepared_by_both_and_questions_answered_by_llama(
    folder: Path, quick: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_bulk, "WORTH_S", 0.0)
    for number in range(400):
        (folder / f"{number}.txt").write_text(f"The deposit of flat {number:03} is two months of rent.")
    finish(quick.add([folder], Cancel()))
    assert finish(quick.embed(Cancel())).passages == 400
    assert quick.counts().embedded == 400
    library = quick.library()
    assert library is not None
    assert "PyTorch" in library.why
    hits = finish(quick.search("deposit of flat 123", Cancel(), by="meaning"))
    assert hits[0].passage.path.name == "123.txt"
    assert quick._embedders.searched().embedder is not quick._embedders.library.torch
