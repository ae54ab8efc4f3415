"""What refusals of the token endpoint mean, as errors that say whose move it is. Pure; nothing is asked here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from vantage_jira_plugin.errors import (
    JiraUnavailableError,
    PluginError,
    RateLimitedError,
    ReconnectError,
    SettingsError,
)
from vantage_jira_plugin.transport.limits import announced_seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["TOKEN_PATH", "grant_refused", "not_about_tokens", "refusal", "unavailable"]

TOKEN_PATH = "/oauth/token"
#: OAuth errors that mean the grant is gone. `access_denied` is a wrong client secret, not a lost grant.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26), and recorded answers.
_GRANT_REFUSALS = frozenset({"invalid_grant", "unauthorized_client"})
_CLIENT_REFUSALS = frozenset({"access_denied", "invalid_client"})


def unavailable(what: str, *, status: int) -> JiraUnavailableError:
    """Return the error of a token endpoint that gives no usable answer; `what` it did is for people."""
    return JiraUnavailableError(
        f"could not renew the login: Atlassian's token endpoint {what} ({status})",
        status=status,
        method="POST",
        path=TOKEN_PATH,
        hint="Try again later.",
    )


def grant_refused(message: str) -> ReconnectError:
    """Return the error of a grant that Atlassian no longer accepts."""
    error = ReconnectError(message, hint="Connect the Jira site again.")
    error.reason = "grant_refused"
    return error


def refusal(code: str, description: str | None, secrets: Collection[str]) -> PluginError:
    """Turn an OAuth error into whose move it is, without what was sent."""
    said = f"{code}: {description}" if description else code
    for secret in sorted(secrets, key=len, reverse=True):
        said = said.replace(secret, "***")
    if code in _GRANT_REFUSALS:
        return grant_refused(f"Atlassian no longer accepts this login ({said})")
    if code in _CLIENT_REFUSALS:
        text = f"Atlassian refuses the client id or the client secret of this app ({said})"
        return SettingsError(
            text,
            errors={"clientId": [text]},
            hint="Compare client id and client secret with the app in Atlassian's developer console.",
        )
    return unavailable(f"refused the request: {said}", status=HTTPStatus.BAD_REQUEST)


def not_about_tokens(status: int, headers: Mapping[str, str], *, now: float) -> PluginError | None:
    """Return the error of an answer that is not about tokens, or None; `now` is epoch seconds."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimitedError(
            "could not renew the login: Atlassian's token endpoint asks to wait",
            status=status,
            method="POST",
            path=TOKEN_PATH,
            retry_after_seconds=announced_seconds(headers, now=now),
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return unavailable("answered with a redirect, which is not followed", status=status)
    return None
