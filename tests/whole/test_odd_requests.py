"""Whatever numbers a request holds, the model process answers or says what is wrong, and lives."""

import contextlib
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import wire
from engine.errors import EngineError, WorkerDied
from engine.operation import Cancel
from engine.runtime.process import Process
from engine.sampling import FIGURES, Figures
from tests.fakes.tiny_gguf import write

REQUESTS, ASKERS = 1000, 12
WHOLE = (-(2**63), -(2**31), -1, 0, 1, 2, 3, 7, 63, 64, 65, 511, 512, 513, 2048, 2**31 - 1, 2**31, 2**63 - 1)
PARTS = (-1e308, -1.0, -0.0, 0.0, 1e-300, 1e-9, 0.5, 1.0, 1.5, 2.0, 1e9, 1e308)  # the wire has no others
ROLES = ("user", "assistant", "system", "tool", "", "\0", "<|im_start|>")
TEXTS = (
    "",
    " ",
    "\0",
    "a",
    "Hello",
    "\ud800",
    "\U0010ffff" * 9,
    "<|im_end|>" * 20,
    "\u202e\u0300",
    "x " * 900,
    "語" * 700,
)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    with Process("model", "engine.worker.model", private=tmp_path / "private") as process:
        yield process


def ended(process: Process, request: wire.Message) -> str:
    """How the job ended; a job that is still writing after a while is stopped."""
    cancel = Cancel()
    try:
        for number, report in enumerate(process.ask(request, cancel, silent_s=120)):
            if isinstance(report, wire.StateWanted):  # what is kept cannot be read any more
                process.tell(wire.StateSent(job=report.job, whole=False))
            if number >= 5 and isinstance(report, wire.Token):
                cancel.press()
            last = report
    except EngineError as error:
        return f"WorkerDied {error.how}" if isinstance(error, WorkerDied) else error.code
    return type(last).__name__


FORMS = (
    ("text", ""), ("json", ""), ("json", "{"), ("schema", ""), ("schema", "null"), ("schema", "{"), ("schema", "true"),
    ("schema", '{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}'),
    ("schema", '{"type": "array", "minItems": 1000000000}'), ("schema", '{"$ref": "#"}'), ("schema", "[" * 500),
    ("grammar", ""), ("grammar", 'root ::= "a"'), ("grammar", "root ::= root"), ("grammar", "\0"),
    ("grammar", "root ::= [a-z]{0,99999999}"), ("no such form", "x"),
)  # fmt: skip
TOOLS: tuple[tuple[Any, ...], ...] = (
    (), ({},), ({"type": "function"},), ({"function": {"name": "\0"}},), ({"x": [[[]]] * 99},) * 9,
    ({"type": "function", "function": {"name": "a", "description": "<|im_end|>", "parameters": {"type": "object"}}},),
)  # fmt: skip
BEGUN = ("", "", "", "{", "[1,", "Hello", "<think>", "</think>", "語" * 99, "\ud800", "<|im_end|>" * 9)
STATES: tuple[dict[str, Any], ...] = (
    {}, {}, {},
    {"chat": 5, "saved": (1, 2, 3), "saved_stretches": ((3, 10),)},
    {"chat": 5, "saved": tuple(range(400)), "saved_stretches": ((400, 2**40),)},
    {"chat": 5, "saved": tuple(range(-9, 99)), "saved_stretches": ((9, 1), (5, 1), (108, 1)), "saved_marks": ((4, 4),)},
    {"chat": -(2**63), "saved": (2**62, -5), "saved_stretches": ((2, -1),), "saved_marks": ((2**40, 2**40),)},
    {"chat": 2**63 - 1, "saved": (), "saved_stretches": ((0, 0),)},
)  # fmt: skip


def odd(luck: random.Random) -> wire.Generate:
    """A request in which every number may be any, and every text."""
    turns = tuple(
        {"role": luck.choice(ROLES), "content": luck.choice(TEXTS)} for _ in range(luck.choice((0, 1, 1, 1, 2, 3, 9)))
    )
    return wire.Generate(
        messages=turns, prompt=luck.choice(TEXTS), max_tokens=luck.choice(WHOLE), ignore_end=luck.random() < 0.5,
        stop=tuple(luck.choice(TEXTS) for _ in range(luck.choice((0, 0, 1, 2)))),
        weights=tuple((luck.choice(TEXTS), luck.choice(PARTS)) for _ in range(luck.choice((0, 0, 0, 1)))),
        likeliest=luck.choice((0, 0, 1, 20, luck.choice(WHOLE))), **odd_figures(luck), **odd_beginning(luck),
    )  # fmt: skip


