"""Whether a value from outside, of any JSON type, is of the kind that is wanted. Knows no setting."""

from __future__ import annotations

import math
import re

__all__ = ["is_amount", "is_flag", "is_number", "is_whole", "is_word"]

#: Largest amount that anything here takes, so that no arithmetic overflows. Chosen here; about 31 years of seconds.
_MOST = 1e9

#: What a header can hold as one word, without breaking out of it.
_WORD = re.compile(r"[\x21-\x7e]{1,200}")


def is_number(value: object) -> bool:
    """Return whether it is a finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def is_whole(value: object) -> bool:
    """Return whether it is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_amount(value: object) -> bool:
    """Return whether it is a number from 0 to a thousand million: seconds, points, counts."""
    return isinstance(value, int | float) and is_number(value) and 0 <= value <= _MOST


def is_flag(value: object) -> bool:
    """Return whether it is true or false."""
    return isinstance(value, bool)


def is_word(value: object) -> bool:
    """Return whether it is one word of visible ASCII."""
    return isinstance(value, str) and _WORD.fullmatch(value) is not None
