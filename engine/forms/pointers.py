"""References within a JSON Schema: pointers (RFC 6901) from its root, and nothing outside it."""

from typing import Any
from urllib.parse import unquote

from engine.errors import FormNotUsable

MOST_LINKS = 60


def resolved(root: Any, reference: str, place: str) -> Any:
    """The schema that a `$ref` names, past references that only name another. Raises `FormNotUsable`."""
    seen: set[str] = set()
    while True:
        if reference in seen or len(seen) > MOST_LINKS:
            raise FormNotUsable(what="JSON Schema", place=place, why="it refers to itself without end")
        seen.add(reference)
        found = _found(root, reference, place)
        if not isinstance(found, dict) or set(found) != {"$ref"}:
            return found
        reference = found["$ref"]


def _found(root: Any, reference: str, place: str) -> Any:
    if reference != "#" and not reference.startswith("#/"):
        why = f"“{reference[:60]}” is outside this schema or has a name; only places such as #/$defs/part are read"
        raise FormNotUsable(what="JSON Schema", place=place, why=why)
    found = root
    for step in unquote(reference).split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isascii() and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            raise FormNotUsable(what="JSON Schema", place=place, why=f"there is no {reference[:80]}")
    if not isinstance(found, dict | bool):
        raise FormNotUsable(what="JSON Schema", place=place, why=f"{reference[:80]} is no schema")
    return found
