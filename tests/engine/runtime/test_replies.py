"""What a model writes is told apart: answer, thoughts, calls; nothing is lost, however the stream is cut."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.thinking import SWITCHES
from engine.worker.model.replies.choosing import CALLS, reply_parser
from engine.worker.model.replies.pieces import Call, Piece, joined
from engine.worker.model.template import ChatTemplate
from tests.fakes.reference_template import rendered

WEATHER = {"city": "京都", "days": 2}
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "where"},
                "days": {"type": "integer", "description": "how many"},
            },
            "required": ["city"],
        },
    },
}
J = '{"city": "京都", "days": 2}'
# What a template spells → a reply of such a model that thinks nothing and calls get_weather.
WRITTEN = {
    "<tool_call> json": ("<tool_call>", f'<tool_call>\n{{"name": "get_weather", "arguments": {J}}}\n</tool_call>'),
    "<tool_call> functions": (
        "<tool_call>",
        "<tool_call>\n<function=get_weather>\n<parameter=city>\n京都\n</parameter>\n"
        "<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>",
    ),
    "<tool_call> pairs": (
        "<tool_call>",
        "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>京都</arg_value>\n"
        "<arg_key>days</arg_key>\n<arg_value>2</arg_value>\n</tool_call>",
    ),
    "[TOOL_CALLS] list": ("[TOOL_CALLS]", f'[TOOL_CALLS][{{"name": "get_weather", "arguments": {J}}}]'),
    "[TOOL_CALLS] args": ("[TOOL_CALLS]", f"[TOOL_CALLS]get_weather[CALL_ID]abc[ARGS]{J}"),
    "bare": ("<|python_tag|>", f'{{"name": "get_weather", "parameters": {J}}}'),
    "harmony": (
        "<|channel|>",
        f"<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{J}<|call|>",
    ),
    "deepseek 3": (
        "<｜tool▁calls▁begin｜>",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n"
        f"```json\n{J}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    ),
    "deepseek 3.1": (
        "<｜tool▁calls▁begin｜>",
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{J}"
        "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    ),
    "deepseek 3.2": (
        "｜DSML｜",
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n'
        '<｜DSML｜parameter name="city" string="true">京都</｜DSML｜parameter>\n'
        '<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n'
        "</｜DSML｜invoke>\n</｜DSML｜function_calls>",
    ),
    "kimi": (
        "<|tool_calls_section_begin|>",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0"
        f"<|tool_call_argument_begin|>{J}<|tool_call_end|><|tool_calls_section_end|>",
    ),
    "gemma": ("<|tool_call>", '<|tool_call>call:get_weather{city:<|"|>京都<|"|>,days:2}<tool_call|>'),
    "python": ("<|tool_call_start|>", '<|tool_call_start|>[get_weather(city="京都", days=2)]<|tool_call_end|>'),
    "granite": ("<|tool_call|>", f'<|tool_call|>[{{"name": "get_weather", "arguments": {J}}}]'),
    "cohere": (
        "<|START_ACTION|>",
        f'<|START_ACTION|>[{{"tool_call_id": "0", "tool_name": "get_weather", "parameters": {J}}}]<|END_ACTION|>',
    ),
    "apertus": ("<|tools_prefix|>", f'<|tools_prefix|>[{{"get_weather": {J}}}]<|tools_suffix|>'),
    "functionary 3.1": ("<function=", f"<function=get_weather>{J}</function>"),
    "functionary 3.2": (">>>all", f"get_weather\n{J}"),
    "firefunction": ("functools[", f'functools[{{"name": "get_weather", "arguments": {J}}}]'),
    "minimax": (
        "<minimax:tool_call>",
        '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">京都</parameter>\n'
        '<parameter name="days">2</parameter>\n</invoke>\n</minimax:tool_call>',
    ),
}


def told(template: str, reply: str, *, size: Any = None, prompt_end: str = "", calls: bool = True) -> list[Piece]:
    """The pieces of a reply that comes in pieces of `size()` letters, or all at once."""
    parser = reply_parser(template, prompt_end, calls=calls)
    pieces: list[Piece] = []
    rest = reply
    while rest:
        cut = size() if size is not None else len(rest)
        pieces += parser.add(rest[:cut])
        rest = rest[cut:]
    return joined([*pieces, *parser.finish()])


def shown(pieces: list[Piece], kind: str) -> str:
    return "".join(piece.raw for piece in pieces if piece.kind == kind)


def all_calls(pieces: list[Piece]) -> list[Call]:
    return [call for piece in pieces for call in piece.calls]


@pytest.mark.parametrize("family", WRITTEN)
def test_a_call_is_read_in_every_familys_way_of_writing_it(family: str) -> None:
    template, reply = WRITTEN[family]
    pieces = told(template, reply)
    assert [(call.name, json.loads(call.arguments)) for call in all_calls(pieces)] == [("get_weather", WEATHER)]
    assert shown(pieces, "text") == ""
    assert "".join(piece.raw for piece in pieces) == reply


@pytest.mark.parametrize("family", WRITTEN)
def test_a_malformed_call_is_shown_as_the_text_it_is(family: str) -> None:
    template, reply = WRITTEN[family]
    broken = reply.replace("京都", '京"}都<', 1) if "functions" not in family else reply.replace("</function>", "", 1)
    if "pairs" in family:
        broken = reply.replace("<arg_value>", "", 1)
    if family in ("deepseek 3.2", "minimax"):
        broken = reply.replace("</", "<", 1)
    if family in ("gemma", "python"):
        broken = reply.replace("days", "da ys", 1)
    pieces = told(template, broken)
    assert all_calls(pieces) == []
    text = "".join(piece.raw for piece in pieces if piece.kind == "text")
    assert "京" in text
    assert "".join(piece.raw for piece in pieces) == broken


@pytest.mark.parametrize("family", WRITTEN)
def test_without_tools_a_call_is_the_answer(family: str) -> None:
    template, reply = WRITTEN[family]
    pieces = told(template, reply, calls=False)
    assert all_calls(pieces) == []
    assert "京都" in shown(pieces, "text")


@pytest.mark.parametrize(
    ("template", "prompt_end", "reply"),
    [
        ("<think></think>", "", "<think>\nHm.\n</think>\n\nYes."),
        ("<think></think>", "<|im_start|>assistant\n<think>\n", "Hm.\n</think>\n\nYes."),
        ("[THINK][/THINK]", "", "[THINK]Hm.[/THINK]Yes."),
        ("<seed:think></seed:think>", "", "<seed:think>Hm.</seed:think>Yes."),
        ("<|START_THINKING|><|START_RESPONSE|><|END_RESPONSE|>", "",
         "<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>Yes.<|END_RESPONSE|>"),
        ("<|channel|>", "<|start|>assistant",
         "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes."),
        ("<|channel>thought\n<channel|>", "", "<|channel>thought\nHm.<channel|>Yes."),
        ("<|think|><|content|><|begin|>assistant<|end|>", "<|begin|>assistant",
         "<|think|>Hm.<|end|><|begin|>assistant<|content|>Yes."),
    ],
)  # fmt: skip
def test_thoughts_stand_apart_from_the_answer(template: str, prompt_end: str, reply: str) -> None:
    pieces = told(template, reply, prompt_end=prompt_end)
    assert shown(pieces, "thought").strip() == "Hm."
    assert shown(pieces, "text") == "Yes."


def test_a_thought_that_is_never_ended_stays_a_thought_and_an_answer_without_one_stays_an_answer() -> None:
    assert shown(told("<think></think>", "<think>So it goes on"), "thought") == "So it goes on"
    assert told("<think></think>", "Yes <b>.") == [Piece("text", "Yes <b>.")]
    assert told("<|channel|>", "Yes, without any channel. " * 20) == [Piece("text", "Yes, without any channel. " * 20)]


def test_any_cut_of_a_reply_gives_the_same_pieces_and_loses_nothing() -> None:
    luck = random.Random(7)
    templates = sorted({template for template, _ in WRITTEN.values()} | {spelled for spelled, _ in CALLS})
    bits = [reply for _, reply in WRITTEN.values()]
    bits += re.findall(r"<[^<>]*>|\[[A-Z_]+\]", "".join(bits)) + [
        "<think>",
        "</think>",
        "<thi",
        "Hm.",
        " ",
        "\n",
        "{",
        "}",
    ]
    for _ in range(1500):
        template = luck.choice(templates) + luck.choice(["", "<think></think>", "[THINK][/THINK]"])
        reply = "".join(luck.choice(bits) for _ in range(luck.randint(0, 8)))
        prompt_end = luck.choice(["", "<think>\n"])
        calls = luck.random() < 0.8
        whole = told(template, reply, prompt_end=prompt_end, calls=calls)
        assert "".join(piece.raw for piece in whole) == reply
        for most in (1, 3, 9):
            cut = told(
                template, reply, size=lambda most=most: luck.randint(1, most), prompt_end=prompt_end, calls=calls
            )
            assert cut == whole, (template, reply)


# Templates that write no call of their own, and those whose history looks unlike what the model writes.
NO_CALLS = {
    "HuggingFaceTB-SmolLM3-3B", "LFM2-8B-A1B", "LFM2.5-Instruct", "google-gemma-2-2b-it",
    "ibm-granite-granite-3.3-2B-Instruct", "llama-cpp-rwkv-world", "microsoft-Phi-3.5-mini-instruct",
    "GigaChat3-10B-A1.8B", "CohereForAI-c4ai-command-r-plus-tool_use", "Kimi-K2-Instruct", "Kimi-K2-Thinking",
    "fireworks-ai-llama-3-firefunction-v2", "llama-cpp-deepseek-r1",
}  # fmt: skip
_TURN_ENDS = re.compile(r"(\s*(<\|im_end\|>|<\|eot_id\|>|</s>|<\|end_of_text\|>|<\|message_sep\|>|<\|eot\|>|"
                        r"<｜end▁of▁sentence｜>|<SPECIAL_12>)\s*)+$")  # fmt: skip


def test_a_call_that_a_template_in_use_writes_into_its_history_is_read_again(shared: Path) -> None:
    files = [file for file in sorted((shared / "data" / "templates").glob("*.jinja")) if file.stem not in NO_CALLS]
    assert len(files) >= 57
    failed = [file.name for file in files if not any(call_comes_back(file, way) for way in ways())]
    assert failed == []


_ENDS = re.compile(r"(\s*(<seed:eos>|\[e~\[|<sep>|<\|role_end\|>|</assistant>|<\|END_OF_TURN_TOKEN\|>|<\|end_of_msg\|>|"
                   r"<\|end\|>|<turn\|>|<\|END_OF_TURN\|>)\s*)+$")  # fmt: skip
_CONTROL = re.compile(r"<[^<>\s]{1,40}>|\[[A-Z_]{3,24}\]")


def told_by_tokens(template: str, reply: str, prompt_end: str, *, calls: bool = False) -> list[Piece]:
    """The pieces of a reply in which all that looks like one is a control token, which is seen only where it is told
    to be: as `reply.Reply` does it, whichever of them a vocabulary really has."""
    parser = reply_parser(template, prompt_end, calls=calls)
    pieces: list[Piece] = []
    for token in re.split(f"({_CONTROL.pattern})", reply):
        if not _CONTROL.fullmatch(token) or token in parser.marks:
            pieces += parser.add(token)
    return joined([*pieces, *parser.finish()])


@pytest.mark.parametrize("way", [told, told_by_tokens])
def test_a_thought_that_a_template_in_use_writes_into_its_history_is_read_again(
    shared: Path, way: Callable[..., list[Piece]]
) -> None:
    told_again, failed = 0, []
    for file in sorted((shared / "data" / "templates").glob("*.jinja")):
        if (found := thought_comes_back(file, way)) is not None:
            told_again += 1
            failed += [] if found else [file.name]
    assert failed == []
    assert told_again >= 28


def thought_comes_back(file: Path, way: Callable[..., list[Piece]]) -> bool | None:
    """Whether the thought of an answer is read again as it was told; None where the template tells none."""
    source, asked = file.read_text(encoding="utf-8"), [{"role": "user", "content": "Why is it so?"}]
    for name in ("reasoning_content", "thinking", "reasoning"):
        said = {"role": "assistant", "content": "Yes.", name: "Well now."}
        try:
            prompt = rendered(source, asked, **SWITCHES[True])
            whole = rendered(source, [*asked, said], **SWITCHES[True], add_generation_prompt=False)
        except Exception:  # noqa: BLE001 - this template wants to be told in another way
            continue
        if "Well now." not in whole:
            continue
        same = next((at for at in range(len(prompt)) if prompt[at] != whole[at : at + 1]), len(prompt))
        mark = max(prompt.rfind("<", 0, same), prompt.rfind("[", 0, same))
        if same < len(prompt) and mark >= 0 and not set(">]") & set(prompt[mark:same]):
            same = mark
        reply = _ENDS.sub("", _TURN_ENDS.sub("", whole[same:]))
        ends = {prompt[max(0, end - 200) : end] for end in (same, len(prompt))}  # a thought may be opened for it alone
        found = [way(source, reply, prompt_end=end) for end in ends]
        return ("Well now.", "Yes.") in {(shown(p, "thought").strip(), shown(p, "text").strip()) for p in found}
    return None


@pytest.mark.parametrize(
    ("template", "prompt_end", "reply"),
    [
        ("<|channel>thought\n<channel|>", "", "<|channel>thought\nHm.<channel|>Yes."),
        ("<|think|><|content|><|begin|>assistant<|end|>", "<|begin|>assistant",
         "<|think|>Hm.<|end|><|begin|>assistant<|content|>Yes."),
        ("open_tag('think') open_tag(", "<|open|>think<|sep|>",
         "Hm.<|close|>think<|sep|><|open|>response<|sep|>Yes.<|close|>response<|sep|><|close|>message<|sep|>"),
        ("[BEGIN FINAL RESPONSE][END FINAL RESPONSE]", "",
         "Here are my reasoning steps:\nHm.\n[BEGIN FINAL RESPONSE]\nYes.\n[END FINAL RESPONSE]"),
    ],
)  # fmt: skip
def test_marks_of_several_tokens_and_of_words_between_them_are_seen(template: str, prompt_end: str, reply: str) -> None:
    pieces = told_by_tokens(template, reply, prompt_end)
    assert (shown(pieces, "thought").strip(), shown(pieces, "text").strip()) == ("Hm.", "Yes.")


def test_a_call_behind_a_mark_of_words_and_a_token_is_read() -> None:
    reply = f'function call<|role_sep|>{{"name": "get_weather", "arguments": {J}}}'
    pieces = told_by_tokens("function call<|role_sep|>", reply, "", calls=True)
    assert [call.name for call in all_calls(pieces)] == ["get_weather"]


def ways() -> list[dict[str, Any]]:
    """The same call as templates want to be told of it: arguments as an object or as text, content or none."""
    return [
        {"role": "assistant", "content": content, **thoughts, "tool_calls": [
            {"id": "abcdef123", "type": "function", "function": {"name": "get_weather", "arguments": arguments}}]}
        for arguments in (WEATHER, json.dumps(WEATHER)) for content in ("", None)
        for thoughts in ({}, {"reasoning_content": "I look."})
    ]  # fmt: skip


def call_comes_back(file: Path, said: dict[str, Any]) -> bool:
    source, asked = file.read_text(encoding="utf-8"), [{"role": "user", "content": "And the weather?"}]
    try:
        prompt = rendered(source, asked, tools=[TOOL], enable_thinking=True)
        whole = rendered(source, [*asked, said], tools=[TOOL], enable_thinking=True, add_generation_prompt=False)
    except Exception:  # noqa: BLE001 - this template wants to be told in another way
        return False
    same = next((at for at in range(len(prompt)) if prompt[at] != whole[at : at + 1]), len(prompt))
    mark = max(prompt.rfind("<", 0, same), prompt.rfind("[", 0, same))
    if same < len(prompt) and mark >= 0 and not set(">]") & set(prompt[mark:same]):
        same = mark  # the two differ within a mark
    pieces = told(source, _TURN_ENDS.sub("", whole[same:]), prompt_end=prompt[max(0, same - 200) : same])
    return [(call.name, json.loads(call.arguments)) for call in all_calls(pieces)] == [("get_weather", WEATHER)]


def test_what_a_model_thought_is_told_again_where_its_template_wants_it() -> None:
    source = (
        "{% for m in messages %}[{{ m.role }}]{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>"
        "{% endif %}{{ m.content }}{% endfor %}"
    )
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "reasoning_content": "<think>c"}]
    parts, name = ChatTemplate(source).render(turns)
    assert name == "model"
    assert "".join(text for text, _ in parts) == "[user]a[assistant]<think><think>c</think>b"
    assert ("<think>c", False) in parts  # what was thought can become no control token either
