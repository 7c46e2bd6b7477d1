"""Calls whose parts stand between control tokens: DeepSeek V3 and R1, Kimi K2, Solar; and Gemma 4's and LFM2's own."""

import ast
import json
import re
from typing import Any

from engine.worker.model.replies.json_calls import call_of, named
from engine.worker.model.replies.pieces import Call

_DEEPSEEK = re.compile(
    r"\s*(?:<｜tool▁calls▁begin｜>)?<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>(?=[^<]*\n```))?([^<\n]+?)"
    r"(?:\n```json\n(.*?)\n```|<｜tool▁sep｜>(.*?))<｜tool▁call▁end｜>\s*",
    re.DOTALL,
)
_KIMI = re.compile(
    r"\s*<\|tool_call_begin\|>\s*(?:functions\.)?([^<\s:]+)(?::\d+)?\s*<\|tool_call_argument_begin\|>(.*?)"
    r"<\|tool_call_end\|>\s*",
    re.DOTALL,
)
_SOLAR = re.compile(
    r"\s*<\|tool_call:begin\|>[^<]*<\|tool_call:name\|>([^<]+)<\|tool_call:args\|>(.*?)<\|tool_call:end\|>\s*",
    re.DOTALL,
)
_GEMMA = re.compile(r"call:([^\s{]+)(\{.*\})\s*", re.DOTALL)
_GEMMA_TOKEN = re.compile(
    r'<\|"\|>(.*?)<\|"\|>|([A-Za-z_][\w.-]*)(?=\s*:)|(true|false|null|-?\d[\d.eE+-]*|[{}\[\]:,\s])', re.DOTALL
)


def read_deepseek(body: str) -> tuple[Call, ...] | None:
    """A name and JSON in a fence (V3, R1), or after a separator (V3.1)."""
    return _each(_DEEPSEEK, body)


def read_kimi(body: str) -> tuple[Call, ...] | None:
    """functions.name:0, then JSON."""
    return _each(_KIMI, body)


def read_solar(body: str) -> tuple[Call, ...] | None:
    """An id, a name and JSON, each after a token of its own."""
    return _each(_SOLAR, body)


def read_gemma(body: str) -> tuple[Call, ...] | None:
    """call:name{key:<|"|>text<|"|>,other:1}: JSON but for its quotes."""
    whole = _GEMMA.fullmatch(body)
    if whole is None:
        return None
    written, at = [], 0
    for token in _GEMMA_TOKEN.finditer(whole[2]):
        if token.start() != at:
            return None
        at = token.end()
        quoted = token[1] if token[1] is not None else token[2]
        written.append(token[3] if quoted is None else json.dumps(quoted))
    call = named(whole[1], "".join(written)) if at == len(whole[2]) else None
    return None if call is None else (call,)


def read_python(body: str) -> tuple[Call, ...] | None:
    """[name(key="value"), …]: Python's way of writing it, of which only plain values are taken."""
    try:
        tree = ast.parse(body.strip(), mode="eval").body
        items = tree.elts if isinstance(tree, ast.List) else [tree]
        calls = [_python_call(item) for item in items]
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None
    return tuple(call for call in calls if call is not None) if calls and None not in calls else None


def _python_call(node: ast.expr) -> Call | None:
    if not isinstance(node, ast.Call) or node.args:
        raise ValueError("no call with named values")
    values: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise ValueError("no name")
        values[keyword.arg] = ast.literal_eval(keyword.value)
    return call_of(ast.unparse(node.func), values)


def _each(shape: re.Pattern[str], body: str) -> tuple[Call, ...] | None:
    found = list(shape.finditer(body))
    if not found or "".join(match[0] for match in found) != body:
        return None
    calls = [named(match[1], next(group for group in match.groups()[1:] if group is not None)) for match in found]
    return tuple(call for call in calls if call is not None) if None not in calls else None
