"""Every error of the plugin, one tree, named by whose move it is. Standard library only; no logic."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.contract import Site

__all__ = [  # noqa: RUF022 - grouped by whose move it is
    # the caller's move
    "InputError",
    "UnknownActionError",
    "NotFoundError",
    "SiteGoneError",
    "ConflictError",
    "JiraInvalidError",
    "CancelledError",
    # an administrator's move
    "SettingsError",
    "ReconnectError",
    "ChooseSiteError",
    "ScopeMissingError",
    "ForbiddenError",
    "UnauthorizedError",
    "ReadOnlyError",
    "ProjectNotAllowedError",
    "CredentialStoreError",
    # nobody's move: wait, or look before trying again
    "RateLimitedError",
    "BudgetSpentError",
    "WriteUnderWayError",
    "JiraUnavailableError",
    "NetworkError",
    "UnknownOutcomeError",
    "TargetError",
    # roots
    "PluginError",
    "HttpError",
]


class PluginError(Exception):
    """An expected failure: a code for machines, a message for people.

    Attributes:
        errors: field name to texts, where the failure belongs to named fields.
        hint: what to do next, or None.
        status: HTTP status of the answer that caused it, or None.
        retry_after_seconds: how long to wait before the same call can work, or None.
        trace_id: Atlassian's trace id of the answer, or None.
        passing: whether the next moment may be better: a read that failed so is repeated.
    """

    code: ClassVar[str]
    #: True where the same call may work later without anybody doing anything.
    retryable: bool = False

    status: int | None = None
    retry_after_seconds: float | None = None
    trace_id: str | None = None
    passing: bool = False

    def __init__(
        self,
        message: str,
        *,
        errors: Mapping[str, Sequence[str]] | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.errors = {name: list(texts) for name, texts in (errors or {}).items()}
        self.hint = hint


class SettingsError(PluginError, ValueError):
    """The settings are not usable; `errors` names every bad field at once."""

    code = "settings_invalid"


class InputError(PluginError, ValueError):
    """An input is missing or wrong; nothing was sent. `errors` names each input."""

    code = "input_invalid"


class UnknownActionError(PluginError):
    """There is no action of that name."""

    code = "unknown_action"


class ReconnectError(PluginError):
    """The grant is gone or was never given: a person has to connect the site again.

    Attributes:
        reason: `no_grant`, `grant_refused`, `consent_declined`, `code_expired`, `state_mismatch`.
    """

    code = "reconnect"
    reason: str = "no_grant"


class ChooseSiteError(PluginError):
    """No single site matches; `sites` lists the candidates as `{cloudId, name, url, scopes}`."""

    code = "choose_site"

    def __init__(self, message: str, *, sites: Sequence[Site], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.sites = list(sites)


class ReadOnlyError(PluginError):
    """The connection is set to read only, and the action writes."""

    code = "read_only"


class ProjectNotAllowedError(PluginError):
    """The setting `allowedProjects` leaves this project out."""

    code = "project_not_allowed"


class BudgetSpentError(PluginError):
    """The settings allow no more points now; nothing was sent. Waiting for the next hour helps, not for a run."""

    code = "budget_spent"
    retryable = True


class CredentialStoreError(PluginError):
    """The host's credential store could not be read, locked or written."""

    code = "credential_store"
    retryable = True


class CancelledError(PluginError):
    """The caller gave up before the action was done."""

    code = "cancelled"


class NetworkError(PluginError):
    """No answer: the connection failed before the request could have acted, or a read was cut off."""

    code = "network"
    retryable = True


class TargetError(PluginError):
    """What was read could not be kept or put in its place; what is kept counts for the next run."""

    code = "target_failed"
    retryable = True


class UnknownOutcomeError(PluginError):
    """A write was sent and no readable answer came: it may or may not have happened."""

    code = "unknown_outcome"


class HttpError(PluginError):
    """An answer that refuses the request.

    Attributes:
        method: HTTP method of the request.
        path: path template of the operation, without values or host.
        messages: Jira's own texts, in its order.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        method: str,
        path: str,
        messages: Sequence[str] = (),
        errors: Mapping[str, Sequence[str]] | None = None,
        trace_id: str | None = None,
        retry_after_seconds: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, errors=errors, hint=hint)
        self.status = status
        self.method = method
        self.path = path
        self.messages = list(messages)
        self.trace_id = trace_id
        self.retry_after_seconds = retry_after_seconds


class UnauthorizedError(HttpError, ReconnectError):
    """Jira refuses a token that was just refreshed."""

    reason = "grant_refused"


class ScopeMissingError(HttpError):
    """The grant lacks a scope that the operation needs."""

    code = "scope_missing"


class ForbiddenError(HttpError):
    """The connected account lacks a Jira permission."""

    code = "forbidden"


class NotFoundError(HttpError):
    """No such thing, or the connected account may not see it. Jira does not tell which."""

    code = "not_found"


class SiteGoneError(NotFoundError):
    """The gateway knows no such site, or the grant does not reach it any more."""


class ConflictError(HttpError):
    """Somebody else changed it at the same moment."""

    code = "conflict"
    retryable = True


class WriteUnderWayError(PluginError):
    """Another worker is doing the same write, under the same idempotency key; nothing was sent by this call."""

    code = "conflict"
    retryable = True


class JiraInvalidError(HttpError):
    """Jira refused the request as it stands; `errors` holds its texts by field."""

    code = "jira_invalid"


class RateLimitedError(HttpError):
    """Jira asks to wait longer than this call may; `retry_after_seconds` says how long."""

    code = "rate_limited"
    retryable = True


class JiraUnavailableError(HttpError):
    """Jira or its gateway failed, or answered something that is not Jira's."""

    code = "jira_unavailable"
    retryable = True
