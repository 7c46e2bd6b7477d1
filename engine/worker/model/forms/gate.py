"""Where the answer begins: a model that thinks first may think as it likes."""

import codecs

from engine.worker.model.replies.pieces import ReplyParser
from engine.worker.model.vocabulary import Vocabulary


class Gate:
    """Hears every token until the answer has begun."""

    def __init__(self, parser: ReplyParser, vocabulary: Vocabulary, *, may_think: bool) -> None:
        """`parser` is this one's own. With `may_think` the first token may be one that opens a thought."""
        self._parser, self._vocabulary = parser, vocabulary
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.shut = not parser.answering
        marks = parser.thoughts if may_think and not self.shut else ()
        found = (vocabulary.special(mark.strip()) for mark in marks)
        self.opens = frozenset(token for token in found if token is not None)

    def take(self, token: int) -> bytes:
        """One token before the answer; what it holds of the answer already, where the thought ends within it."""
        piece = self._vocabulary.piece(token)
        if not piece and (spelled := self._vocabulary.spelled(token)) in self._parser.marks:
            piece = spelled.encode()
        pieces = self._parser.add(self._decoder.decode(piece))
        self.opens, self.shut = frozenset(), not self._parser.answering
        if self.shut:
            return b""
        return "".join(one.raw for one in pieces if one.kind == "text").strip().encode()
