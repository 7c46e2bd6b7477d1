"""Keeps one answer to its form: which tokens may come next, told one by one or all at once.

Where the form leaves no choice for a while, as within a sentence that is quoted, the model need not be asked token by
token: what must come is told in tokens of the usual cut, which are read at once, as a prompt is. Nothing that is chosen
is any likelier or unlikelier by that. The last of these tokens is left to the model: it may want one that holds some
of what is a choice again.
"""

from __future__ import annotations

from engine import arrays as np
from engine.errors import FormNotUsable
from engine.forms import Form, network_of
from engine.forms.form import NAMES
from engine.forms.network import Network
from engine.worker.model.forms.gate import Gate
from engine.worker.model.forms.states import DEAD, States
from engine.worker.model.forms.token_table import Numbers, TokenTable
from engine.worker.model.process_limits import TimeUp, limited
from engine.worker.model.vocabulary import Vocabulary

READY_S = 5.0
MOST_MASKS = 32  # kept of one answer; each has up to four bytes for every token
LEAST_GIVEN = 24  # bytes without a choice that are read at once: fewer are soon written
MOST_GIVEN = 400


class Guide:
    """One answer's place in its form. The end of the answer comes only where the form is complete."""

    def __init__(self, network: Network, table: TokenTable, vocabulary: Vocabulary, gate: Gate | None) -> None:
        """With a `gate` that is shut, everything may come until it opens."""
        self._states, self._table, self._vocabulary, self._gate = States(network), table, vocabulary, gate
        self._state = self._states.start
        self._masks: dict[int, Numbers] = {}
        self.began = False  # whether the answer has a token

    @property
    def waits(self) -> bool:
        """Whether the model thinks, so that everything may come."""
        return self._gate is not None and self._gate.shut

    @property
    def finished(self) -> bool:
        """Whether the answer is complete and nothing may follow."""
        return self.began and not self._states.goes_on(self._state)

    def allows(self, token: int) -> bool:
        """Whether this token may come next."""
        if self._vocabulary.is_end(token):
            return self._states.may_end(self._state)
        if self._gate is not None and token in self._gate.opens:
            return True
        piece = self._vocabulary.piece(token)
        return bool(piece) and self._states.after(self._state, piece) != DEAD

    def allowed(self) -> Numbers:
        """All tokens that may come next."""
        found = self._masks.get(self._state)
        if found is None:
            state = self._states.renewed(self._state)
            if state != self._state or len(self._masks) >= MOST_MASKS:
                self._masks.clear()
            self._state = state
            found = self._table.allowed(self._states, state)
            if self._states.may_end(state):
                found = np.concatenate([found, self._table.ends])
            self._masks[state] = found
        opens = self._gate.opens if self._gate is not None else ()
        return np.concatenate([found, np.array(sorted(opens), np.int32)]) if opens else found

    def take(self, token: int) -> None:
        """This token was picked."""
        if self._gate is not None and not self.began and (self._gate.shut or token in self._gate.opens):
            self._read(self._gate.take(token))
            return
        self.began = True
        if not self._vocabulary.is_end(token):
            self._read(self._vocabulary.piece(token))

    def given(self) -> list[int]:
        """The tokens of what must come next; none where that is short. They are still to be taken."""
        if self.waits:
            return []
        text = self._states.only_way(self._state, MOST_GIVEN)
        if len(text) < LEAST_GIVEN:
            return []
        tokens = self._vocabulary.going_on(text.decode("utf-8", "ignore"))  # the last character may be cut
        pieces = [self._vocabulary.piece(token) for token in tokens]
        usable = all(pieces) and text.startswith(b"".join(pieces))  # some vocabularies change what they are told
        return tokens[:-1] if usable else []

    def go_on_from(self, text: str) -> None:
        """The answer has begun with these words, and whatever is thought before one is over."""
        self._gate, self.began = None, True
        self._read(text.encode("utf-8", "replace"))

    def _read(self, text: bytes) -> None:
        self._state = self._states.after(self._states.renewed(self._state), text)


def guided(form: Form, table: TokenTable, vocabulary: Vocabulary, gate: Gate | None) -> Guide:
    """What keeps an answer to `form`. Raises `FormNotUsable`, also where making it ready takes too long."""
    try:
        with limited(READY_S):
            return Guide(network_of(form), table, vocabulary, gate)
    except (TimeUp, MemoryError):
        why = "making it ready took too long"
        raise FormNotUsable(what=NAMES[form.kind], place="the whole", why=why) from None
