"""The log records: their messages, levels and fields. Nothing is measured here, and no text from outside is trusted.

Each record carries its fields as attributes `jira_...`, which no attribute of `logging.LogRecord` begins with.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from vantage_jira_plugin.errors import UnknownOutcomeError

from .wording import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import Usage

__all__ = ["RUNNING", "WaitReason", "action_ended", "refused", "renewed", "request_ended", "waiting"]

#: Why something waits: for its turn, for a window that a refusal closed, after its own refusal, after a
#: failure that is tried again, or for a search to show what was written.
WaitReason = Literal["pace", "window", "refused", "failure", "index"]

_ACTIONS = logging.getLogger("vantage_jira_plugin.actions")
_REQUESTS = logging.getLogger("vantage_jira_plugin.requests")
for _logger in (_ACTIONS, _REQUESTS):
    # Without a handler, Python prints warnings to stderr; a library leaves that to the application.
    # Source: https://docs.python.org/3/howto/logging.html#configuring-logging-for-a-library
    _logger.addHandler(logging.NullHandler())

#: Fields of the action that is being run. Work that an action hands to another thread takes them, and the
#: current span, along in `contextvars.copy_context().run`.
RUNNING: ContextVar[Mapping[str, object]] = ContextVar("vantage_jira_action", default=MappingProxyType({}))


def _fields(event: str, **values: object) -> dict[str, object]:
    """Return what is known of an event, with the action that it belongs to."""
    known = {f"jira_{name}": value for name, value in {**RUNNING.get(), **values}.items() if value is not None}
    return {"jira_event": event, **known}


def _rounded(seconds: float | None) -> float | None:
    """Return seconds to the millisecond."""
    return None if seconds is None else round(seconds, 3)


def request_ended(
    method: str,
    template: str,
    *,
    status: int | None,
    failure: str | None,
    attempt: int,
    seconds: float,
    trace_id: str | None,
    cloud_id: str | None,
) -> None:
    """Log one attempt of a request; `failure` is the class of an exception."""
    if not _REQUESTS.isEnabledFor(logging.DEBUG):
        return
    said = [f"answered {status}"] if status is not None else []
    said += [f"failed ({failure})"] if failure is not None else []
    _REQUESTS.debug(
        "%s %s %s after %.3f s",
        method,
        template,
        ", then ".join(said) or "left",
        seconds,
        extra=_fields(
            "request",
            method=method,
            template=template,
            status=status,
            error=failure,
            attempt=attempt,
            duration_seconds=_rounded(seconds),
            trace_id=trace_id,
            cloud_id=cloud_id,
        ),
    )


def waiting(seconds: float, why: WaitReason, *, method: str, template: str) -> None:
    """Log that a request is about to wait."""
    # Waiting for one's turn is how pacing works; the other waits are worth a look.
    level = logging.DEBUG if why == "pace" else logging.INFO
    if not _REQUESTS.isEnabledFor(level):
        return
    _REQUESTS.log(
        level,
        "%s %s waits %.3f s (%s)",
        method,
        template,
        seconds,
        why,
        extra=_fields("wait", method=method, template=template, wait_seconds=_rounded(seconds), wait_reason=why),
    )


def refused(
    reason: str | None,
    seconds: float | None,
    *,
    method: str,
    template: str,
    trace_id: str | None,
    cloud_id: str | None,
) -> None:
    """Log that a 429 closed a window."""
    if not _REQUESTS.isEnabledFor(logging.WARNING):
        return
    said = clean(reason)
    _REQUESTS.warning(
        "Jira refused %s %s (%s): nothing is sent there for %s",
        method,
        template,
        said or "no reason given",
        "a while" if seconds is None else f"{seconds:.3f} s",
        extra=_fields(
            "refusal",
            method=method,
            template=template,
            reason=said,
            wait_seconds=_rounded(seconds),
            trace_id=trace_id,
            cloud_id=cloud_id,
        ),
    )


def renewed() -> None:
    """Log that the access token was renewed."""
    if _REQUESTS.isEnabledFor(logging.INFO):
        _REQUESTS.info("the login was renewed", extra=_fields("renewal"))


def action_ended(
    name: str,
    *,
    failure: str | None,
    usage: Usage | None,
    site: str | None,
    cloud_id: str | None,
    trace_id: str | None,
    seconds: float,
) -> None:
    """Log how an action ended; `failure` is its code, or the class of an exception that is nobody's code."""
    unknown = failure == UnknownOutcomeError.code
    level = logging.ERROR if unknown else logging.INFO
    if not _ACTIONS.isEnabledFor(level):
        return
    outcome = "worked" if failure is None else f"failed ({failure})"
    if unknown:
        outcome = f"may or may not have changed Jira ({failure}): look there before it is done again; it ended"
    used: dict[str, Any] = {}
    if usage is not None:
        used = {name: usage[name] for name in ("requests", "points", "retries")}
        used |= {"waited_seconds": usage["waitedSeconds"], "cache_hits": usage["cacheHits"]}
    _ACTIONS.log(
        level,
        "%s %s after %.3f s",
        name,
        outcome,
        seconds,
        extra=_fields(
            "action",
            code=failure,
            duration_seconds=_rounded(seconds),
            site=site,
            cloud_id=cloud_id,
            trace_id=trace_id,
            **used,
        ),
    )
