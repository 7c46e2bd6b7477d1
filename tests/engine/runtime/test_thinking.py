"""Which models can be asked to think first: those whose template makes another prompt of it."""

from pathlib import Path

import pytest

from engine.thinking import has_switch
from engine.worker.model.template import ChatTemplate

TURNS = [{"role": "user", "content": "Why is the sky blue?"}]


def test_a_template_has_a_switch_where_its_prompt_is_another_one_with_it(shared: Path) -> None:
    wrong = []
    for path in sorted((shared / "data" / "templates").glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        template = ChatTemplate(source, bos="<s>", eos="</s>")
        without, with_it = (template.render(TURNS, thinking=thinking) for thinking in (False, True))
        if without[1] == with_it[1] == "model" and (without != with_it) != has_switch(source):
            wrong.append(path.name)
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "switch"),
    [
        ("{% if enable_thinking %}<think>{% endif %}", True),
        ("{{ '<think>' if thinking is defined and thinking else '' }}", True),
        ("{% if message.thinking %}{{ message['thinking'] }}{% endif %}", False),
        ("{% set ns = namespace(enable_thinking=true) %}{% if ns.enable_thinking %}<think>{% endif %}", False),
        ("A model with enable_thinking in its text. {{ 'thinking' }}", False),
        ("", False),
    ],
)
def test_only_a_variable_of_the_template_is_a_switch(source: str, switch: bool) -> None:
    assert has_switch(source) == switch
