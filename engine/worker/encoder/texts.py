"""From texts to the tokens that an embedding or a reranking model reads.

What a person or a document writes never becomes a control token. A text that is longer than the model reads is cut
at a whole token and counted; what stands around it (the beginning and the end that the model expects) is never cut.
"""

import unicodedata
from collections.abc import Sequence

import llama_cpp as lib

from engine.errors import ModelNotUsable
from engine.worker.encoder.encoder import Encoder
from engine.worker.encoder.prompts import prompts
from engine.worker.model.vocabulary import Vocabulary

_LETTER = "a"
_JAPANESE = "このファイルには賃貸借契約の期間と敷金の返還について書かれています"
MOST_PER_LETTER = 1.2  # tokens: a vocabulary that spells Japanese in bytes takes two or three
LETTERS_PER_TOKEN = 64  # what is longer than this many times the longest is not even tokenized to its end
STRIPS_ACCENTS = "tokenizer.ggml.normalizer.strip_accents"
_QUESTION, _DOCUMENT = "{query}", "{document}"  # how a "rerank" template writes them


class Texts:
    """Makes the tokens for one loaded encoder."""

    def __init__(self, encoder: Encoder, file: str) -> None:
        """`file` is what the file is called, without its end: some files do not say in their header what they are."""
        self._vocabulary, self._longest = encoder.vocabulary, encoder.longest
        self._prompts = prompts(encoder.says("general.basename"), encoder.says("general.name"), file)
        self._most_letters = self._longest * LETTERS_PER_TOKEN
        word_pieces = lib.llama_vocab_type(encoder.vocabulary.pointer) == lib.LLAMA_VOCAB_TYPE_WPM
        self._takes_accents_off = word_pieces and encoder.says(STRIPS_ACCENTS) != "false"
        self._template = encoder.template("rerank")
        self._before, self._after = _around(encoder.vocabulary)

    def embeddable(self, texts: Sequence[str], *, question: bool) -> tuple[list[list[int]], int]:
        """The tokens of each of `texts`, which are questions or texts that are searched; how many texts were cut."""
        prompt = self._prompts.question if question else self._prompts.text
        room = max(1, self._longest - len(self._before) - len(self._after))
        rows, cut = [], 0
        for text in texts:
            tokens = self._vocabulary.plain(self._spelled(prompt + text))
            cut += len(tokens) > room or len(text) > self._most_letters
            rows.append([*self._before, *tokens[:room], *self._after] or [max(0, self._vocabulary.bos)])
        return rows, cut

    def rankable(self, question: str, texts: Sequence[str]) -> tuple[list[list[int]], int]:
        """The tokens of `question` with each of `texts`; how many texts were cut.

        The question may take half of what the model reads. Source of both forms: `format_prompt_rerank` in
        tools/server/server-common.cpp of llama.cpp.
        """
        question = self._spelled(question)
        rows, cut = [], 0
        for text in texts:
            tokens, shorter = (self._by_template if self._template else self._by_signs)(question, self._spelled(text))
            rows.append(tokens)
            cut += shorter or len(text) > self._most_letters
        return rows, cut

    def paired(self, pairs: Sequence[tuple[str, str]]) -> tuple[list[list[int]], int]:
        """The tokens of each pair of texts; how many pairs were cut, as `rankable` cuts them."""
        found = [self.rankable(first, [second]) for first, second in pairs]
        return [row for rows, _ in found for row in rows], sum(cut for _, cut in found)

    def reads_japanese(self) -> bool:
        """Whether the vocabulary knows Japanese: it can spell every letter, in hardly more tokens than letters."""
        tokens = self._vocabulary.plain(_JAPANESE)
        spelled = all(self._vocabulary.piece(token) for token in tokens)
        return spelled and len(tokens) <= MOST_PER_LETTER * len(_JAPANESE)

    # Its own affairs.

    def _by_signs(self, question: str, text: str) -> tuple[list[int], bool]:
        """BOS question EOS SEP text EOS, each sign where the vocabulary wants it."""
        vocab = self._vocabulary
        end = [vocab.eos if vocab.eos >= 0 else vocab.sep] if vocab.adds_eos else []
        between = [*end, *([vocab.sep] if vocab.adds_sep else [])]
        beginning = [vocab.bos] if vocab.adds_bos else []
        signs = len(beginning) + len(between) + len(end)
        asked = vocab.plain(question)[: max(1, (self._longest - signs) // 2)]
        tokens, room = vocab.plain(text), max(0, self._longest - signs - len(asked))
        return [*beginning, *asked, *between, *tokens[:room], *end], len(tokens) > room

    def _by_template(self, question: str, text: str) -> tuple[list[int], bool]:
        """As the file's template has it. A text that is too long is cut by its letters until it fits."""
        asked, cut = question, False
        while len(tokens := self._filled(asked, text)) > self._longest and (text or asked):
            over = len(tokens) - self._longest
            if len(text) >= len(asked):
                text, cut = text[: max(0, min(len(text) - over, len(text) * 3 // 4))], True
            else:
                asked = asked[: len(asked) * 3 // 4]
        if len(tokens) > self._longest:  # a template that is longer than the model
            tokens = tokens[: self._longest]
        return tokens, cut

    def _filled(self, question: str, text: str) -> list[int]:
        parts: list[tuple[str, bool]] = []
        for number, piece in enumerate(self._template.split(_QUESTION)):
            if number:
                parts.append((question, False))
            for place, inner in enumerate(piece.split(_DOCUMENT)):
                if place:
                    parts.append((text, False))
                parts.append((inner, True))
        tokens = self._vocabulary.tokens(parts)
        own = self._template.startswith(self._vocabulary.spelled(self._vocabulary.bos) or "\0")
        return tokens if own or not self._vocabulary.adds_bos else tokens[1:]

    def _spelled(self, text: str) -> str:
        """A text of bounded length. WordPiece takes accents off; for Korean llama.cpp does that differently."""
        text = text[: self._most_letters]
        return unicodedata.normalize("NFD", text) if self._takes_accents_off else text


def _around(vocabulary: Vocabulary) -> tuple[list[int], list[int]]:
    """The tokens that the model expects before and after a text. Raises `ModelNotUsable` where there are none."""
    raw = _LETTER.encode()
    found = (lib.llama_token * 16)()
    count = lib.llama_tokenize(vocabulary.pointer, raw, len(raw), found, 16, True, False)
    whole, bare = list(found[: max(0, count)]), vocabulary.plain(_LETTER)
    if any(not 0 <= token < vocabulary.size for token in whole):
        raise ModelNotUsable(path="the model", why="its vocabulary lacks the signs that it sets around a text")
    at = next((at for at in range(len(whole)) if whole[at : at + len(bare)] == bare), 0)
    return whole[:at], whole[at + len(bare) :]
