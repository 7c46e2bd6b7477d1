"""What is said of a value that breaks a rule of a JSON Schema: our own sentence for each of the usual rules.

`jsonschema` has its own, in English and with the whole value in them; these can be told in the window's language.
"""

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MOST_SHOWN = 80  # characters of what stands in the schema or the answer
_LIMITS = {
    "minimum": "it must not be below {limit}",
    "maximum": "it must not be above {limit}",
    "exclusiveMinimum": "it must be above {limit}",
    "exclusiveMaximum": "it must be below {limit}",
    "multipleOf": "it must be a multiple of {limit}",
    "minLength": "its length in characters must not be below {limit}",
    "maxLength": "its length in characters must not be above {limit}",
    "minItems": "the number of its items must not be below {limit}",
    "maxItems": "the number of its items must not be above {limit}",
    "minProperties": "the number of its properties must not be below {limit}",
    "maxProperties": "the number of its properties must not be above {limit}",
    "const": "it must be exactly {limit}",
    "pattern": "it does not match the pattern {limit}",
    "format": "it is not of the format {limit}",
}


def broken_rule(error: "ValidationError") -> str:
    """The sentence, without the place, which `error.absolute_path` is."""
    rule = str(error.validator)
    wanted: Any = error.validator_value
    value: Any = error.instance
    if rule in _LIMITS:
        return _LIMITS[rule].format(limit=_shown(wanted))
    match rule:
        case "type":
            return f"its type must be {_listed([wanted] if isinstance(wanted, str) else wanted)}"
        case "enum":
            return f"it must be one of {_listed(wanted, quoted=True)}"
        case "required":
            return f"it lacks {_listed([name for name in wanted if name not in value], quoted=True)}"
        case "additionalProperties":
            return f"the schema does not allow {_listed(_further(error.schema, value), quoted=True)} in it"
        case "uniqueItems":
            return "two of its items are the same"
        case "anyOf":
            return "it fits none of the schemas of which it must fit one"
        case "oneOf" if error.context:
            return "it fits none of the schemas of which it must fit exactly one"
        case "oneOf":
            return "it fits several of the schemas of which it must fit exactly one"
        case "None":  # the schema is `false`, whose place jsonschema does not tell
            return f"the schema allows nothing where {_shown(value)} stands"
    return f"it breaks the rule “{rule}” of the schema"


def _further(schema: Any, value: Any) -> list[str]:
    """The names that a schema with `additionalProperties` false does not have."""
    patterns = schema.get("patternProperties", {})
    return [
        name
        for name in value
        if name not in schema.get("properties", {}) and not any(re.search(pattern, name) for pattern in patterns)
    ]


def _listed(values: list[Any], *, quoted: bool = False) -> str:
    return _cut(", ".join(_shown(value) if quoted else str(value) for value in values))


def _shown(value: Any) -> str:
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"
