"""A model process that dies of SIGSEGV again and again: window alive, text kept, and after three deaths it waits.

The real window on the real engine and model process. Each answer's process is killed in mid-answer. A failure is
a question or text that is not kept, a state other than interrupted, a page that does not go on, a start without
the wait that is due, or a window that stands still for more than `MOST_STILL_S`. The worst figure is the longest
time the window stood still.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer  # noqa: E402 - the platform is chosen before
from PySide6.QtWidgets import QApplication  # noqa: E402

from desktop.jobs import Jobs  # noqa: E402
from desktop.pages.chat.message_card import AnswerCard  # noqa: E402
from desktop.pages.chat.view import ChatView  # noqa: E402
from desktop.remember import Remembered  # noqa: E402
from desktop.window import Window  # noqa: E402
from engine.engine import Cancel, Engine, Places, finish  # noqa: E402
from engine.runtime.restarts import DEATHS_FORGIVEN, WAITS_S  # noqa: E402
from engine.types import MessageState, Model  # noqa: E402
from engine.worker.testmodels.making import NEVER, Shape, write  # noqa: E402
from tests.reliability.row import Outcome, Size, Tally  # noqa: E402

ROUNDS = {Size.CHANGE: (4, 1), Size.NIGHT: (5,) * 12}  # kills; then an answer is let be, which forgives
MOST_STILL_S, TICK_S, LONGEST_S = 1.0, 0.02, 60.0
LONG_ANSWER = 1900  # some seconds
TALKER = Shape(
    file="talker.gguf", name="never ends by itself", seed=23, embedding=256, layers=8, feed_forward=768, end=NEVER
)


class Storm:
    """The window, its pulse, and what the row does to it."""

    def __init__(self, folder: Path, engine: Engine, tally: Tally) -> None:
        self.engine, self.tally, self.folder = engine, tally, folder
        self.jobs = Jobs()
        self.window = Window(engine, self.jobs, Remembered(engine.places.data))
        self.window.show()
        self.window.show_page("chat")
        view = self.window.built("chat")
        assert isinstance(view, ChatView)
        self.view = view
        self.still_s, self._ticked_at = 0.0, time.monotonic()
        self._pulse = QTimer()
        self._pulse.timeout.connect(self._tick)
        self._pulse.start(round(TICK_S * 1000))

    def until(self, condition: Callable[[], bool]) -> bool:
        """Let the window work until it is so."""
        end = time.monotonic() + LONGEST_S
        while not condition() and time.monotonic() < end:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)  # the pulse is one
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return condition()

    @property
    def busy(self) -> bool:
        """Whether an answer is being written."""
        return self.view.composer.button.text() == "Stop"

    @property
    def answer(self) -> AnswerCard | None:
        """The last card, where it is an answer's."""
        card = self.view.transcript.cards[-1] if self.view.transcript.cards else None
        return card if isinstance(card, AnswerCard) else None

    def model(self, name: str) -> Model:
        """A file that has killed nobody yet: one that has twice is not tried again."""
        path = Path(shutil.copyfile(self.folder / TALKER.file, self.folder / f"{name}.gguf"))
        model = finish(self.engine.models.add(path, Cancel()))
        self.jobs.changed.emit("models")
        return model

    def killed(self, name: str, deaths: int) -> None:
        """Ask, and kill in mid-answer; after `deaths` in a row."""
        model = self.model(name)
        self.view.start_with(model.id)
        prompt = f"Hello, {name}"
        self.view.composer.write(prompt)
        self.view.composer.send_requested.emit(prompt)
        if deaths > DEATHS_FORGIVEN:
            self._waits(name, due_s(deaths))
        written = self.until(lambda: self.answer is not None and bool(self.answer.body.text))
        seat = self.engine.runtime._seats._seats.get(model.id)
        if not written or seat is None or seat.process is None:
            self.tally.failed(f"{name}: nothing was written")
            return
        os.kill(seat.process.pid, signal.SIGSEGV)
        ended = self.until(lambda: not self.busy)
        question, answer = self.engine.chats.messages(self.engine.chats.all()[0].id)
        card = self.answer
        wrong = (
            "the page does not go on" if not ended or card is None
            else "the question is lost" if question.text != prompt
            else "the text is lost" if not answer.text or not card.body.text.startswith(answer.text)
            else f"said to be {answer.state.value}" if answer.state is not MessageState.INTERRUPTED
            else "no button to try again" if card.note.again.isHidden()
            else ""
        )  # fmt: skip
        self.tally.check(not wrong, f"{name}: {wrong}")

    def _waits(self, name: str, due_s: float) -> None:
        """The start is refused, the button waits as long as is due, and pressing it goes on."""
        self.until(lambda: not self.busy)
        card, began = self.answer, time.monotonic()
        told = card is not None and "in a row" in card.note.label.text()
        if card is None or not told or card.note.again.isEnabled():
            self.tally.failed(f"{name}: started without a wait of {due_s:.0f} s")
            return
        enabled = self.until(card.note.again.isEnabled)
        waited_s = time.monotonic() - began
        self.tally.check(
            enabled and waited_s <= due_s + MOST_STILL_S, f"{name}: waited {waited_s:.1f} s of {due_s:.0f}"
        )
        card.note.again.click()
        self.until(lambda: self.busy and self.answer is not card)

    def answers(self, name: str, deaths: int) -> None:
        """An answer that is let be, after `deaths` in a row."""
        self.engine.change_settings(answer_tokens=16)
        self.view.start_with(self.model(name).id)
        self.view.composer.send_requested.emit("Hello")
        self.until(lambda: self.busy)
        if deaths > DEATHS_FORGIVEN:
            self._waits(name, due_s(deaths))
        self.until(lambda: not self.busy)
        card = self.answer
        self.tally.check(card is not None and bool(card.body.text), f"{name}: no answer after the storm")
        self.engine.change_settings(answer_tokens=LONG_ANSWER)

    def close(self) -> None:
        """As the app closes."""
        self._pulse.stop()
        self.jobs.shut_down()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def _tick(self) -> None:
        now = time.monotonic()
        self.still_s = max(self.still_s, now - self._ticked_at)
        self._ticked_at = now


def due_s(deaths: int) -> float:
    """How long the next start has to wait."""
    return WAITS_S[min(deaths - DEATHS_FORGIVEN, len(WAITS_S)) - 1]


def run(size: Size) -> Outcome:
    """Rounds of kills, each ended by an answer."""
    app, tally = QApplication([]), Tally("s the window stood still")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(TALKER, folder / TALKER.file)
        with Engine.open(Places(folder / "data")) as engine:
            engine.change_settings(answer_tokens=LONG_ANSWER, context_tokens=2048, temperature=0.0, language="en")
            storm = Storm(folder, engine, tally)
            try:
                for number, kills in enumerate(ROUNDS[size]):
                    for kill in range(kills):
                        storm.killed(f"model {number}-{kill}", deaths=kill)
                    storm.answers(f"model {number}-well", deaths=kills)
            finally:
                storm.close()
    tally.saw(storm.still_s)
    tally.check(storm.still_s <= MOST_STILL_S, f"the window stood still for {storm.still_s:.2f} s")
    app.quit()
    return tally.outcome
