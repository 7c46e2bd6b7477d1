"""What the commands write, and how they stop."""

import io
import json
import os
import re
import signal
from pathlib import Path

import pytest

from engine.cli.printing import Screen, carry_out
from engine.cli.wording import MARK, UNMARK, columns_of, count, excerpt, inert, size, wrapped
from engine.errors import Cancelled
from engine.events import Event, ModelLoading, Progressed
from engine.operation import Cancel, Operation
from engine.types import Hit, Passage, Quote, Source


class Terminal(io.StringIO):
    """Something that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def waiting_to_be_stopped(cancel: Cancel) -> Operation[str]:
    """Work that ends only when somebody stops it."""
    yield Progressed(done=1, total=0, unit="files")
    assert cancel.wait(60)
    cancel.check()
    return "never"


@pytest.mark.skipif(os.name != "posix", reason="a console of Windows sends Ctrl+C in another way")
def test_ctrl_c_presses_the_stop_button_and_the_work_ends_by_itself() -> None:
    cancel = Cancel()
    before = signal.getsignal(signal.SIGINT)

    def press(_: Event) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Cancelled):
        carry_out(waiting_to_be_stopped(cancel), cancel, press)
    assert signal.getsignal(signal.SIGINT) is before


def test_text_of_a_model_cannot_steer_the_terminal() -> None:
    assert inert("\x1b]0;title\x07\u202e\u009b31m\ue000") == "‹U+001B›]0;title‹U+0007›‹U+202E›‹U+009B›31m"
    screen = Screen(out=(out := io.StringIO()), err=io.StringIO())
    screen.piece("a\x1b[31mb\nc\td 👩\u200d")
    screen.piece("👩\r\n")
    assert out.getvalue() == "a‹U+001B›[31mb\nc\td 👩\u200d👩\n"


HOSTILE = "x\x1b]0;t\x07\x1b[2J\x9b31m\u202e\r\x08y"


def test_nothing_from_outside_reaches_the_terminal_by_any_way_of_writing() -> None:
    out, err = Terminal(), Terminal()
    screen = Screen(out=out, err=err)
    passage = Passage(id=1, document_id=1, path=Path(HOSTILE), page=1, start=0, end=9, text=HOSTILE)
    source = Source(number=1, document_id=1, path=Path(HOSTILE), page=1, start=0, end=9, text=HOSTILE)
    screen.say(HOSTILE)
    screen.heading(HOSTILE)
    screen.aside(HOSTILE)
    screen.piece(HOSTILE)
    screen.progress(HOSTILE)
    screen.follow(Progressed(done=1, total=2, unit="files", now=HOSTILE))
    screen.follow(ModelLoading(model=HOSTILE))
    screen.complain(HOSTILE, HOSTILE)
    screen.hit(Hit(rank=1, score=1.0, passage=passage, marks=((0, 1),)))
    screen.quote(1, Quote(source=source, text=HOSTILE, score=1.0))
    screen.source(source)
    for written in (out.getvalue(), err.getvalue()):
        ours = re.sub(r"\x1b\[(?:0|1|2|1;33)m|\r\x1b\[2K", "", written)  # our own colours, and clearing our own line
        assert "‹U+001B›" in ours
        assert not set("\x1b\x9b\x07\x08\r\u202e") & set(ours)


def test_json_says_hidden_characters_in_a_way_that_steers_nothing() -> None:
    screen = Screen(wants_json=True, out=(out := io.StringIO()), err=io.StringIO())
    screen.document({"text": HOSTILE + "\u2066\ud800"})
    assert json.loads(out.getvalue()) == {"text": HOSTILE + "\u2066\ud800"}
    assert not set("\x1b\x9b\x07\x08\r\u202e\u2066\ud800") & set(out.getvalue())


def test_json_is_one_document_without_control_characters_and_nothing_else_is_said() -> None:
    screen = Screen(wants_json=True, out=(out := io.StringIO()), err=io.StringIO())
    screen.say("for people")
    screen.piece("as it comes")
    screen.document({"text": "離れ \x1b\x9b\n"})
    assert json.loads(out.getvalue()) == {"text": "離れ \x1b\x9b\n"}
    assert not {"\x1b", "\x9b"} & set(out.getvalue())
    assert "離れ" in out.getvalue()


def test_progress_is_for_terminals_and_leaves_no_trace() -> None:
    event = Progressed(done=3, total=10, unit="files", per_s=1.5, left_s=4.6, now="a.pdf")
    Screen(err=(pipe := io.StringIO()), out=io.StringIO()).follow(event)
    assert pipe.getvalue() == ""
    screen = Screen(err=(terminal := Terminal()), out=io.StringIO())
    screen.follow(event)
    assert "3 of 10 files, 1.5 files/s, 5 s left" in terminal.getvalue()
    screen.say("done")
    assert terminal.getvalue().endswith("\r\x1b[2K")


def test_japanese_fills_a_line_by_its_width_and_is_joined_where_a_page_broke_it() -> None:
    assert excerpt("質問も、読ま\nせた書類も one\ntwo") == "質問も、読ませた書類も one two"
    lines = wrapped("離れの手引き" * 10, 40, "  ").split("\n")
    assert len(lines) > 1
    assert all(columns_of(line) <= 40 for line in lines)


def test_an_excerpt_is_cut_between_words_around_its_first_mark() -> None:
    text = "before " * 100 + "needle " + "after " * 100
    at = text.index("needle")
    shown = excerpt(text, ((at, at + 6),))
    assert f"{MARK}needle{UNMARK}" in shown
    assert shown.startswith("… before")
    assert shown.endswith(("after …", "before …"))


@pytest.mark.parametrize(
    ("size_bytes", "said"), [(12, "12 bytes"), (1_500, "1.5 kB"), (22_300_000, "22.3 MB"), (4_900_000_000, "4.9 GB")]
)
def test_sizes_are_said_as_on_a_box(size_bytes: int, said: str) -> None:
    assert size(size_bytes) == said


def test_one_is_not_many() -> None:
    assert count(1, "file") == "1 file"
    assert count(1200, "file") == "1,200 files"
