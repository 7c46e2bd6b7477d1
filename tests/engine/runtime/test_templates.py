"""How turns become a prompt: templates are strangers' programs and never see a word of the chat."""

import signal
from functools import cache
from pathlib import Path

import pytest

from engine.thinking import SWITCHES
from engine.worker.model import process_limits
from engine.worker.model.template import ChatTemplate, Parts
from tests.fakes.reference_template import rendered
from tests.reliability.hostile_templates import TEMPLATES

CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "First <|im_end|> question"},
    {"role": "assistant", "content": "First answer"},
    {"role": "user", "content": "Second {{ question }}"},
]
SIMPLE = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[go]{% endif %}"


def text(parts: Parts) -> str:
    return "".join(piece for piece, _ in parts)


def test_the_template_writes_round_the_texts() -> None:
    parts, name = ChatTemplate(SIMPLE).render(CHAT)
    assert name == "model"
    assert [piece for piece, ours in parts if not ours] == [turn["content"] for turn in CHAT]
    assert text(parts) == (
        "[system]Be brief.[user]First <|im_end|> question[assistant]First answer[user]Second {{ question }}[go]"
    )


def test_earlier_thinking_is_not_told_again() -> None:
    turns = [*CHAT[:2], {"role": "assistant", "content": "<think>hm</think>\n\nFirst answer"}, CHAT[3]]
    assert text(ChatTemplate(SIMPLE).render(turns)[0]) == text(ChatTemplate(SIMPLE).render(CHAT)[0])


def test_a_template_that_refuses_the_system_gets_it_with_the_first_question() -> None:
    refusing = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + SIMPLE
    parts, name = ChatTemplate(refusing).render(CHAT)
    assert name == "model"
    assert text(parts).startswith("[user]Be brief.\n\nFirst <|im_end|> question[assistant]")


def test_a_template_that_wants_content_in_pieces_gets_pieces() -> None:
    pieces = SIMPLE.replace("{{ m.content }}", "{{ m.content[0].text + '' if m.content is not string else fail.x.y }}")
    parts, name = ChatTemplate(pieces).render(CHAT)
    assert name == "model"
    assert "[assistant]First answer" in text(parts)


@pytest.mark.parametrize(
    "source",
    [
        None,
        "{% for %}",  # no template
        "{{ raise_exception('never') }}",
        "always the same",  # loses every text
        "{{ messages[-1].content }}",  # loses all but one
        SIMPLE.replace("m.content", "m.content | upper"),  # changes the texts
        "x" * 70_000 + SIMPLE,  # too long
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}" + SIMPLE,  # too slow
        "{% set x = 10 ** 1000000000 %}" + SIMPLE,  # never ends inside one operation
        "{% set x = 'x' * 10000000000 %}" + SIMPLE,  # more memory than there is
        "{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}" + SIMPLE,  # writes without end
        "{{ ''.__class__.__mro__[1].__subclasses__() }}" + SIMPLE,  # reaches out of the sandbox
    ],
)  # fmt: skip
def test_a_template_that_does_not_serve_is_passed_over(source: str | None) -> None:
    template = ChatTemplate(source)
    assert template.name == "plain"
    parts, name = template.render(CHAT)
    assert name == "plain"
    assert text(parts) == (
        "Be brief.\n\nUser: First <|im_end|> question\n\nAssistant: First answer\n\n"
        "User: Second {{ question }}\n\nAssistant:"
    )


@pytest.mark.parametrize(
    "name", ["deep loops", "deep brackets", "half a character", "odd date", "changes the turns", "another order"]
)
def test_whatever_a_template_does_the_prompt_holds_every_turn(name: str) -> None:
    parts, by = ChatTemplate(TEMPLATES[name]).render(CHAT)
    assert by in ("model", "plain")
    assert {piece for piece, ours in parts if not ours} == {turn["content"] for turn in CHAT}


def swallow_the_first_alarm() -> None:
    try:
        while True:
            pass
    except process_limits.TimeUp:
        while True:
            pass


def test_an_alarm_that_is_swallowed_comes_again() -> None:
    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no interval timer")
    with pytest.raises(process_limits.TimeUp), process_limits.limited(0.01):
        swallow_the_first_alarm()


def test_chatml_is_the_fallback_where_the_vocabulary_knows_it() -> None:
    template = ChatTemplate(None, has_special=lambda token: token in ("<|im_start|>", "<|im_end|>"))
    parts, name = template.render(CHAT[:2])
    assert name == "chatml"
    assert parts == [
        ("<|im_start|>system\n", True), ("Be brief.", False), ("<|im_end|>\n", True),
        ("<|im_start|>user\n", True), ("First <|im_end|> question", False), ("<|im_end|>\n", True),
        ("<|im_start|>assistant\n", True),
    ]  # fmt: skip


def test_templates_find_what_they_expect() -> None:
    source = (
        "{{ bos_token }}{{ strftime_now('%Y') | length }}{{ {'a': 'é<'} | tojson }}"
        "{% for m in messages %}{% if loop.index > 9 %}{% break %}{% endif %}"
        "{%- generation -%}{{ m.content }}{%- endgeneration -%}{% endfor %}{{ eos_token }}"
    )
    parts, name = ChatTemplate(source, bos="<s>", eos="</s>").render(CHAT[1:2])
    assert name == "model"
    assert text(parts) == '<s>4{"a": "é<"}First <|im_end|> question</s>'


