"""Columns of whole numbers as short text, for states. It knows not what is counted."""

from __future__ import annotations

import base64
import sys
import zlib
from array import array
from itertools import accumulate, chain
from operator import sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MAX_BYTES", "inflated", "packed", "unpacked"]

#: Bytes of a number.
_WIDTH = 8
#: Most bytes that a state may unfold to, so that a forged one cannot exhaust the memory: 12 million issues.
MAX_BYTES = 200_000_000


def packed(numbers: array[int]) -> str:
    """Return numbers as text: the steps from one to the next, first bytes first, second bytes second, deflated.

    Steps of rising numbers are small, so that most of these bytes are zeros in a row.
    """
    steps = array("q", map(sub, numbers, chain([0], numbers)))
    if sys.byteorder == "big":
        steps.byteswap()
    raw = steps.tobytes()
    return base64.b64encode(zlib.compress(b"".join(raw[place::_WIDTH] for place in range(_WIDTH)))).decode()


def unpacked(text: str) -> array[int]:
    """Return the numbers of a packed text.

    Raises:
        ValueError: it is none.
    """
    planes = inflated(base64.b64decode(text, validate=True))
    count, rest = divmod(len(planes), _WIDTH)
    if rest:
        raise ValueError("numbers are cut off")
    raw = bytearray(len(planes))
    for place in range(_WIDTH):
        raw[place::_WIDTH] = planes[place * count : (place + 1) * count]
    steps = array("q", bytes(raw))
    if sys.byteorder == "big":
        steps.byteswap()
    return _fitting(accumulate(steps))


def inflated(data: bytes) -> bytes:
    """Undo zlib's deflation.

    Raises:
        ValueError: it is not zlib's, has an end missing, or unfolds to more than `MAX_BYTES`.
    """
    reader = zlib.decompressobj()
    try:
        found = reader.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise ValueError("not deflated") from error
    if not reader.eof or reader.unused_data:
        raise ValueError("deflated data are cut off, too long or followed by others")
    return found


def _fitting(numbers: Iterable[int]) -> array[int]:
    try:
        return array("q", numbers)
    except OverflowError as error:
        raise ValueError("a number is too large") from error
