"""JSON text to data; the only import of msgspec, which is an extra. What the data means is not known here."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_fast: Callable[[Any], Any] | None = None
try:
    import msgspec
except ImportError:
    pass
else:
    _fast = msgspec.json.Decoder().decode
    #: An object or a list whose values stay JSON texts, as views of the whole.
    _split_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
    _split_list = msgspec.json.Decoder(list[msgspec.Raw]).decode

__all__ = ["members_of", "parsed"]

_SPACE = re.compile(r"[ \t\n\r]*")
_VALUE = json.JSONDecoder()


def parsed(body: bytes) -> Any:
    """Return the data of a JSON text in UTF-8.

    With the extra `fast` it takes about half the time. What msgspec does not take and the standard library does, such
    as half a surrogate pair in a text, is read by the latter.

    Raises:
        ValueError: it is none.
        RecursionError: it is nested too deeply.
    """
    if _fast is not None:
        try:
            return _fast(body)
        except (ValueError, RecursionError):
            pass
    return json.loads(body)


def members_of(body: bytes, name: str, rest: dict[str, Any]) -> Iterator[Any]:
    """Yield the members of one list of a JSON object one at a time, and put everything else of the object in `rest`.

    A page of a hundred issues becomes some megabytes of objects, which no cache of a processor holds: to make an issue,
    look at it and drop it before the next one is made takes two thirds of the time, and the memory of one issue.

    Args:
        body: the JSON text.
        name: of the list. Where it is none, or is not there, nothing is yielded.
        rest: complete once all members are yielded; it has an empty list in place of the list.

    Raises:
        ValueError: it is no JSON text of an object; members may have come before.
        RecursionError: it is nested too deeply.
    """
    if _fast is not None:
        try:
            values = _split_object(body)
            texts = _split_list(values[name])
        except (ValueError, KeyError, RecursionError):
            pass
        else:
            rest.update({key: [] if key == name else parsed(bytes(value)) for key, value in values.items()})
            for text in texts:
                try:
                    member = _fast(text)
                except (ValueError, RecursionError):
                    member = json.loads(bytes(text))
                yield member
            return
    yield from _walked(body.decode(json.detect_encoding(body), "surrogatepass"), name, rest)


def _walked(text: str, name: str, rest: dict[str, Any]) -> Iterator[Any]:
    """Do it with the standard library, which decodes a value wherever it begins."""
    at = _behind(text, 0, "{")
    while text[at : at + 1] != "}":
        key, at = _VALUE.raw_decode(text, at)
        if not isinstance(key, str):
            raise json.JSONDecodeError("a key that is no text", text, at)
        at = _behind(text, at, ":")
        if key == name and text[at : at + 1] == "[":
            rest[key] = []
            at = _behind(text, at, "[")
            while text[at : at + 1] != "]":
                member, at = _VALUE.raw_decode(text, at)
                yield member
                at = _next(text, at, "]")
            at += 1
        else:
            rest[key], at = _VALUE.raw_decode(text, at)
        at = _next(text, at, "}")
    if _spaced(text, at + 1) != len(text):
        raise json.JSONDecodeError("something behind the object", text, at + 1)


def _next(text: str, at: int, end: str) -> int:
    """Return where the next value begins, or where what holds the values ends."""
    at = _spaced(text, at)
    if text[at : at + 1] == end:
        return at
    at = _behind(text, at, ",")
    if text[at : at + 1] == end:
        raise json.JSONDecodeError("a comma before the end", text, at)
    return at


def _behind(text: str, at: int, sign: str) -> int:
    """Return where something begins behind a sign that has to come next."""
    at = _spaced(text, at)
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError(f"no {sign}", text, at)
    return _spaced(text, at + 1)


def _spaced(text: str, at: int) -> int:
    """Return where something that is no space comes next."""
    found = _SPACE.match(text, at)
    return found.end() if found else at