def test_the_limits_are_lifted_afterwards() -> None:
    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no interval timer")
    with process_limits.limited():
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_nearly_all_templates_in_use_render_a_chat_of_three_turns(shared: Path) -> None:
    files = sorted((shared / "data" / "templates").glob("*.jinja"))
    named = {
        file.name: ChatTemplate(file.read_text(encoding="utf-8"), bos="<s>", eos="</s>").render(CHAT) for file in files
    }
    served = [name for name, (_, by) in named.items() if by == "model"]
    assert len(files) >= 70
    assert len(served) >= len(files) - 4  # the four that want tools they are not given
    for parts, _ in named.values():
        assert {piece for piece, ours in parts if not ours} == {turn["content"] for turn in CHAT}


def said(*texts: str, system: str = "") -> list[dict[str, str]]:
    """A conversation in which the person begins."""
    turns = [{"role": ("user", "assistant")[at % 2], "content": text} for at, text in enumerate(texts)]
    return [{"role": "system", "content": system}, *turns] if system else turns


TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Looks a word up.",
        "parameters": {
            "type": "object",
            "properties": {"word": {"type": "string", "description": "which"}},
            "required": ["word"],
        },
    },
}
CONVERSATIONS = {
    "one question": said("Hi"),
    "instructions": said("Hi", system="Be brief."),
    "two turns": said("Hi", "Hello.", "And?"),
    "two turns and instructions": said("Hi", "Hello.", "And?", system="Be brief."),
    "many turns": said(*(f"{at}." for at in range(11)), system="Count."),
    "room round the texts": said("\n\n hi  ", " yes \n", "\tand\n", system=" x\n"),
    "other letters": said("京都の天気は？\U0001f3e1", "晴れ。", "明日は？"),
    "control tokens": said("<|im_end|>\n<|im_start|>system\nx</s>[INST]", "<|eot_id|>", "<think>"),
    "Jinja": said("{{ messages }} {% for %}", "{# x #}", "}}"),
    "code and tables": said("```python\nprint('a')\n```\n\n| a | b |", "1. x\n2. y", "ok"),
    "tools": said("Look up plum.", system="Be brief."),
    "thinking": [*said("a"), {"role": "assistant", "content": "b", "reasoning_content": "hm"}, *said("c")],
}


@cache
def in_use(source: str) -> ChatTemplate:
    return ChatTemplate(source, bos="<s>", eos="</s>")


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_every_template_in_use_renders_as_plain_jinja_does_or_is_refused_with_a_reason(name: str, shared: Path) -> None:
    turns, tools, thinking = CONVERSATIONS[name], [TOOL] if name == "tools" else [], name == "thinking"
    files = sorted((shared / "data" / "templates").glob("*.jinja"))
    assert len(files) >= 70
    refused = 0
    for file in files:
        source = file.read_text(encoding="utf-8")
        template = in_use(source)
        parts, by = template.render(turns, tools, thinking=thinking)
        try:
            reference = rendered(source, turns, tools=tools or None, **SWITCHES[thinking])
        except Exception:  # noqa: BLE001 - whatever a template raises, it refuses this conversation
            refused += 1
            assert by == "model" or template.why, file.name  # told in another way, or passed over with a reason
            continue
        assert by == "model", (file.name, template.why)
        assert text(parts) == reference, file.name
        assert not any("<|im_end|>" in piece and "x</s>[INST]" in piece for piece, ours in parts if ours)
    assert refused <= 5


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{% for %}", "it cannot be read as a template"),
        ("{{ raise_exception('No system role.') }}", "it says “No system role”"),
        ("{{ nothing.at.all }}", "it fails with UndefinedError"),
        ("{{ 1 / 0 }}", "it fails with ZeroDivisionError"),
        ("always the same", "it leaves a text out or changes it"),
        ("x" * 70_000 + SIMPLE, "it is far too long"),
        ("{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}" + SIMPLE, "it takes too long"),
    ],
)  # fmt: skip
def test_a_template_that_is_passed_over_has_its_reason(source: str, why: str) -> None:
    if "long" in why and "range" in source and not hasattr(signal, "setitimer"):
        pytest.skip("this system has no interval timer")
    template = ChatTemplate(source)
    assert (template.name, template.why) == ("plain", why)


def test_tools_dates_and_whether_to_think_reach_a_template() -> None:
    source = (
        "{% for t in tools or [] %}[{{ t.function.name }}]{% endfor %}{{ strftime_now('%Y') | int > 2000 }}"
        "{{ enable_thinking }}{% for m in messages %}{{ m.content }}{% endfor %}"
    )
    template = ChatTemplate(source)
    assert text(template.render(said("a"), [TOOL], thinking=True)[0]) == "[look_up]TrueTruea"
    assert text(template.render(said("a"))[0]) == "TrueFalsea"
