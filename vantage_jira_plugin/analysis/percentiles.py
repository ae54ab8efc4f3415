"""Percentiles and the rank of a value among values, by named methods. Pure; knows no issue."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["percentile", "rank"]

_WHOLE = 100


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """Return a percentile of values in ascending order, with linear interpolation; None of no values.

    It lies at place `(n - 1) * percent / 100`, counted from zero, and between two values as far from the lower one as
    the place is: method 7 of Hyndman and Fan, the default of numpy, R, Excel's PERCENTILE.INC and Vega's quantile.

    Source: Hyndman, Fan: Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), 361-365
    """
    if not ordered:
        return None
    place = (len(ordered) - 1) * percent / _WHOLE
    below = math.floor(place)
    above = math.ceil(place)
    low, high = ordered[below], ordered[above]
    # So written, the result never leaves the two, whatever the rounding.
    return min(max(low + (high - low) * (place - below), low), high)


def rank(ordered: Sequence[float], value: float) -> float:
    """Return how many percent of the values, in ascending order and not none, are not larger than this one."""
    return _WHOLE * bisect_right(ordered, value) / len(ordered)
