"""A chat template beside the one it should be like: its parent's, its origin's, another form's, or its family's.

Templates are data here: none is run. A statement stands on a line of its own before they are compared, since many
makers write the whole program on one line.
"""

import difflib
import re
from collections.abc import Iterable, Sequence

from engine.models.ways_down import same
from engine.types import Against, Model, ModelCard, TemplateDiff

MOST_LINES = 4_000  # of each template; comparing takes the product of both
MOST_CHARACTERS = 200_000
CONTEXT_LINES = 2
_STATEMENT = re.compile(r"(?<=[%#]\})[ \t]*(?=\S)|(?<=\S)[ \t]*(?=\{[%#])")
_LOOP = "{% for message in messages %}"
_END = "{% endfor %}"
_ANSWER = "{% if add_generation_prompt %}"
_ENDIF = "{% endif %}"
# What the marks of a family mean, written out plainly: a chat, and the beginning of the answer.
_FAMILIES = {
    "ChatML": (
        "<|im_start|>",
        (_LOOP, "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}", _END,
         _ANSWER, "{{ '<|im_start|>assistant\\n' }}", _ENDIF),
    ),
    "Llama 3": (
        "<|start_header_id|>",
        ("{{ bos_token }}", _LOOP,
         "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim"
         " + '<|eot_id|>' }}", _END,
         _ANSWER, "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}", _ENDIF),
    ),
    "Gemma": (
        "<start_of_turn>",
        ("{{ bos_token }}", _LOOP, "{% if message['role'] == 'assistant' %}", "{% set role = 'model' %}", "{% else %}",
         "{% set role = message['role'] %}", _ENDIF,
         "{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}", _END,
         _ANSWER, "{{ '<start_of_turn>model\\n' }}", _ENDIF),
    ),
    "Mistral": (
        "[INST]",
        ("{{ bos_token }}", _LOOP, "{% if message['role'] == 'user' %}",
         "{{ '[INST] ' + message['content'] + ' [/INST]' }}",
         "{% elif message['role'] == 'assistant' %}", "{{ ' ' + message['content'] + eos_token }}", _ENDIF, _END),
    ),
}  # fmt: skip


def template_beside(model: Model, card: ModelCard, here: Iterable[Model]) -> TemplateDiff | None:
    """The difference from the nearest template that is known; None where there is none, or no template at all."""
    template = card.facts.template
    if not template:
        return None
    others = [other for other in here if other.id != model.id and other.facts.template]
    for against, found in (
        (Against.PARENT, [other for other in others if model.made and other.id == model.made.parent_id]),
        (Against.BASE, [other for other in others if _is_base(card.origin.bases, other)]),
        (Against.SIBLING, [other for other in others if same(other.facts, card.facts)]),
    ):
        if found:
            return _compared(against, found[0].name, found[0].facts.template or "", template)
    for name, (mark, lines) in _FAMILIES.items():
        if mark in template:
            return _compared(Against.FAMILY, name, "\n".join(lines), template)
    return None


def lines_of(template: str) -> list[str]:
    """A template with each statement on a line of its own, without the room around it."""
    return [line.strip() for line in _STATEMENT.sub("\n", template).splitlines() if line.strip()]


def _compared(against: Against, name: str, original: str, template: str) -> TemplateDiff | None:
    if max(len(original), len(template)) > MOST_CHARACTERS:
        return None
    before, after = lines_of(original), lines_of(template)
    if max(len(before), len(after)) > MOST_LINES:
        return None
    return TemplateDiff(against=against, name=name, lines=_unified(before, after))


def _unified(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    return tuple(difflib.unified_diff(before, after, n=CONTEXT_LINES, lineterm=""))[2:]


def _is_base(bases: Sequence[str], other: Model) -> bool:
    """Whether a model's file is of one of the models that are named, as far as names tell."""
    names = {_plain(name) for name in (other.facts.name, other.name, other.repository) if name}
    return any(_plain(base) in names for base in bases)


def _plain(name: str) -> str:
    """The last part of an address, without what tells forms of one model apart."""
    last = name.rstrip("/").rsplit("/", 1)[-1].casefold()
    return re.sub(r"[\s_.-]+", " ", re.sub(r"[-_. ](gguf|[fb]?f?16|f32|i?q\d\w*)$", "", last)).strip()
