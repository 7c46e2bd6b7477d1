"""Replies in messages with a head each: gpt-oss ("harmony"), Muse Glimmer, Functionary 3.2.

    <|channel|>analysis<|message|>a thought<|end|><|start|>assistant<|channel|>final<|message|>the answer

The head says what the message is: a thought, the answer, or a call whose name stands in it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.worker.model.replies.json_calls import named
from engine.worker.model.replies.pieces import Call, Piece, Prefix, Reads, begun, called, first_mark, joined, stepped
from engine.worker.model.replies.tag_calls import read_atem

MOST_HEAD = 200  # characters; a head that is longer is none
BEGINNINGS = ("<|start|>", "<|channel|>")  # of a head that was cut off
_TO = re.compile(r"to=(?:functions\.)?([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Channels:
    """How messages are told apart. `sort` gives ("text" or "thought" or "call", name) for a head.

    `read` reads a call's body where that names the call itself; else the body is the arguments.
    """

    head_ends: str
    body_ends: Sequence[str]
    sort: Callable[[str], tuple[str, str]]
    read: Reads | None = None


class ChannelParser:
    """Reads heads and bodies in turn; the prompt has begun the first head."""

    def __init__(self, channels: Channels, *, calls: bool) -> None:
        """Where `calls` is False, a call is shown as the text it is."""
        self._channels, self._calls = channels, calls
        self.marks = frozenset(
            {channels.head_ends, *channels.body_ends, "<|channel|>", "<|constrain|>", "<|start|>", "<|end|>"}
        )
        self.thoughts: tuple[str, ...] = ()  # a head says what comes, also before the answer
        self._held = ""
        self._kind, self._name = "head", ""
        self._head = ""  # as it came
        self._fresh = True

    @property
    def answering(self) -> bool:
        """As `ReplyParser` has it."""
        return self._kind == "text"

    def add(self, text: str) -> list[Piece]:
        """As `ReplyParser` has it."""
        self._held += text
        return stepped(self._step)

    def begin(self, thoughts: str, text: str) -> Prefix:
        """As `ReplyParser` has it; only harmony's heads say no more than what its messages are."""
        if self._channels is not HARMONY:
            raise ValueError("the heads of the reply are not kept")
        found: Prefix = []
        if thoughts:
            found += [("<|channel|>analysis<|message|>", True), (thoughts, False)]
        if thoughts and text:
            found.append(("<|end|><|start|>assistant", True))
        if text:
            found += [("<|channel|>final<|message|>", True), (text, False)]
        for part, _ in found:
            self.add(part)
        self._held = ""
        return found

    def finish(self) -> list[Piece]:
        """As `ReplyParser` has it: a head without a body is shown, a call without an end is read."""
        found: list[Piece] = []
        if self._kind == "head":
            found.append(Piece("mark" if self._held.startswith(BEGINNINGS) else "text", self._held))
        else:
            self._end_body(found, self._held, "")
        self._held, self._kind = "", "text"
        return joined(found)

    def _step(self, found: list[Piece]) -> bool:
        if self._kind == "head":
            return self._step_head(found)
        met = first_mark(self._held, self._channels.body_ends)
        if met is not None:
            at, mark = met
            body, self._held = self._held[:at], self._held[at + len(mark) :]
            self._end_body(found, body, mark)
            self._kind = "head"
            return True
        if self._kind != "call":
            cut = len(self._held) - begun(self._held, self._channels.body_ends)
            found += self._shown(self._held[:cut])
            self._held = self._held[cut:]
        return False

    def _step_head(self, found: list[Piece]) -> bool:
        at = self._held.find(self._channels.head_ends)
        if at < 0 or at > MOST_HEAD:
            if len(self._held) > MOST_HEAD + len(self._channels.head_ends):
                self._kind, self._fresh = "text", False  # it was the answer all the time
                return True
            return False
        end = at + len(self._channels.head_ends)
        self._head, self._held = self._held[:end], self._held[end:]
        self._kind, self._name = self._channels.sort(self._head[:at])
        if self._kind == "call" and not self._calls:
            self._kind = "text"
            found.append(Piece("text", self._head))
            self._fresh = False
            return True
        if self._kind != "call":
            found.append(Piece("mark", self._head))
        self._fresh = True
        return True

    def _end_body(self, found: list[Piece], body: str, mark: str) -> None:
        if self._kind == "call":
            found.append(called(self._read, body, self._head + body + mark))
        else:
            found += [*self._shown(body), Piece("mark", mark)]

    def _read(self, body: str) -> tuple[Call, ...] | None:
        if self._channels.read is not None:
            return self._channels.read(body)
        call = named(self._name, body)
        return None if call is None else (call,)

    def _shown(self, raw: str) -> list[Piece]:
        visible = raw.lstrip() if self._fresh else raw
        self._fresh = self._fresh and not visible
        return [Piece("mark", raw[: len(raw) - len(visible)]), Piece(self._kind, visible)]


def _harmony(head: str) -> tuple[str, str]:
    to = _TO.search(head)
    if to is not None and to[1] != "assistant":
        return "call", to[1]
    return ("thought", "") if "analysis" in head else ("text", "")


def _glimmer(head: str) -> tuple[str, str]:
    to = _TO.search(head)
    name = to[1] if to is not None else "user"
    return {"self": ("thought", ""), "user": ("text", "")}.get(name, ("call", name))


def _functionary(head: str) -> tuple[str, str]:
    name = head.strip().removeprefix(">>>")
    return ("text", "") if name == "all" else ("call", name)


HARMONY = Channels("<|message|>", ("<|end|>", "<|call|>", "<|return|>"), _harmony)
GLIMMER = Channels("<|message|>", ("<|eom|>", "<|eot|>"), _glimmer, read_atem)
FUNCTIONARY = Channels("\n", (">>>",), _functionary)
