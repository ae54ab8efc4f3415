"""Reads Atlassian's trace id from an answer, for errors, logs and spans. Nothing else of an answer is read here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_trace_id"]

#: Headers that carry Atlassian's trace id, best first. Source: recorded answers.
_HEADERS = ("Atl-Traceid", "X-Trace-Id", "X-Arequestid")
#: 32 hexadecimal digits, a UUID or the like (source: as above): one line of ASCII. A token is longer, or has dots.
_TRACE_ID = re.compile(r"[\x20-\x2d\x2f-\x7e]{1,64}")


def read_trace_id(headers: Mapping[str, str]) -> str | None:
    """Return the trace id to name to Atlassian's support, or None where there is none to be believed."""
    values = (headers[name].strip() for name in _HEADERS if name in headers)
    return next((value for value in values if _TRACE_ID.fullmatch(value)), None)
