"""Asking a model to think before it answers, or not to: the switches that chat templates know.

A template of a model that can do both reads one of a few variables. Which it reads is seen in its source.
"""

import re
from typing import Any

# What is handed to a template: the names that those in use go by.
SWITCHES: dict[bool, dict[str, Any]] = {
    False: {"enable_thinking": False, "thinking": False, "thinking_mode": "disabled", "thinking_option": "off",
            "thinking_budget": 0},
    True: {"enable_thinking": True, "thinking": True, "thinking_mode": "enabled", "thinking_option": "on"},
}  # fmt: skip
_TAG = re.compile(r"\{[%{](.*?)[%}]\}", re.DOTALL)
_TEXT = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_SWITCH = re.compile(rf"(?<![\w.])(?:{'|'.join(SWITCHES[False])})(?![\w(])(?!\s*=[^=])")


def has_switch(template: str) -> bool:
    """Whether a chat template reads one of the switches."""
    return any(_SWITCH.search(_TEXT.sub("", tag)) for tag in _TAG.findall(template))
