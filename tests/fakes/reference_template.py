"""Chat templates as other programs render them: plain Jinja with the names that templates expect, and no more.

Source: the environment of transformers' `apply_chat_template` (utils/chat_template_utils.py), which all templates
are written for.
"""

import json
import re
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

_GENERATION = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")


def rendered(source: str, messages: list[dict[str, Any]], *, add_generation_prompt: bool = True, **values: Any) -> str:
    """The whole prompt as one text. Raises whatever the template raises."""
    given = {"bos_token": "<s>", "eos_token": "</s>", "tools": None, "documents": None, **values}
    if given["tools"]:
        given["functions"] = json.dumps(given["tools"])  # as the templates of firefunction are told of tools
    return _read(source).render(messages=messages, add_generation_prompt=add_generation_prompt, **given)


@cache
def _read(source: str) -> Template:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = _as_json
    environment.globals.update(raise_exception=_refuse, strftime_now=_now)
    return environment.from_string(_GENERATION.sub("", source))


def _refuse(why: str) -> None:
    raise TemplateError(why)


def _as_json(value: Any, ensure_ascii: bool = False, indent: int | None = None, **others: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)


def _now(shape: str) -> str:
    return datetime.now().strftime(shape)
