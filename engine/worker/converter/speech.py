"""What a checkpoint says of how it is talked to: the tokens that begin and end, and its chat templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gguf
from tokenizers import Tokenizer

from engine.worker.converter.sources import Damaged, Sources
from engine.worker.converter.vocabulary import Words

TEMPLATE = "chat_template.jinja"
ROLES = ("bos", "eos", "unk", "pad")


@dataclass(frozen=True, kw_only=True)
class Speech:
    """`tokens` are numbers by role. `template` is the chat template, or several with their names; None for none."""

    tokens: Mapping[str, int]
    begins: bool
    ends: bool
    template: str | list[dict[str, str]] | None


def speech_of(sources: Sources, config: Mapping[str, Any], words: Words, tokenizer: Tokenizer) -> Speech:
    """Read it from tokenizer_config.json, config.json and the templates beside them. Raises `Damaged`."""
    said = sources.json_if_there("tokenizer_config.json")
    tokens = {}
    for role in ROLES:
        number = _token(said.get(f"{role}_token"), words)
        if number is None:
            number = _number(config.get(f"{role}_token_id"), len(words.tokens))
        if number is not None:
            tokens[role] = number
    alone = tokenizer.encode("a", add_special_tokens=False).ids
    framed = tokenizer.encode("a", add_special_tokens=True).ids
    begins, ends = framed[:1] != alone[:1], framed[-1:] != alone[-1:]
    return Speech(
        tokens=tokens, begins=_switch(said.get("add_bos_token"), begins) and "bos" in tokens,
        ends=_switch(said.get("add_eos_token"), ends) and "eos" in tokens, template=_template(sources, said),
    )  # fmt: skip


def describe(writer: gguf.GGUFWriter, words: Words, speech: Speech) -> None:
    """Tell llama.cpp the vocabulary and how it is used."""
    writer.add_tokenizer_model(words.kind)
    writer.add_tokenizer_pre(words.cut)
    writer.add_token_list(words.tokens)
    writer.add_token_types(words.kinds)
    if words.scores:
        writer.add_token_scores(words.scores)
        writer.add_add_space_prefix(words.space_before)
    if words.merges:
        writer.add_token_merges(words.merges)
    add = {"bos": writer.add_bos_token_id, "eos": writer.add_eos_token_id, "unk": writer.add_unk_token_id,
           "pad": writer.add_pad_token_id}  # fmt: skip
    for role, number in speech.tokens.items():
        add[role](number)
    writer.add_add_bos_token(speech.begins)
    writer.add_add_eos_token(speech.ends)
    if speech.template is not None:
        writer.add_chat_template(speech.template)


def _token(spelled: Any, words: Words) -> int | None:
    text = spelled.get("content") if isinstance(spelled, dict) else spelled
    return words.ids.get(text) if isinstance(text, str) else None


def _number(said: Any, tokens: int) -> int | None:
    first = said[0] if isinstance(said, list) and said else said
    usable = isinstance(first, int) and not isinstance(first, bool) and 0 <= first < tokens
    return first if usable else None


def _switch(said: Any, found: bool) -> bool:
    return said if isinstance(said, bool) else found


def _template(sources: Sources, said: Mapping[str, Any]) -> str | list[dict[str, str]] | None:
    if sources.has(TEMPLATE):
        return sources.text(TEMPLATE)
    found = said.get("chat_template") or sources.json_if_there("chat_template.json").get("chat_template")
    if isinstance(found, list):
        if not all(
            isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("template"), str)
            for one in found
        ):
            raise Damaged("its tokenizer_config.json says nothing that can be used for chat_template")
        return found
    return found if isinstance(found, str) else None
