"""Forms of several parts (`multipart/form-data`), read from a body. Nothing is stored here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Part", "read_parts"]

#: Names in a `Content-Disposition`. Source: https://www.rfc-editor.org/rfc/rfc7578#section-4.2
_PARAMETER = re.compile(r'(?:^|;)\s*(\w+)="([^"]*)"')
_BOUNDARY = re.compile(r'(?:^|;)\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_LINE_END = b"\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: the name of its field, and, of a file, its own name and media type."""

    name: str
    content: bytes = field(repr=False)
    file_name: str | None = None
    media_type: str | None = None


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """Return the parts of a form.

    Raises:
        ValueError: it is none.

    Source: https://www.rfc-editor.org/rfc/rfc2046#section-5.1
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("no boundary")
    delimiter = b"--" + (found[1] or found[2]).encode("latin-1")
    first, *rest = (_LINE_END + body).split(_LINE_END + delimiter)
    if first or not rest or rest[-1].rstrip(b" \t\r\n") != b"--":
        raise ValueError("no form, or not the whole of one")
    return [_part(text) for text in rest[:-1]]


def _part(text: bytes) -> Part:
    start, head_end, content = text.partition(_LINE_END * 2)
    lines = start.decode("utf-8", "replace").split("\r\n")
    if not head_end or lines.pop(0).strip():
        raise ValueError("a part without headers")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    parameters = dict(_PARAMETER.findall(headers.get("content-disposition", "")))
    if "name" not in parameters:
        raise ValueError("a part without a name")
    return Part(parameters["name"], content, parameters.get("filename"), headers.get("content-type"))
