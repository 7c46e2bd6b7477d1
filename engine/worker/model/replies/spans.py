"""Replies in which marks open and close stretches: <think>…</think>, <tool_call>…</tool_call> and their like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.worker.model.replies.pieces import Piece, Prefix, Reads, begun, called, first_mark, joined, stepped

_TOKEN = re.compile(r"<[^<>\s]+>|\[[A-Z_]+\]")  # of several that a mark is made of, and of words between them


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch between two marks. Without `read` it is a thought, else calls; an empty `closing` is the end.

    `bare` calls begin with `opening` as their own first letter, and only where the answer itself begins.
    """

    opening: str
    closing: str = ""
    read: Reads | None = None
    bare: bool = False


class SpanParser:
    """Tells stretches apart by their marks; whatever is in none is the answer."""

    def __init__(
        self,
        spans: Sequence[Span],
        hidden: Sequence[str] = (),
        inside: Span | None = None,
        inner: frozenset[str] = frozenset(),
    ) -> None:
        """`hidden` marks are shown to nobody; `inside` is the stretch that the prompt has already opened.

        `inner` are tokens whose spelling is part of a call.
        """
        self._bare = [span for span in spans if span.bare]
        self._spans = {span.opening: span for span in spans if not span.bare}
        self._hidden = frozenset(hidden)
        self._outside = (*self._spans, *hidden)
        own = {mark for span in spans for mark in (span.opening, span.closing) if mark} | self._hidden
        self.marks = frozenset(own | inner | {token for mark in own for token in _TOKEN.findall(mark)})
        self.thoughts = tuple(span.opening for span in spans if span.read is None)
        self._held = ""
        self._inside = inside
        self._opened = ""  # the mark as it came, which a stretch that is no call gives back
        self._fresh = True  # nothing visible has come since the last mark
        self._said = False  # nor anything of the answer

    @property
    def answering(self) -> bool:
        """As `ReplyParser` has it."""
        return self._inside is None

    def add(self, text: str) -> list[Piece]:
        """As `ReplyParser` has it."""
        self._held += text
        return stepped(self._step)

    def begin(self, thoughts: str, text: str) -> Prefix:
        """As `ReplyParser` has it. A mark that was only half written is none."""
        found: Prefix = []
        thought = self._inside or next((span for span in self._spans.values() if span.read is None), None)
        if thought is not None and (thoughts or self._inside):
            if self._inside is None:
                found.append((f"{thought.opening.rstrip()}\n", True))
            found.append((thoughts, False))
            if text:
                found.append((f"\n{thought.closing}\n\n", True))
        found.append((text, False))
        for part, _ in found:
            self.add(part)
        self._held = ""
        return found

    def finish(self) -> list[Piece]:
        """As `ReplyParser` has it: a stretch that was never closed ends here."""
        inside, rest, self._held = self._inside, self._held, ""
        self._inside = None
        if inside is not None and inside.read is not None:
            return [called(inside.read, rest, self._opened + rest)]
        return self._shown("thought" if inside else "text", rest)

    def _step(self, found: list[Piece]) -> bool:
        """Take what is certain off the held text; whether there may be more."""
        if self._inside is not None:
            return self._step_inside(self._inside, found)
        if not self._said and self._bare and self._opens_bare():
            return True
        met = first_mark(self._held, self._outside)
        if met is None:
            keep = begun(self._held, self._outside)
            cut = len(self._held) - keep
            if not self._said and not self._held[:cut].strip():
                return False  # the answer has not begun: its first letter decides
            found += self._shown("text", self._held[:cut])
            self._held = self._held[cut:]
            return False
        at, mark = met
        found += self._shown("text", self._held[:at])
        self._held = self._held[at + len(mark) :]
        self._fresh = True
        if mark in self._hidden:
            found.append(Piece("mark", mark))
            return True
        self._inside, self._opened = self._spans[mark], mark
        if self._inside.read is None:
            found.append(Piece("mark", mark))
        return True

    def _step_inside(self, span: Span, found: list[Piece]) -> bool:
        at = self._held.find(span.closing) if span.closing else -1
        if at >= 0:
            raw, self._held = self._held[:at], self._held[at + len(span.closing) :]
            if span.read is None:
                found += [*self._shown("thought", raw), Piece("mark", span.closing)]
            else:
                found.append(called(span.read, raw, self._opened + raw + span.closing))
            as_text = found[-1].kind == "text"
            self._inside, self._fresh, self._said = None, not as_text, self._said or as_text
            return True
        if span.read is None:
            cut = len(self._held) - begun(self._held, (span.closing,))
            found += self._shown("thought", self._held[:cut])
            self._held = self._held[cut:]
        return False

    def _opens_bare(self) -> bool:
        begins = self._held.lstrip()[:1]
        for span in self._bare:
            if begins == span.opening:
                self._inside, self._opened = span, ""
                return True
        return False

    def _shown(self, kind: str, raw: str) -> list[Piece]:
        """Visible text, without the room that stands between a mark and it."""
        visible = raw.lstrip() if self._fresh else raw
        pieces = [Piece("mark", raw[: len(raw) - len(visible)]), Piece(kind, visible)]
        if visible:
            self._fresh = False
            self._said = self._said or kind == "text"
        return joined(pieces)
