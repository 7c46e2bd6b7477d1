"""A tokenizer.json as a vocabulary that llama.cpp reads, of one of two kinds.

BPE over bytes (Llama 3, Qwen, SmolLM): tokens, merges, and the name by which llama.cpp knows how text is cut before.
SentencePiece (Gemma, Llama 2): tokenizer.json holds it as merges, which llama.cpp does not read for this kind; it joins
what has the highest score first, so that a token's score is the place of its first merge. Kinds of tokens and the names
of cuts are llama.cpp's (`llama_token_type` in llama.h, `llama_vocab::impl::load` in llama-vocab.cpp). Whether all of
that is true of a tokenizer is not believed but tried: see `verifying.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.worker.converter.cuts import ARTICLE, cut_of, flat, spaced
from engine.worker.converter.sources import Damaged

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
# What makers forgot to mark as special; as llama.cpp's own script sees it.
_SIGN = re.compile(r"<\|.*\|>|<｜.*｜>|<unused\d*>|<pad>|<mask>|<2mass>|\[@BOS@\]", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Words:
    """A vocabulary, which has `scores` for SentencePiece, `merges` and `cut` for BPE.

    `ids` are of tokens as they are spelled. `signs` are looked for before text is cut; those that spell spaces are not
    among them, for llama.cpp takes that letter for a space everywhere, as SentencePiece does. `composed`: the tokenizer
    composes letters and their marks first (NFC), which llama.cpp leaves to whoever writes the text.
    """

    kind: str
    tokens: list[str]
    kinds: list[int]
    ids: Mapping[str, int]
    cut: str = "default"
    merges: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    space_before: bool = False
    composed: bool = False
    signs: tuple[str, ...] = ()


def words_of(tokenizer: Mapping[str, Any], rows: int) -> Words:
    """The vocabulary of a tokenizer.json, with so many tokens as there are `rows` of weights. Raises `Damaged`."""
    model = tokenizer.get("model")
    if not isinstance(model, dict) or model.get("type", "BPE") != "BPE":
        named = model.get("type") if isinstance(model, dict) else "none"
        raise Damaged(f"its tokenizer is of the kind {str(named)[:40]}, which is not converted")
    added = _added(tokenizer)
    pieces = model.get("vocab")
    if not isinstance(pieces, dict):
        raise Damaged("its tokenizer.json holds no vocabulary")
    ids = _ids(pieces, added, rows)
    pairs = _pairs(model)
    if model.get("byte_fallback") is True:
        return _sentence_piece(tokenizer, model, ids, added, pairs, rows)
    return _byte_level(tokenizer, ids, added, pairs, rows)


def _byte_level(
    tokenizer: Mapping[str, Any],
    ids: dict[str, int],
    added: dict[str, tuple[int, bool]],
    pairs: list[tuple[str, str]],
    rows: int,
) -> Words:
    tokens, kinds = _padding(rows)
    for text, number in ids.items():
        tokens[number], kinds[number] = text, _kind(text, added)
    steps = [str(step.get("type")) for step in flat(tokenizer.get("normalizer"), "normalizers")]
    if steps not in ([], ["NFC"]):
        raise Damaged(f"its tokenizer changes text first ({', '.join(steps)[:60]}), which llama.cpp does not")
    return Words(
        kind="gpt2", tokens=tokens, kinds=kinds, ids=ids, cut=cut_of(tokenizer.get("pre_tokenizer")),
        merges=[f"{left} {right}" for left, right in pairs], composed=bool(steps), signs=tuple(added),
    )  # fmt: skip


def _sentence_piece(
    tokenizer: Mapping[str, Any], model: Mapping[str, Any], ids: dict[str, int], added: dict[str, tuple[int, bool]],
    pairs: list[tuple[str, str]], rows: int,
) -> Words:  # fmt: skip
    first: dict[str, int] = {}
    for number, (left, right) in enumerate(pairs):
        first.setdefault(left + right, number)
    tokens, kinds = _padding(rows)
    scores = [-float(len(pairs) + 1)] * rows
    unknown = model.get("unk_token")
    for text, number in ids.items():
        kind = UNKNOWN if text == unknown else BYTE if _BYTE.fullmatch(text) else _kind(text, added)
        if kind == USER_DEFINED and ARTICLE in text and text in first:
            kind = NORMAL  # spaces in a row: its own tokenizer does not look for them first, it merges them
        tokens[number] = text.replace(ARTICLE, " ") if kind == USER_DEFINED else text
        kinds[number] = kind
        scores[number] = -float(first.get(text, len(pairs) + 1))
    return Words(
        kind="llama", tokens=tokens, kinds=kinds, ids=ids, scores=scores,
        signs=tuple(text for text in added if ARTICLE not in text),
        space_before=spaced(tokenizer.get("normalizer"), tokenizer.get("pre_tokenizer")),
    )  # fmt: skip


def _padding(rows: int) -> tuple[list[str], list[int]]:
    """Where weights have more rows than there are tokens, the others are named, and never come up."""
    return [f"[PAD{number}]" for number in range(rows)], [UNUSED] * rows


def _kind(text: str, added: Mapping[str, tuple[int, bool]]) -> int:
    if text not in added:
        return NORMAL
    return CONTROL if added[text][1] or _SIGN.fullmatch(text) else USER_DEFINED


def _added(tokenizer: Mapping[str, Any]) -> dict[str, tuple[int, bool]]:
    """Tokens that are looked for before text is cut: their numbers, and whether they are special."""
    entries = tokenizer.get("added_tokens") or []
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("content"), str) and isinstance(entry.get("id"), int)
        for entry in entries
    ):
        raise Damaged("its tokenizer.json says nothing that can be used for added_tokens")
    return {entry["content"]: (entry["id"], entry.get("special") is True) for entry in entries}


def _ids(pieces: Mapping[Any, Any], added: Mapping[str, tuple[int, bool]], rows: int) -> dict[str, int]:
    """The number of every token. Raises `Damaged` where two have one number, or there are weights for fewer."""
    found: dict[str, int] = {}
    for text, number in (*pieces.items(), *((text, number) for text, (number, _) in added.items())):
        if not isinstance(number, int) or isinstance(number, bool) or found.get(text, number) != number:
            raise Damaged("its tokenizer.json says nothing that can be used for its tokens")
        if not 0 <= number < rows:
            raise Damaged(f"its tokenizer knows a token {number}, and there are weights for {rows}")
        found[text] = number
    if len(set(found.values())) != len(found):
        raise Damaged("two of its tokens have one number")
    try:
        "".join(found).encode()
    except UnicodeEncodeError as error:
        raise Damaged("one of its tokens is not text") from error
    return found


def _pairs(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The merges, which have been written in two ways."""
    found: list[tuple[str, str]] = []
    merges = model.get("merges")
    for merge in merges if isinstance(merges, list) else ():
        pair = merge.split(" ") if isinstance(merge, str) else merge
        if (
            not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) and part for part in pair)
            or any(" " in part for part in pair)
        ):  # fmt: skip
            raise Damaged("its tokenizer.json says nothing that can be used for merges")
        found.append((pair[0], pair[1]))
    return found
