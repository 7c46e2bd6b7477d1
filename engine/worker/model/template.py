"""From turns to a prompt: the model's own chat template, or a built-in one.

A template is a Jinja program out of a file that a stranger made. It is rendered in a sandbox,
with a limit on its size, its time and its memory, and it never sees a word of the chat: each
text is stood in for by a mark, and put in its place afterwards as a part of its own. A template
that fails, or loses a text, is passed over for a built-in one, and `why` says for what reason.
"""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from jinja2 import Template, TemplateError
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.thinking import SWITCHES
from engine.unseen import visible
from engine.worker.model.process_limits import RENDER_S, TimeUp, limited

MOST_SOURCE_BYTES = 64 * 1024
MOST_RENDERED = 1 << 20
MOST_POWER = 64

Turns = Sequence[dict[str, str]]
Tools = Sequence[dict[str, Any]]


class Picture(NamedTuple):
    """Where a picture of a turn stands in a prompt."""

    digest: str


Parts = list[tuple[str, bool] | Picture]  # (text, whether the template wrote it)

_GENERATION = re.compile(r"\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}")  # marks for training only
_THOUGHT_ENDS = "</think>"
PICTURES = "pictures"  # the field of a turn that tells of them


class _Asked(NamedTuple):
    """What goes into one rendering beside the turns; all variants together have `until` the monotonic clock says so."""

    tools: Tools
    thinking: bool
    until: float


