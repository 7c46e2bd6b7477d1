"""Values that came as JSON, in the types that were declared for them and in no others."""

import functools
import math
from collections.abc import Callable
from typing import Any, NoReturn, get_args, get_origin

Check = Callable[[Any], Any]


def no_number(word: str) -> NoReturn:
    """For `parse_constant` of `json.loads`: NaN and Infinity are not JSON."""
    raise ValueError(word)


def checked(wanted: Any, value: Any) -> Any:
    """`value` in the declared type, to its innermost part; JSON knows no tuples and no difference 1 / 1.0.

    Whole numbers have at most 64 bits, and fractions are finite: what is kept or shown is no larger.
    Raises `TypeError`, `ValueError`, `OverflowError`.
    """
    return check_of(wanted)(value)


def check_of(wanted: Any) -> Check:
    """What `checked` does for a type, made once: a message may hold thousands of values."""
    return _made(wanted)


# Its own affairs.


@functools.cache
def _made(wanted: Any) -> Check:
    kind, inside = get_origin(wanted), get_args(wanted)
    if kind is tuple and inside and inside[-1] is ...:
        return functools.partial(_each, wanted, check_of(inside[0]))
    if kind is tuple:
        return functools.partial(_every, wanted, tuple(map(check_of, inside)))
    if kind is dict:
        return functools.partial(_named, wanted, check_of(inside[1]))
    return functools.partial(_plain, wanted)


def _each(wanted: Any, check: Check, value: Any) -> Any:
    return tuple(map(check, value)) if type(value) is list else _plain(wanted, value)


def _every(wanted: Any, checks: tuple[Check, ...], value: Any) -> Any:
    if type(value) is not list:
        return _plain(wanted, value)
    return tuple(check(item) for check, item in zip(checks, value, strict=True))


def _named(wanted: Any, check: Check, value: Any) -> Any:
    return {name: check(item) for name, item in value.items()} if type(value) is dict else _plain(wanted, value)


def _plain(wanted: Any, value: Any) -> Any:
    if wanted is str and type(value) is str:  # most of what an answer is made of
        return value
    if wanted is float and type(value) is int:
        value = float(value)
    if wanted is not Any and type(value) is not wanted:
        raise TypeError(f"{type(value).__name__} in place of {wanted}")
    if type(value) is int and not -(1 << 63) <= value < 1 << 63:
        raise ValueError("a number too large")
    if type(value) is float and not math.isfinite(value):
        raise ValueError("a number that is none")
    return value
