"""What was found out about this computer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of `hanare doctor`: what was looked at, what was found, whether it is well."""

    name: str
    found: str
    ok: bool
    advice: str = ""
