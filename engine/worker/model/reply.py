"""From tokens to what is told of a reply: whole characters, thoughts apart, no more lines than eyes can follow."""

import codecs
from collections.abc import Callable

from engine import wire
from engine.worker.model.replies.pieces import Piece, ReplyParser
from engine.worker.model.stop_texts import StopTexts
from engine.worker.model.vocabulary import Vocabulary

PIECE_S = 0.04  # a fast model's tokens are sent together: each line takes a core from the threads that write


class Reply:
    """Hears each token of one answer and reports `Token` and `Called`."""

    def __init__(
        self,
        report: Callable[[wire.Message], None],
        request: wire.Generate,
        vocabulary: Vocabulary,
        parser: ReplyParser | None,
    ) -> None:
        """Without a `parser` the text goes out as it comes."""
        self._report = report
        self._job = request.job
        self._request = request
        self._vocabulary = vocabulary
        self._parser = parser
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stops = StopTexts(request.stop)
        self._told: list[int] = []  # tokens that are not yet text: together they cost less than one by one
        self._come = ""  # not yet looked into
        self._kind, self._waiting = "text", ""
        self.text = ""  # of the answer, as far as it was sent
        self._sent_at = 0.0
        self._tokens = 0
        self.ended = False  # whether a stop text has come

    def add(self, token: int, now: float) -> None:
        """One token more; it is looked into and sent at once unless the last piece has only just been."""
        self._tokens += 1
        self._told.append(token)
        due = now - self._sent_at >= PIECE_S
        if not due and not self._request.stop:
            return
        self._spell()
        if due and self._come:
            self._hear(self._come)
            self._come = ""
            self._send()
            self._sent_at = now

    def answer_only(self) -> None:
        """From here on everything is the answer, whatever marks it spells."""
        if self._parser is not None:
            self._spell()
            self._hear(self._come)
            for piece in self._parser.finish():
                self._take(piece)
            self._send()
            self._come, self._kind, self._parser = "", "text", None

    def finish(self) -> None:
        """Send all there is. Half a character at the very end is dropped: it is none."""
        self._spell()
        self._hear(self._come + self._stops.rest())
        if self._parser is not None:
            for piece in self._parser.finish():
                self._take(piece)
        self._send()

    def _spell(self) -> None:
        """The text of what was told."""
        for token in self._told:
            piece = self._vocabulary.piece(token)
            if not piece and self._parser is not None:
                spelled = self._vocabulary.spelled(token)
                if spelled in self._parser.marks:
                    piece = spelled.encode()
            self._come += self._stops.add(self._decoder.decode(piece))
        self._told.clear()
        self.ended = self._stops.met

    def _hear(self, text: str) -> None:
        if self._parser is None:
            self._waiting += text
        elif text:
            for piece in self._parser.add(text):
                self._take(piece)

    def _take(self, piece: Piece) -> None:
        if piece.kind in ("text", "thought"):
            if piece.kind != self._kind:
                self._send()
                self._kind = piece.kind
            self._waiting += piece.raw
        for call in piece.calls:
            self._send()
            self._report(wire.Called(job=self._job, name=call.name, arguments=call.arguments))

    def _send(self) -> None:
        if self._waiting:
            thought = self._kind == "thought"
            if not thought:
                self.text += self._waiting
            self._report(wire.Token(job=self._job, text=self._waiting, thought=thought, tokens=self._tokens))
            self._waiting = ""
