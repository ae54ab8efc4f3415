"""Makes texts from outside fit for logs and metrics. Pure; it knows no field's name."""

from __future__ import annotations

import re

__all__ = ["OTHER", "clean", "low_cardinality"]

#: Stands for a value that is not of a known form, as OpenTelemetry's conventions have it.
#: Source: https://opentelemetry.io/docs/specs/semconv/attributes-registry/error/
OTHER = "_OTHER"
#: Longer ids and reasons are cut.
_LENGTH = 100
#: What a log line and a terminal can take: letters, digits, and signs that begin no escape sequence.
_UNSAFE = re.compile(r"[^\w .:/@+=,-]")
#: The form of Jira's reasons, such as `jira-burst-based`.
_REASON = re.compile(r"[a-z][a-z0-9-]{0,49}")


def clean(text: object) -> str | None:
    """Return a text as one short line of harmless characters; None where there is none."""
    if text is None:
        return None
    return _UNSAFE.sub("?", str(text)[:_LENGTH]) or None


def low_cardinality(reason: str | None) -> str:
    """Return a reason as a value of a metric's attribute; what has not the form of one is `_OTHER`."""
    return reason if reason is not None and _REASON.fullmatch(reason) else OTHER
