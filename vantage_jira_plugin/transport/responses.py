"""Turns an answer into data or an error. The one place that knows what a status code means. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from vantage_jira_plugin.errors import (
    ConflictError,
    ForbiddenError,
    HttpError,
    JiraInvalidError,
    JiraUnavailableError,
    NotFoundError,
    PluginError,
    RateLimitedError,
    ScopeMissingError,
    SiteGoneError,
    UnauthorizedError,
    UnknownOutcomeError,
)

from .limits import announced_seconds, clock_time, closes
from .parsing import members_of, parsed
from .traces import read_trace_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.operations import Operation

__all__ = ["decipher", "doubts_token"]

#: What is quoted at most of one of Jira's own texts, and of anything else.
_MESSAGE_LENGTH = 1000
_QUOTE_LENGTH = 200
#: Statuses of somebody who gave up on Jira's answer: a write may have happened.
_LOST_ANSWER_STATUSES = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
#: Statuses of a server or gateway that is down for the moment.
_PASSING_STATUSES = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT, HTTPStatus.REQUEST_TIMEOUT}
)
_HTML = "an HTML page"
_EMPTY = "an empty body"
_CUT = "JSON that is cut off or of another shape"
#: What the gateway's 401 says when a scope is missing. Source: raycast/extensions#11212.
_SCOPE_REFUSAL = "scope does not match"
#: Header of the gateway's own refusals. Source: recorded answers.
_GATEWAY_HEADER = "X-Failure-Category"
_RIGHT_AFTER_ERROR: dict[int, type[HttpError]] = {
    HTTPStatus.UNAUTHORIZED: UnauthorizedError,
    HTTPStatus.FORBIDDEN: ForbiddenError,
    HTTPStatus.NOT_FOUND: NotFoundError,
    HTTPStatus.CONFLICT: ConflictError,
    HTTPStatus.PRECONDITION_FAILED: ConflictError,
    HTTPStatus.LOCKED: ConflictError,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimitedError,
}
_HINTS: dict[type[HttpError], str] = {
    UnauthorizedError: "Connect the Jira site again.",
    ForbiddenError: "Ask a Jira administrator for the permission, or connect another account.",
    NotFoundError: "Compare the key with Jira; the connected account may also lack the permission to see it.",
    ConflictError: "Read it again, then repeat the change.",
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a refusal says, whatever its shape."""

    messages: list[str]
    errors: dict[str, list[str]]
    #: Whether it is the gateway's, in the shape of Spring.
    spring: bool = False
    #: Whether it is a page, which neither Jira nor its gateway sends.
    html: bool = False

    @property
    def text(self) -> str:
        fields = [f"{name}: {'; '.join(texts)}" for name, texts in self.errors.items()]
        return " ".join([*self.messages, *fields])


def doubts_token(status: int, body: bytes) -> Literal["refused", "perhaps"] | None:
    """Tell whether an answer may mean that the access token has expired.

    A 401 does, unless it is about scopes, which no new token cures. The gateway has also answered 403
    and 404 for an expired token (n8n-io/n8n#37776); alone they only mean that it is worth a thought.
    """
    if status == HTTPStatus.UNAUTHORIZED:
        return None if _SCOPE_REFUSAL.encode() in body else "refused"
    return "perhaps" if status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND} else None


