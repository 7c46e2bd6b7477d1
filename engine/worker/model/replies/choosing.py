"""Which parser a model's replies need: read off its chat template, as is where a thought begins.

A family is known by a mark that its template spells. Families that share their thoughts' marks and differ in
their calls are rows of one table each, so a template may take one row of both.
"""

import re

from engine.worker.model.replies import json_calls, marked_calls, tag_calls
from engine.worker.model.replies.channels import FUNCTIONARY, GLIMMER, HARMONY, ChannelParser
from engine.worker.model.replies.pieces import ReplyParser
from engine.worker.model.replies.spans import Span, SpanParser

THOUGHTS = (
    Span("<think>", "</think>"),
    Span("[THINK]", "[/THINK]"),
    Span("<seed:think>", "</seed:think>"),
    Span("<mm:think>", "</mm:think>"),
    Span("<think:opensource>", "</think:opensource>"),
    Span("<thinking>", "</thinking>"),
    Span("<|START_THINKING|>", "<|END_THINKING|>"),
    Span("<|inner_prefix|>", "<|inner_suffix|>"),
    Span("<|channel>thought\n", "<channel|>"),
    Span("<|think|>", "<|end|>"),
    Span("<|open|>think<|sep|>", "<|close|>think<|sep|>"),
    Span("Here are my reasoning steps:\n", "[BEGIN FINAL RESPONSE]"),  # Apriel
)
HERMES = Span("<tool_call>", "</tool_call>", tag_calls.read_tool_call)
# What a template spells, and how its calls are told apart. The first row that fits is taken.
CALLS: tuple[tuple[str, Span], ...] = (
    ("｜DSML｜tool_calls", Span("<｜DSML｜tool_calls>", "</｜DSML｜tool_calls>", tag_calls.read_dsml)),
    ("｜DSML｜", Span("<｜DSML｜function_calls>", "</｜DSML｜function_calls>", tag_calls.read_dsml)),
    ("]<]minimax[>[", Span("]<]minimax[>[<tool_call>", "]<]minimax[>[</tool_call>", tag_calls.read_minimax)),
    ("<minimax:tool_call>", Span("<minimax:tool_call>", "</minimax:tool_call>", tag_calls.read_invokes)),
    (":opensource", Span("<tool_calls:opensource>", "</tool_calls:opensource>", tag_calls.read_hunyuan)),
    ("<seed:tool_call>", Span("<seed:tool_call>", "</seed:tool_call>", tag_calls.read_functions)),
    ("<|tool_calls_section_begin|>",
     Span("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>", marked_calls.read_kimi)),
    ("<｜tool▁calls▁begin｜>", Span("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", marked_calls.read_deepseek)),
    ("<|tool_call:begin|>", Span("<|tool_calls|>", "<|calls|>", marked_calls.read_solar)),
    ("<|open|>", Span("<|open|>tools<|sep|>", "<|close|>tools<|sep|>", tag_calls.read_kimi3)),
    ("<|tool_call>", Span("<|tool_call>", "<tool_call|>", marked_calls.read_gemma)),
    ("<|tool_call_start|>", Span("<|tool_call_start|>", "<|tool_call_end|>", marked_calls.read_python)),
    ("<|tool_list_start|>", Span("<|tool_call_start|>", "<|tool_call_end|>", marked_calls.read_python)),
    ("<|tool_call|>", Span("<|tool_call|>", "", json_calls.read_json)),
    ("<|START_ACTION|>", Span("<|START_ACTION|>", "<|END_ACTION|>", json_calls.read_json)),
    ("Action:", Span("Action:", "", json_calls.read_fenced)),
    ("<TOOLCALL>", Span("<TOOLCALL>", "</TOOLCALL>", json_calls.read_json)),
    ("<tool_calls>", Span("<tool_calls>", "</tool_calls>", json_calls.read_json)),
    ("<|tools_prefix|>", Span("<|tools_prefix|>", "<|tools_suffix|>", json_calls.read_json)),
    ("<|function_call|>", Span("<|function_call|>", "", json_calls.read_json)),
    ("function call<|role_sep|>", Span("function call<|role_sep|>", "", json_calls.read_json)),
    ("[TOOL_CALLS]", Span("[TOOL_CALLS]", "", json_calls.read_mistral)),
    ("functools[", Span("functools", "", json_calls.read_json)),
    ("<tool_call>", HERMES),
    ("<function name=", Span("<function name=", "</function>",
                             lambda body: tag_calls.read_invokes(f"<function name={body}</function>"))),
    ("<function=", Span("<function=", "</function>",
                        lambda body: tag_calls.read_functions(f"<function={body}</function>"))),
    ("<|python_tag|>", Span("<|python_tag|>", "", json_calls.read_json)),
)  # fmt: skip
BARE = Span("{", "", json_calls.read_json, bare=True)  # Llama 3 writes its calls with no mark round them
BARE_IN = ("<|python_tag|>", '"parameters": dictionary of argument name')
# Marks that only say that the answer begins or ends.
HIDDEN = (
    "<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>", "<response>", "</response>",
    "<|content|>", "<|begin|>assistant", "<|open|>response<|sep|>", "<|close|>response<|sep|>",
    "<|close|>message<|sep|>", "<|end|>", "[END FINAL RESPONSE]",
)  # fmt: skip

_MARK = re.compile(r"<[^<>\s{}']{1,40}>|\[[A-Z_]{3,20}\]")


def reply_parser(template: str, prompt_end: str, *, calls: bool) -> ReplyParser:
    """The parser for a model whose chat template is `template` and whose prompt ends in `prompt_end`.

    `calls` tells whether tools were offered; else what would be a call is the answer.
    """
    if "<|channel|>" in template:
        return ChannelParser(HARMONY, calls=calls)
    if "to=self<|message|>" in template:
        return ChannelParser(GLIMMER, calls=calls)
    if ">>>all" in template:
        return ChannelParser(FUNCTIONARY, calls=calls)
    template = _spelled(template)
    thoughts = [span for span in THOUGHTS if span.opening in template or span.closing in template]
    spans = list(thoughts)
    if calls:
        spans += [next((span for spelled, span in CALLS if spelled in template), HERMES)]
        spans += [BARE] if any(spelled in template for spelled in BARE_IN) else []
    hidden = [mark for mark in HIDDEN if mark in template and not any(mark == span.closing for span in spans)]
    inner = frozenset(_MARK.findall(template)) if calls else frozenset()  # control tokens within a call are part of it
    return SpanParser(spans, hidden, _opened(thoughts, prompt_end), inner)


def _opened(thoughts: list[Span], prompt_end: str) -> Span | None:
    """The thought that the prompt has begun and not ended."""
    for span in thoughts:
        at = prompt_end.rfind(span.opening.strip())
        if at >= 0 and span.closing not in prompt_end[at:]:
            return span
    return None


def _spelled(template: str) -> str:
    """The template with the marks that it puts together from parts added as they come out."""
    found = [f"<{name}>" for name in ("think:opensource", "tool_calls:opensource") if ":opensource" in template]
    if re.search(r"open_tag\(", template):
        found += [f"<|open|>{name}<|sep|>" for name in ("think", "response", "tools")]
        found += [f"<|close|>{name}<|sep|>" for name in ("response", "message")]
    if "｜DSML｜" in template and "'tool_calls>" in template:
        found.append("｜DSML｜tool_calls")
    return template + "".join(found)