class _Unfit(Exception):
    """The template does not serve; the reason in a few words."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, and no power that would keep one processor busy for hours."""

    intercepted_binops = frozenset({"**"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not isinstance(right, int | float) or abs(right) > MOST_POWER:
            raise SecurityError("a power too large")
        return super().call_binop(context, operator, left, right)


class ChatTemplate:
    """How this model wants to be spoken to. `name` is "model", "chatml" or "plain"."""

    def __init__(
        self, source: str | None, *, bos: str = "", eos: str = "", has_special: Callable[[str], bool] | None = None
    ) -> None:
        """Try `source` on a short chat; fall back where it does not serve.

        `bos` and `eos` are the vocabulary's tokens as text; `has_special` tells whether a text
        is one special token of the vocabulary.
        """
        self.source = source or ""
        self._values = {"bos_token": bos, "eos_token": eos}
        knows_chatml = has_special is not None and has_special("<|im_start|>") and has_special("<|im_end|>")
        self._fallback = "chatml" if knows_chatml else "plain"
        until = time.monotonic() + RENDER_S
        self.why = ""  # the reason why it is not used, fit for the middle of a sentence
        self._compiled: Template | None = None
        try:
            self._compiled = _compiled(source) if source else None
        except _Unfit as unfit:
            self.why = str(unfit)
        self.name = "model"
        trial = [
            {"role": "user", "content": "1"},
            {"role": "assistant", "content": "2"},
            {"role": "user", "content": "3"},
        ]
        self.name = self._render(trial, _Asked((), False, until))[1]

    def render(self, turns: Turns, tools: Tools = (), *, thinking: bool = False) -> tuple[Parts, str]:
        """The prompt that asks for the next turn, in parts, and the name of what made it.

        `tools` are offered, described as OpenAI's API has it. What the model thought earlier ("reasoning_content")
        is told again only where the template does so.
        """
        return self._render(turns, _Asked(tools, thinking, time.monotonic() + RENDER_S))

    def _render(self, turns: Turns, asked: _Asked) -> tuple[Parts, str]:
        turns = thoughts_left_out(turns)
        if self._compiled is not None and (self.name == "model" or asked.tools):  # some serve only those who give tools
            whys: list[str] = []
            for variant in (_as_is, _in_pieces, _folded):
                try:
                    return self._rendered(self._compiled, turns, variant, asked), "model"
                except _Unfit as unfit:
                    whys.append(str(unfit))
                except TimeUp:  # no other variant is tried
                    whys.insert(0, "it takes too long")
                    break
            self.why = whys[0]
        return (_chatml(turns) if self._fallback == "chatml" else _plain(turns)), self._fallback

    def _rendered(
        self, template: Template, turns: Turns, variant: Callable[[Turns], list[dict[str, Any]]], asked: _Asked
    ) -> Parts:
        """The parts. Raises `_Unfit` where the template fails or loses a text."""
        word = f"Hanare{secrets.token_hex(8)}"
        fields = {"N": "content", "R": "reasoning_content"}
        marked = [
            {"role": turn["role"], **{field: _marked(turn, field, f"{word}{mark}{i}E") for mark, field in fields.items()
                                      if field in turn}}
            for i, turn in enumerate(turns)
        ]  # fmt: skip
        try:
            with limited(asked.until - time.monotonic()):
                text = self._filled(template, variant(marked), asked)
        except TimeUp:
            raise
        except Exception as error:  # noqa: BLE001 - a stranger's program may fail in any way, with Python's errors too
            raise _Unfit(_reason(error)) from None
        parts: Parts = []
        seen: set[int] = set()
        at = 0
        for mark in re.finditer(rf"{word}([NR])(\d+)E", text):
            number, field = int(mark[2]), fields[mark[1]]
            if number >= len(turns) or field not in turns[number]:
                raise _Unfit("it makes up a text")
            parts.append((text[at : mark.start()], True))
            if field == "content":
                seen.add(number)
                parts += _shown(turns[number])
            parts.append((turns[number][field].strip(), False))
            at = mark.end()
        parts.append((text[at:], True))
        all_seen = seen.issuperset(i for i, turn in enumerate(turns) if turn["content"].strip() or turn.get(PICTURES))
        if not all_seen or word in text_of(parts):
            raise _Unfit("it leaves a text out or changes it")
        return parts

    def _filled(self, template: Template, messages: list[dict[str, Any]], asked: _Asked) -> str:
        pieces: list[str] = []
        length = 0
        for piece in template.generate(
            messages=messages, add_generation_prompt=True, raise_exception=_refuse, strftime_now=_now,
            tools=list(asked.tools) or None, documents=None, functions=json.dumps(asked.tools) if asked.tools else "",
            datetime=_now("%b %d %Y %H:%M:%S GMT"), **SWITCHES[asked.thinking], **self._values,
        ):  # fmt: skip
            length += len(piece)
            if length > MOST_RENDERED:
                raise ValueError("the template writes without end")
            pieces.append(piece)
        return "".join(pieces)


def text_of(parts: Parts) -> str:
    """What the template wrote of a prompt."""
    return "".join(part[0] for part in parts if not isinstance(part, Picture) and part[1])


def pictures_of(turn: dict[str, str]) -> list[tuple[str, int, int]]:
    """The digest, width and height of each picture of a turn, told as words like "0a1b2c:640:480"."""
    told = (one.split(":") for one in turn.get(PICTURES, "").split())
    return [(digest, int(width), int(height)) for digest, width, height in told]


def _marked(turn: dict[str, str], field: str, mark: str) -> str:
    """The mark in place of a text, between the room at its two ends, which many templates trim.

    None for no text, unless there is a picture with it.
    """
    text = turn[field]
    inside = text.strip()
    if inside:
        return text.replace(inside, mark)
    return mark if field == "content" and turn.get(PICTURES) else text


def _reason(error: Exception) -> str:
    """What a template says, or how it fails, on one short line."""
    said = " ".join(str(error).split())[:80].rstrip(". ")
    if isinstance(error, UndefinedError) or not isinstance(error, TemplateError) or not said:
        return f"it fails with {type(error).__name__}"
    return f"it says “{visible(said)}”"


def _compiled(source: str) -> Template:
    if len(source.encode("utf-8", "replace")) > MOST_SOURCE_BYTES:
        raise _Unfit("it is far too long")
    sandbox = _Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    sandbox.filters["tojson"] = _json
    source = _GENERATION.sub(lambda m: f"{{%{m[1]} {'endif' if m[2] else 'if true'} {m[3]}%}}", source)
    try:
        with limited():
            return sandbox.from_string(source)
    except TimeUp:
        raise _Unfit("it takes too long") from None
    except Exception:  # noqa: BLE001 - as above; "too many nested blocks" is a SyntaxError of Python's, for one
        raise _Unfit("it cannot be read as a template") from None


# Ways to hand the turns over; a template that fails on one may take the next.


def _as_is(turns: Turns) -> list[dict[str, Any]]:
    return [dict(turn) for turn in turns]


def _in_pieces(turns: Turns) -> list[dict[str, Any]]:
    """Content as a list of typed pieces, as templates of models that also see want it."""
    return [{"role": turn["role"], "content": [{"type": "text", "text": turn["content"]}]} for turn in turns]


def _folded(turns: Turns) -> list[dict[str, Any]]:
    """For templates that refuse the system's turn, or two turns of one speaker in a row."""
    folded: list[dict[str, Any]] = []
    for turn in turns:
        role = "user" if turn["role"] == "system" else turn["role"]
        if folded and folded[-1]["role"] == role:
            folded[-1]["content"] += "\n\n" + turn["content"]
        else:
            folded.append({"role": role, "content": turn["content"]})
    return folded


def thoughts_left_out(turns: Turns) -> list[dict[str, str]]:
    """Earlier answers without the thinking before them, as the templates of such models do it."""
    kept = []
    for turn in turns:
        text = turn["content"]
        if turn["role"] == "assistant" and _THOUGHT_ENDS in text:
            text = text.rsplit(_THOUGHT_ENDS, 1)[1].lstrip()
        kept.append({**turn, "content": text})
    return kept


# The built-in ones.


def _chatml(turns: Turns) -> Parts:
    parts: Parts = []
    for turn in turns:
        parts += [
            (f"<|im_start|>{turn['role']}\n", True),
            *_shown(turn),
            (turn["content"], False),
            ("<|im_end|>\n", True),
        ]
    return [*parts, ("<|im_start|>assistant\n", True)]


def _shown(turn: dict[str, str]) -> Iterator[Picture]:
    return (Picture(digest) for digest, _, _ in pictures_of(turn))


def _plain(turns: Turns) -> Parts:
    return list(_plain_parts(turns))


def _plain_parts(turns: Turns) -> Iterator[tuple[str, bool] | Picture]:
    for turn in turns:
        speaker = {"user": "User: ", "assistant": "Assistant: "}.get(turn["role"], "")
        yield speaker, True
        yield from _shown(turn)
        yield turn["content"], False
        yield "\n\n", True
    yield "Assistant:", True


# What templates expect to find.


def _refuse(why: object = "") -> NoReturn:
    raise TemplateError(str(why))


def _now(shape: str) -> str:
    return datetime.now().strftime(shape)


def _json(value: Any, ensure_ascii: bool = False, indent: int | None = None, **others: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)
