"""Calls written as JSON: Hermes, Qwen, Llama 3, Mistral, Granite, Cohere, Nemotron, Apertus, GigaChat and others.

They differ in what stands round the JSON and in the names of its two fields; both are read here.
"""

import json
from typing import Any

from engine.worker.model.replies.pieces import Call

_NAMES = ("name", "tool_name", "function")
_ARGUMENTS = ("arguments", "parameters", "args", "input")
_DECODER = json.JSONDecoder()


def read_json(body: str) -> tuple[Call, ...] | None:
    """One call, a list of calls, or several one after the other; nothing else may stand between them."""
    values: list[Any] = []
    rest = body.strip()
    try:
        while rest:
            value, end = _DECODER.raw_decode(rest)
            values += value if isinstance(value, list) else [value]
            rest = rest[end:].lstrip(" \t\r\n,;")
    except (ValueError, RecursionError):
        return None
    calls = [_call(value) for value in values]
    return tuple(call for call in calls if call is not None) if calls and None not in calls else None


def read_fenced(body: str) -> tuple[Call, ...] | None:
    """JSON that may stand in a fence of its own."""
    inside = body.strip()
    if inside.startswith("```"):
        inside = inside.removeprefix("```json").removeprefix("```").removesuffix("```")
    return read_json(inside)


def read_mistral(body: str) -> tuple[Call, ...] | None:
    """After [TOOL_CALLS]: a list, or a name, [ARGS] and an object, again and again."""
    if "[ARGS]" not in body:
        return read_json(body)
    calls: list[Call] = []
    for part in body.split("[TOOL_CALLS]"):
        head, _, arguments = part.partition("[ARGS]")
        call = named(head.partition("[CALL_ID]")[0], arguments)
        if call is None:
            return None
        calls.append(call)
    return tuple(calls)


def named(name: str, arguments: str) -> Call | None:
    """A call whose name stands beside its arguments; None where it has no name or they are no object."""
    name = name.strip()
    try:
        value = json.loads(arguments) if arguments.strip() else {}
    except (ValueError, RecursionError):
        return None
    if not name or len(name.split()) != 1 or not isinstance(value, dict):
        return None
    return call_of(name, value)


def call_of(name: str, values: dict[str, Any]) -> Call | None:
    """A call that can be kept: half a character in it is replaced, a number that is none makes it none."""
    try:
        arguments = json.dumps(values, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return None
    return Call(_whole(name), _whole(arguments))


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _call(value: Any) -> Call | None:
    if not isinstance(value, dict):
        return None
    inner = value.get("function")
    if isinstance(inner, dict):
        return _call(inner)
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    if name is None:
        if len(value) != 1:
            return None
        ((name, arguments),) = value.items()  # {"name": {…}}, as Apertus writes it
        return named(name, json.dumps(arguments)) if isinstance(arguments, dict) else None
    arguments = next((value[key] for key in _ARGUMENTS if key in value), {})
    return named(name, arguments if isinstance(arguments, str) else json.dumps(arguments))
