"""Whether llama.cpp reads text as a model's own tokenizer does: tried with every text there is, before a file is given
a name.

Nothing is believed of how a vocabulary was written down. The tokens that llama.cpp makes with the new file are held
against those of the `tokenizers` library with the checkpoint's tokenizer.json, text by text, without the tokens that
begin and end a text: those are settings of their own.
"""

import os
import unicodedata
from pathlib import Path

import llama_cpp as lib
from tokenizers import Tokenizer

from engine.errors import TokenizerDiffers
from engine.worker.converter.cuts import ARTICLE
from engine.worker.converter.samples import texts
from engine.worker.converter.sources import Damaged
from engine.worker.converter.vocabulary import NORMAL, Words
from engine.worker.model.llama import complaints

MOST_TOLD, MOST_SPELLED = 200, 400
BROKEN = "\ufffd"  # in the text of a token that is only a part of a letter


def tokenizer_of(source: str) -> Tokenizer:
    """The library's own tokenizer, of a tokenizer.json. Raises `Damaged`."""
    try:
        found = Tokenizer.from_str(source)
    except Exception as error:  # noqa: BLE001 - the library raises nothing more exact
        raise Damaged("its tokenizer.json is not one that the tokenizers library reads") from error
    found.no_truncation()
    found.no_padding()
    return found


def verify(path: Path, words: Words, tokenizer: Tokenizer, called: str) -> int:
    """How many texts llama.cpp reads alike with the file `path`. Raises `TokenizerDiffers`, `Damaged`."""
    params = lib.llama_model_default_params()
    params.vocab_only = True
    with _loaded(path, params) as model:
        vocabulary = lib.llama_model_get_vocab(model.pointer)
        tried = [*texts(words.signs), *spelled(words, tokenizer)]
        for text in tried:
            text = unicodedata.normalize("NFC", text) if words.composed else text
            ours, theirs = _tokens(vocabulary, text), tokenizer.encode(text, add_special_tokens=False).ids
            if ours != theirs:
                raise TokenizerDiffers(path=called, text=text[:MOST_TOLD], ours=ours[:MOST_TOLD],
                                       theirs=theirs[:MOST_TOLD])  # fmt: skip
    return len(tried)


def spelled(words: Words, tokenizer: Tokenizer) -> list[str]:
    """Tokens from all over the vocabulary, as text: each alone, and within a word."""
    numbers = [number for number, kind in enumerate(words.kinds) if kind == NORMAL]
    few = numbers[:: max(1, len(numbers) // MOST_SPELLED)]
    found = [tokenizer.decode([number], skip_special_tokens=False).replace(ARTICLE, " ") for number in few]
    whole = [text for text in found if text and BROKEN not in text]
    return [*whole, *(f"x{text}y {text}" for text in whole)]


def check_loads(path: Path) -> None:
    """Raise `Damaged` where llama.cpp would not take the model that the head of `path` describes; no weight is read."""
    params = lib.llama_model_default_params()
    params.no_alloc, params.load_mode = True, 0
    with _loaded(path, params):
        pass


class _loaded:
    """A model while it is looked at."""

    def __init__(self, path: Path, params: lib.llama_model_params) -> None:
        complaints.forget()
        self.pointer = lib.llama_model_load_from_file(os.fsencode(path), params)
        if not self.pointer:
            raise Damaged(f"llama.cpp does not load what it would become: {complaints.why()}")

    def __enter__(self) -> "_loaded":
        return self

    def __exit__(self, *error: object) -> None:
        lib.llama_model_free(self.pointer)


def _tokens(vocabulary: object, text: str) -> list[int]:
    raw = text.encode("utf-8")
    room = len(raw) + 16  # a token is at least one byte
    found = (lib.llama_token * room)()
    count = lib.llama_tokenize(vocabulary, raw, len(raw), found, room, False, True)
    return list(found[: max(0, count)])
