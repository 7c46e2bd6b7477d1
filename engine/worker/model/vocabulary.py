"""Tokens and text of one model.

Owns the line between what the template says and what a person says: template text may hold
control tokens, a person's text never becomes one, whatever it spells.
"""

import ctypes
import re
from collections.abc import Sequence
from typing import Any

import llama_cpp as lib

MOST_PADDING = 128  # tokens that files of one family differ by, at the end, for the sake of even numbers
_SPELLED = re.compile(r"<[^<>\s{}']{1,40}>|\[/?[A-Z_]{3,24}\]")  # how templates write special tokens
_MARK = "\n"  # stands before a piece that must not be taken for the start of a text


class Vocabulary:
    """What the vocabulary of a loaded model knows."""

    def __init__(self, model: Any) -> None:
        """Valid as long as the model is loaded."""
        self._vocab = self.pointer = lib.llama_model_get_vocab(model)  # llama.cpp's own
        self.size: int = lib.llama_vocab_n_tokens(self._vocab)
        self.bos: int = lib.llama_vocab_bos(self._vocab)
        self.eos: int = lib.llama_vocab_eos(self._vocab)
        self.sep: int = lib.llama_vocab_sep(self._vocab)
        self.adds_bos = bool(lib.llama_vocab_get_add_bos(self._vocab)) and self.bos >= 0
        self.adds_sep = bool(lib.llama_vocab_get_add_sep(self._vocab)) and self.sep >= 0
        self.adds_eos = bool(lib.llama_vocab_get_add_eos(self._vocab)) and max(self.eos, self.sep) >= 0
        self._adds_space = lib.llama_vocab_type(self._vocab) in (lib.LLAMA_VOCAB_TYPE_SPM, lib.LLAMA_VOCAB_TYPE_UGM)
        self._reserved: set[int] = set()
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; empty for control tokens."""
        found = self._pieces.get(token)
        if found is None:
            found = self._pieces[token] = self._render(token, special=False)
        return found

    def is_end(self, token: int) -> bool:
        """Whether the model says with this token that it has finished."""
        found = self._ends.get(token)
        if found is None:
            found = self._ends[token] = bool(lib.llama_vocab_is_eog(self._vocab, token))
        return found

    def spelled(self, token: int) -> str:
        """A special token as templates spell it, "" where there is none."""
        return self._render(token, special=True).decode("utf-8", "replace") if 0 <= token < self.size else ""

    def has_special(self, text: str) -> bool:
        """Whether this text is one special token."""
        return self.special(text) is not None

    def special(self, text: str) -> int | None:
        """The special token that this text is, where it is one."""
        tokens = self._tokens(text, parse_special=True)
        return tokens[0] if len(tokens) == 1 and self._is_special(tokens[0]) else None

    def reserve(self, template: str) -> None:
        """Have no text of a person become a special token that `template` spells, also where it does not write it."""
        found = (self.special(spelled) for spelled in set(_SPELLED.findall(template)))
        self._reserved = {token for token in found if token is not None}

    def tokens(self, parts: Sequence[tuple[str, bool] | list[int]]) -> list[int]:
        """The tokens of a prompt given in parts: (text, whether a template wrote it), or what is tokens already."""
        told: set[int] = set()
        cut: list[list[int]] = []
        rest = ""
        parts = [part for part in parts if isinstance(part, list) or part[0]]
        for number, part in enumerate(parts):
            if isinstance(part, list):
                cut.append([*(self._tokens(rest, parse_special=False) if rest else []), *part])
                rest = ""
                continue
            text, from_template = part
            text, rest = rest + text, ""
            if from_template and number + 1 < len(parts) and text.endswith(" "):
                text, rest = text[:-1], " "  # a space belongs to the word after it
            before = next((tokens[-1] for tokens in reversed(cut) if tokens), None)
            inside = before is not None and not self._is_special(before)
            if from_template:
                found = self._tokens(text, parse_special=True, inside=inside)
                told.update(token for token in found if self._is_special(token))
            else:
                found = self._inert(text, told, inside=inside)
            cut.append(found)
        tokens = [token for found in cut for token in found]
        if self.adds_bos and (not tokens or tokens[0] != self.bos):
            tokens.insert(0, self.bos)
        while len(tokens) > 1 and tokens[0] == tokens[1] == self.bos:
            del tokens[0]
        return tokens

    def plain(self, text: str) -> list[int]:
        """The tokens of a text by itself, none of them a control token."""
        return self._inert(text, set(), inside=False) if text else []

    def going_on(self, text: str) -> list[int]:
        """The tokens of a text that goes on an answer, none of them a control token."""
        return self._inert(text, set(), inside=True) if text else []

    def count(self, text: str) -> int:
        """How many tokens a person's text has within a prompt."""
        return len(self.going_on(text))

    def _inert(self, text: str, told: set[int], *, inside: bool) -> list[int]:
        """The tokens of a person's text.

        llama.cpp leaves control tokens alone here; some files mark the tokens of their template
        as user-defined ones, which it does not, and those are broken up after their first letter.
        """
        tokens = self._tokens(text, parse_special=False, inside=inside)
        told = told | self._reserved
        forbidden = {token for token in tokens if token in told or token == self.bos or self.is_end(token)}
        if not forbidden:
            return tokens
        spelled = {self.spelled(token) for token in told | forbidden}
        breaks = "|".join(
            f"(?<={re.escape(one[0])})(?={re.escape(one[1:])})" for one in sorted(spelled) if len(one.strip()) > 1
        )
        if not breaks:
            return tokens
        first, *others = re.split(breaks, text)
        tokens = self._tokens(first, parse_special=False, inside=inside)
        for other in others:
            tokens += self._tokens(other, parse_special=False, inside=True)
        return tokens

    def _is_special(self, token: int) -> bool:
        if token < 0:  # a picture
            return True
        special = lib.LLAMA_TOKEN_ATTR_CONTROL | lib.LLAMA_TOKEN_ATTR_UNKNOWN | lib.LLAMA_TOKEN_ATTR_USER_DEFINED
        return bool(lib.llama_vocab_get_attr(self._vocab, token) & special)

    def _tokens(self, text: str, *, parse_special: bool, inside: bool = False) -> list[int]:
        """Tokens of one piece. `inside`: it goes on a text, so no space is put before it."""
        if not text:
            return []
        if inside and self._adds_space:
            mark = self._raw(_MARK, False)
            marked = self._raw(_MARK + text, parse_special)
            if marked[: len(mark)] == mark:
                return marked[len(mark) :]
        return self._raw(text, parse_special)

    def _raw(self, text: str, parse_special: bool) -> list[int]:
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 16  # a token is at least one byte
        found = (lib.llama_token * room)()
        count: int = lib.llama_tokenize(self._vocab, raw, len(raw), found, room, False, parse_special)
        if count < 0:
            room = -count
            found = (lib.llama_token * room)()
            count = lib.llama_tokenize(self._vocab, raw, len(raw), found, room, False, parse_special)
        return list(found[: max(0, count)])

    def _render(self, token: int, *, special: bool) -> bytes:
        if not 0 <= token < self.size:  # llama.cpp ends the process for a token it does not know
            return b""
        room = 64
        buffer = ctypes.create_string_buffer(room)
        length = lib.llama_token_to_piece(self._vocab, token, buffer, room, 0, special)
        if length < 0:
            room = -length
            buffer = ctypes.create_string_buffer(room)
            length = lib.llama_token_to_piece(self._vocab, token, buffer, room, 0, special)
        return buffer.raw[: max(0, length)]


def fitting(draft: Vocabulary, target: Vocabulary) -> str:
    """Why a model with the vocabulary `draft` cannot guess for one with `target`; "" where it can."""
    if abs(draft.size - target.size) > MOST_PADDING:
        return f"it knows {draft.size} tokens, and the model that it is to guess for knows {target.size}"
    text = lib.llama_vocab_get_text
    for token in range(min(draft.size, target.size)):
        if text(draft.pointer, token) != text(target.pointer, token):
            return f"its token {token} is another than that of the model it is to guess for"
    return ""
