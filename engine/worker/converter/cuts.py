"""How a tokenizer cuts text before it looks for tokens, and by what name llama.cpp knows that.

llama.cpp has the patterns built in; what is none of them cannot be told to it. Source: the patterns quoted in
llama-vocab.cpp, which are those of the models' own tokenizer.json.
"""

from collections.abc import Iterator
from typing import Any

from engine.worker.converter.sources import Damaged

ARTICLE = "\u2581"  # how SentencePiece writes a space
_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = {
    _CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + _TAIL: "llama-bpe",
    _CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + _TAIL: "qwen2",
}


def flat(step: Any, inside: str) -> Iterator[dict[str, Any]]:
    """The steps that a part of a tokenizer consists of, one after another. Raises `Damaged`."""
    if step is None:
        return
    if not isinstance(step, dict):
        raise Damaged("its tokenizer.json says nothing that can be used for how text is cut")
    parts = step.get(inside)
    if step.get("type") != "Sequence":
        yield step
        return
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise Damaged("its tokenizer.json says nothing that can be used for how text is cut")
    for part in parts:
        if part.get("type") == "Sequence":
            raise Damaged("its tokenizer cuts text in a way that llama.cpp does not know")
        yield part


def cut_of(pre_tokenizer: Any) -> str:
    """llama.cpp's name for how a tokenizer over bytes cuts text. Raises `Damaged` where it has none."""
    steps = list(flat(pre_tokenizer, "pretokenizers"))
    unknown = Damaged("its tokenizer cuts text in a way that llama.cpp does not know")
    if not steps or steps[-1].get("type") != "ByteLevel" or steps[-1].get("add_prefix_space") is not False:
        raise unknown
    by_words, others = steps[-1].get("use_regex", True), steps[:-1]
    if by_words and not others:
        return "gpt-2"
    if len(others) != 1:
        raise unknown
    (first,) = others
    if by_words and first.get("type") == "Digits" and first.get("individual_digits") is True:
        return "smollm"
    pattern = first.get("pattern")
    regex = pattern.get("Regex") if isinstance(pattern, dict) else None
    if (
        by_words or first.get("type") != "Split" or first.get("behavior") != "Isolated" or first.get("invert")
        or regex not in PATTERNS
    ):  # fmt: skip
        raise unknown
    return PATTERNS[regex]


def spaced(normalizer: Any, pre_tokenizer: Any) -> bool:
    """Whether a SentencePiece tokenizer puts a space before a text. Raises `Damaged` for steps of another kind."""
    before = False
    for step in flat(normalizer, "normalizers"):
        kind = step.get("type")
        if kind == "Prepend" and step.get("prepend") == ARTICLE:
            before = True
        elif kind != "Replace" or step.get("pattern") != {"String": " "} or step.get("content") != ARTICLE:
            raise Damaged(f"its tokenizer changes text first ({str(kind)[:60]}), which llama.cpp does not")
    for step in flat(pre_tokenizer, "pretokenizers"):
        kind = step.get("type")
        if kind == "Metaspace" and step.get("replacement") == ARTICLE:
            before = before or step.get("prepend_scheme", "always") != "never"
        elif kind != "Split" or step.get("pattern") != {"String": " "}:
            raise Damaged("its tokenizer cuts text in a way that llama.cpp does not know")
    return before
