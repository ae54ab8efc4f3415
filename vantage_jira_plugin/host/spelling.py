"""What a misspelt name may have meant. What names there are is the callers' business."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean"]

#: Most names that are listed where none is near.
MOST_LISTED = 12


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence: the nearest known name, or all of them where they are few."""
    names = sorted({str(one) for one in known})
    near = get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= MOST_LISTED else ""