def odd_beginning(luck: random.Random) -> dict[str, Any]:
    """What else a request may hold; most hold little of it, so that what they do is seen."""
    form, source = luck.choice(FORMS) if luck.random() < 0.3 else FORMS[0]
    return {
        "form": form, "form_source": source, "tools": luck.choice(TOOLS) if luck.random() < 0.3 else (),
        "thinking": luck.random() < 0.3, "begun": luck.choice(BEGUN), "begun_thoughts": luck.choice(BEGUN),
        "strengths": luck.choice(((), (), (1.0,), (-1e308, 0.0, 1e308))), "guess_ahead": luck.random() < 0.5,
        **luck.choice(STATES),
    }  # fmt: skip


def odd_figures(luck: random.Random) -> dict[str, Any]:
    """Half the time figures within their limits, else any; each one in three, so that they meet."""
    figures: dict[str, Any] = {}
    within = luck.random() < 0.5
    for name, about in FIGURES.items():
        if luck.random() < 0.33:
            numbers = WHOLE if isinstance(getattr(Figures(), name), int) else PARTS
            assert about.least is not None
            assert about.most is not None
            fitting = [number for number in (*numbers, about.least, about.most) if about.least <= number <= about.most]
            figures[name] = type(getattr(Figures(), name))(luck.choice(fitting if within else numbers))
    return figures


def test_no_request_with_odd_numbers_ends_the_process(tmp_path: Path, process: Process) -> None:
    path, luck, seen = str(write(tmp_path / "tiny.gguf")), random.Random(13), set[str]()
    assert ended(process, wire.Load(path=path, context_tokens=512, threads=1)) == "Loaded"
    for number in range(REQUESTS):
        if number % 10 == 5:
            process.tell(wire.SetThreads(threads=luck.choice(WHOLE)))
        request = odd(luck)
        how = ended(process, request)
        assert not how.startswith("Worker"), (number, how, request, process.last_words)
        seen.add(how)
    assert {"Done", "TextNotAccepted", "FormNotUsable"} <= seen
    assert ended(process, wire.Generate(prompt="Hello", max_tokens=4)) == "Done"


def test_no_odd_requests_at_once_end_the_process_and_an_even_one_beside_them_is_answered(
    tmp_path: Path, process: Process
) -> None:
    path, seen, luck = str(write(tmp_path / "tiny.gguf")), list[tuple[str, wire.Generate]](), random.Random(17)
    assert ended(process, wire.Load(path=path, context_tokens=512, threads=1)) == "Loaded"
    waiting = [odd(luck) for _ in range(REQUESTS)]

    def ask() -> None:
        while waiting:
            with contextlib.suppress(IndexError):  # another has taken the last
                request = waiting.pop()
                seen.append((ended(process, request), request))

    threads = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for thread in threads:
        thread.start()
    even = [ended(process, wire.Generate(prompt="Hello", max_tokens=4)) for _ in range(10)]
    for thread in threads:
        thread.join()
    assert even == ["Done"] * 10
    assert len(seen) == REQUESTS
    assert not [one for one in seen if one[0].startswith("Worker")], process.last_words
    assert {"Done", "PromptTooLong"} <= {how for how, _ in seen}


@pytest.mark.parametrize("context_tokens", WHOLE)
def test_no_context_length_ends_the_process(tmp_path: Path, process: Process, context_tokens: int) -> None:
    path = str(write(tmp_path / "tiny.gguf"))
    for threads in (WHOLE[0], 1, WHOLE[-1]):
        how = ended(process, wire.Load(path=path, context_tokens=context_tokens, threads=threads, need_bytes=1))
        assert not how.startswith("Worker"), (threads, how, process.last_words)
    assert ended(process, wire.Load(path=path, context_tokens=512, threads=1)) == "Loaded"
