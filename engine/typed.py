"""Values that came as JSON, in the types that were declared for them and in no others."""

import math
from typing import Any, NoReturn, get_args, get_origin


def no_number(word: str) -> NoReturn:
    """For `parse_constant` of `json.loads`: NaN and Infinity are not JSON."""
    raise ValueError(word)


def checked(wanted: Any, value: Any) -> Any:
    """`value` in the declared type, to its innermost part; JSON knows no tuples and no difference 1 / 1.0.

    Whole numbers have at most 64 bits, and fractions are finite: what is kept or shown is no larger.
    Raises `TypeError`, `ValueError`, `OverflowError`.
    """
    if wanted is str and type(value) is str:  # most of what an answer is made of
        return value
    if type(wanted) is not type:  # asking what is inside a plain type would cost more than the rest
        kind, inside = get_origin(wanted), get_args(wanted)
        if kind is tuple and type(value) is list:
            every = [inside[0]] * len(value) if inside[-1] is ... else inside
            return tuple(checked(one, item) for one, item in zip(every, value, strict=True))
        if kind is dict and type(value) is dict:
            return {name: checked(inside[1], item) for name, item in value.items()}
    if wanted is float and type(value) is int:
        value = float(value)
    if wanted is not Any and type(value) is not wanted:
        raise TypeError(f"{type(value).__name__} in place of {wanted}")
    if type(value) is int and not -(1 << 63) <= value < 1 << 63:
        raise ValueError("a number too large")
    if type(value) is float and not math.isfinite(value):
        raise ValueError("a number that is none")
    return value