def decipher(
    operation: Operation,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    keep: Callable[[Any], Any] | None = None,
) -> Any:
    """Return the data of a good answer.

    Args:
        operation: what was asked for.
        status: of the answer.
        headers: of the answer.
        body: of the answer.
        now: epoch seconds.
        keep: makes of each of `Operation.members` what stands in its place; one at a time, and for nothing where the
            answer turns out not to be whole.

    Raises:
        HttpError: the answer refuses the request, or is not Jira's.
        UnknownOutcomeError: the operation writes, and the answer does not tell what happened.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _data(operation, status, headers, body, keep)
    raise _error(operation, status, headers, body, now)


def _data(
    operation: Operation,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    keep: Callable[[Any], Any] | None,
) -> Any:
    if operation.answer is bytes:
        return body
    if not body.strip() and operation.answer is None:
        return None
    data = _json(body) if keep is None or operation.members is None else _kept(body, operation.members, keep)
    if _is_answer(operation, data):
        return data[0] if operation.single else data
    what = _describe(headers, body)
    trace_id = read_trace_id(headers)
    if operation.writes:
        raise _unknown(operation, f"it answered {status} with {what}", trace_id)
    unreadable = JiraUnavailableError(
        f"could not {operation.does}: Jira answered {status} with {what}",
        status=status,
        method=operation.method,
        path=operation.template,
        trace_id=trace_id,
        hint="Something between here and Jira may answer in its place; try again later.",
    )
    unreadable.passing = what in {_CUT, _EMPTY}
    raise unreadable


def _json(body: bytes) -> Any:
    """Return what a body says as JSON, or None where it is not JSON, or nested beyond reason."""
    try:
        return parsed(body)
    except (ValueError, RecursionError):
        return None


def _kept(body: bytes, name: str, keep: Callable[[Any], Any]) -> Any:
    """Return a JSON object with what is kept of each member of a list in its place; None as `_json`."""
    data: dict[str, Any] = {}
    kept: list[Any] = []
    members = members_of(body, name, data)
    while True:
        try:
            member = next(members)
        except StopIteration:
            break
        except (ValueError, RecursionError):
            return None
        kept.append(keep(member))
    if isinstance(data.get(name), list):
        data[name] = kept
    return data


def _is_answer(operation: Operation, data: Any) -> bool:
    """Tell whether JSON data has the shape that the operation answers with."""
    if operation.answer is not None and not isinstance(data, operation.answer):
        return False
    if operation.single:
        return len(data) == 1 and isinstance(data[0], dict) and _has_keys(operation, data[0])
    if not isinstance(data, dict):
        return data is not None
    return _has_keys(operation, data)


def _has_keys(operation: Operation, data: Mapping[str, Any]) -> bool:
    return all(isinstance(data.get(name), kind) and data[name] != "" for name, kind in operation.answer_keys)


def _unknown(operation: Operation, reason: str, trace_id: str | None) -> UnknownOutcomeError:
    error = UnknownOutcomeError(
        f"Jira may or may not have done it ({operation.does}): {reason}",
        hint="Look in Jira whether it happened before doing it again.",
    )
    error.trace_id = trace_id
    return error


def _error(operation: Operation, status: int, headers: Mapping[str, str], body: bytes, now: float) -> PluginError:
    said = _said(headers, body)
    trace_id = read_trace_id(headers)
    if operation.writes and status in _LOST_ANSWER_STATUSES:
        unknown = _unknown(operation, f"it was not waited for to the end ({status})", trace_id)
        unknown.status = status
        return unknown
    kind = _RIGHT_AFTER_ERROR.get(status, JiraInvalidError)
    hint = _HINTS.get(kind)
    errors = said.errors
    retry_after_seconds = None
    if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR or status in _LOST_ANSWER_STATUSES:
        kind = JiraUnavailableError
        hint = "Try again later."
        retry_after_seconds = announced_seconds(headers, now=now)
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        retry_after_seconds = announced_seconds(headers, now=now)
    elif status == HTTPStatus.NOT_FOUND and (_GATEWAY_HEADER in headers or said.spring):
        kind = SiteGoneError
        hint = "This login does not reach the site any more: choose another site, or connect again."
    elif status == HTTPStatus.UNAUTHORIZED and _SCOPE_REFUSAL in said.text:
        kind = ScopeMissingError
        needed = " ".join(sorted(operation.scopes))
        hint = f"Add {needed} to the app in Atlassian's developer console, then connect again."
        errors = {"scopes": [f"needs {needed}"]}
    if said.html and kind in {ForbiddenError, NotFoundError, JiraInvalidError}:
        hint = "A page came instead of Jira's answer: look at what stands between here and Atlassian."
    limited = kind is RateLimitedError
    if limited and retry_after_seconds is not None:
        hint = f"Try again after {clock_time(now + retry_after_seconds, now=now)}."
    verdict = _limited(headers, retry_after_seconds, now) if limited else _verdict(kind, said, status)
    error = kind(
        f"could not {operation.does}: {verdict}",
        status=status,
        method=operation.method,
        path=operation.template,
        messages=said.messages,
        errors=errors,
        trace_id=trace_id,
        retry_after_seconds=retry_after_seconds,
        hint=hint,
    )
    error.passing = status in _PASSING_STATUSES
    if operation.writes and kind is JiraUnavailableError:
        error.retryable = False  # whether it acted is not known
        error.hint = "Look in Jira whether it happened before doing it again."
    return error


def _limited(headers: Mapping[str, str], retry_after_seconds: float | None, now: float) -> str:
    """Say what a 429 closes, and until when."""
    scope, reason = closes(headers)
    until = "" if retry_after_seconds is None else f" until {clock_time(now + retry_after_seconds, now=now)}"
    return (
        f"Jira has closed {scope.words}{until} ({reason}), and this call cannot wait as long or as often as Jira asks"
    )


def _verdict(kind: type[HttpError], said: _Said, status: int) -> str:
    if kind is ScopeMissingError:
        return "the login lacks a scope that this needs"
    return f"Jira answered {status}" + (f": {said.text}" if said.text else " without a word")


def _said(headers: Mapping[str, str], body: bytes) -> _Said:
    """Read a refusal: Jira's ErrorCollection, problem+json, the gateway's shapes, or plain text.

    Shapes: `{errorMessages, errors}`, `{type, title, status, detail}`, `{code, message}`,
    `{timestamp, status, error, message, path}`. Source: recorded answers.
    """
    data = _json(body)
    if not isinstance(data, dict):
        what = _describe(headers, body)
        return _Said([what] if body.strip() else [], {}, html=what.startswith(_HTML))
    listed = [data.get("errorMessages"), data.get("warningMessages")]
    messages = [_clean(text) for texts in listed if isinstance(texts, list) for text in texts]
    fields = data.get("errors")
    errors: dict[str, list[str]] = {}
    if isinstance(fields, dict):
        errors = {_clean(name): [_clean(text)] for name, text in fields.items()}
    if not messages and not errors:
        loose = [data.get(name) for name in ("title", "detail", "error", "message")]
        messages = list(dict.fromkeys(_clean(text) for text in loose if isinstance(text, str) and text))
    return _Said(messages, errors, spring={"timestamp", "path"} <= data.keys())


def _describe(headers: Mapping[str, str], body: bytes) -> str:
    """Say in a few words what an answer is that is not Jira's JSON."""
    text = body[:4096].decode("utf-8", "replace").strip()
    if not text:
        return _EMPTY
    if text.startswith("<") or "html" in headers.get("Content-Type", ""):
        title = re.search(r"<title[^>]*>([^<]{1,200})", text, re.IGNORECASE)
        return _HTML + (f" titled “{_clean(title[1])}”" if title else "")
    if text[0] in "{[":
        return _CUT
    return f"the text “{_clean(text, _QUOTE_LENGTH)}”"


def _clean(text: object, length: int = _MESSAGE_LENGTH) -> str:
    """Return one line without anything that looks like a token."""
    line = " ".join(str(text).split())
    line = re.sub(r"(?i)\b(bearer|basic)\s+\S+", r"\1 ***", line)
    line = re.sub(r"\beyJ[\w-]+\.[\w.-]+", "***", line)
    return line if len(line) <= length else line[: length - 1] + "…"
