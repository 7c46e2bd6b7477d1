"""Calls written in tags: Qwen3-Coder, Nemotron 3, Seed-OSS, MiniMax, DeepSeek V3.2, GLM, Kimi K3 and others.

A value that is JSON is taken as what it says, any other as text.
"""

import json
import re
from typing import Any

from engine.worker.model.replies.json_calls import named, read_json
from engine.worker.model.replies.pieces import Call

_FUNCTION = re.compile(r"\s*<function=([^>\s]+)>(.*?)</function>\s*", re.DOTALL)
_PARAMETER = re.compile(r"\s*<parameter=([^>\s]+)>\n?((?:(?!<parameter=).)*?)\n?</parameter>\s*", re.DOTALL)
_INVOKE = re.compile(r"\s*<(?:invoke|function) name=\"([^\"\s]+)\">(.*?)</(?:invoke|function)>\s*", re.DOTALL)
_NAMED = re.compile(
    r"\s*<(parameter|param) name=\"([^\"]+)\"(?: string=\"(\w+)\")?>((?:(?!<param).)*?)</\1>\s*", re.DOTALL
)
_ELEMENT = re.compile(r"\s*<([\w-]+)>(.*?)</\1>\s*", re.DOTALL)
_ARGUMENT = re.compile(r"\s*<arg_key>([^<]*)</arg_key>\s*<arg_value>((?:(?!<arg_key>).)*?)</arg_value>\s*", re.DOTALL)
_OPEN_CALL = re.compile(r"\s*<\|open\|>call tool=\"([^\"]+)\"[^|]*<\|sep\|>(.*?)<\|close\|>call<\|sep\|>\s*", re.DOTALL)
_OPEN_ARGUMENT = re.compile(
    r"\s*<\|open\|>argument key=\"([^\"]+)\" type=\"(\w+)\"<\|sep\|>(.*?)<\|close\|>argument<\|sep\|>\s*", re.DOTALL
)


def read_functions(body: str) -> tuple[Call, ...] | None:
    """<function=name> with <parameter=key>value</parameter>, or with one JSON object."""
    return _each(_FUNCTION, body, lambda inside: _object(inside) or _pairs(_PARAMETER, inside))


def read_invokes(body: str) -> tuple[Call, ...] | None:
    """<invoke name="…"> with <parameter name="…">value</parameter>, or with an element for each parameter."""
    return _each(_INVOKE, body, lambda inside: _named(inside) if _NAMED.match(inside) else _pairs(_ELEMENT, inside))


def read_dsml(body: str) -> tuple[Call, ...] | None:
    """DeepSeek's form of the same, each tag with ｜DSML｜ before its name."""
    return read_invokes(body.replace("｜DSML｜", ""))


def read_atem(body: str) -> tuple[Call, ...] | None:
    """Muse Glimmer's form, each tag with "atem:" before its name, all of them in one."""
    plain = body.replace("<atem:", "<").replace("</atem:", "</").strip()
    return read_invokes(plain.removeprefix("<function_calls>").removesuffix("</function_calls>"))


def read_minimax(body: str) -> tuple[Call, ...] | None:
    """MiniMax M3's form, each tag with ]<]minimax[>[ before it."""
    return read_invokes(body.replace("]<]minimax[>[", ""))


def read_argument_pairs(body: str) -> tuple[Call, ...] | None:
    """A name, then <arg_key>…</arg_key><arg_value>…</arg_value> pairs, as GLM and its kin write it."""
    at = body.find("<arg_key>")
    name, pairs = (body, "") if at < 0 else (body[:at], body[at:])
    found = _pairs(_ARGUMENT, pairs)
    call = None if found is None else named(name.replace("<tool_sep>", ""), json.dumps(found))
    return None if call is None else (call,)


def read_hunyuan(body: str) -> tuple[Call, ...] | None:
    """Several of GLM's form, each in <tool_call>, every tag with ":opensource" at its end."""
    plain = body.replace(":opensource>", ">")
    calls: list[Call] = []
    for part in re.findall(r"<tool_call>(.*?)</tool_call>", plain, re.DOTALL):
        found = read_argument_pairs(part)
        if found is None:
            return None
        calls += found
    rest = re.sub(r"<tool_call>.*?</tool_call>", "", plain, flags=re.DOTALL)
    return tuple(calls) if calls and not rest.strip() else None


def read_kimi3(body: str) -> tuple[Call, ...] | None:
    """<|open|>call tool="…"<|sep|> with an argument each in a tag of the same make."""

    def arguments(inside: str) -> dict[str, Any] | None:
        found = list(_OPEN_ARGUMENT.finditer(inside))
        if "".join(match[0] for match in found) != inside:
            return None
        return {match[1]: match[3] if match[2] == "string" else _value(match[3]) for match in found}

    return _each(_OPEN_CALL, body, arguments)


def read_tool_call(body: str) -> tuple[Call, ...] | None:
    """What stands in <tool_call>: JSON, functions or pairs, by how it begins."""
    begins = body.lstrip()
    if begins.startswith(("{", "[")):
        return read_json(body)
    return read_functions(body) if begins.startswith("<function") else read_argument_pairs(body)


def _each(shape: re.Pattern[str], body: str, arguments: Any) -> tuple[Call, ...] | None:
    """A call for each match; None where anything else stands between them."""
    found = list(shape.finditer(body))
    if not found or "".join(match[0] for match in found) != body:
        return None
    calls = []
    for match in found:
        values = arguments(match[2])
        call = None if values is None else named(match[1], json.dumps(values))
        if call is None:
            return None
        calls.append(call)
    return tuple(calls)


def _pairs(shape: re.Pattern[str], text: str) -> dict[str, Any] | None:
    found = list(shape.finditer(text))
    if "".join(match[0] for match in found).strip() != text.strip():
        return None
    return {match[1].strip(): _value(match[2]) for match in found}


def _named(text: str) -> dict[str, Any] | None:
    found = list(_NAMED.finditer(text))
    if "".join(match[0] for match in found).strip() != text.strip():
        return None
    return {match[2]: match[4] if match[3] == "true" else _value(match[4]) for match in found}


def _object(text: str) -> dict[str, Any] | None:
    value = _value(text)
    return value if isinstance(value, dict) else None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
