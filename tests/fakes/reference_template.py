"""Chat templates as other programs render them: plain Jinja with the names that templates expect, and no more.

Source: the environment of transformers' `apply_chat_template` (utils/chat_template_utils.py), which all templates
are written for.
"""

import json
import re
from datetime import datetime
from typing import Any

from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

_GENERATION = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")


def rendered(source: str, messages: list[dict[str, Any]], *, add_generation_prompt: bool = True, **values: Any) -> str:
    """The whole prompt as one text. Raises whatever the template raises."""

    def refuse(why: str) -> None:
        raise TemplateError(why)

    def as_json(value: Any, ensure_ascii: bool = False, indent: int | None = None, **others: Any) -> str:
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)

    def now(shape: str) -> str:
        return datetime.now().strftime(shape)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = as_json
    environment.globals.update(raise_exception=refuse, strftime_now=now)
    given = {"bos_token": "<s>", "eos_token": "</s>", "tools": None, "documents": None, **values}
    template = environment.from_string(_GENERATION.sub("", source))
    return template.render(messages=messages, add_generation_prompt=add_generation_prompt, **given)
