"""What `vantage_authenticate` answers: how a connection stands, and what will end it. Pure; nothing is asked here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .auth.record import iso_datetime
from .errors import ChooseSiteError
from .manifest import action_scopes, missing_scopes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .auth.record import CredentialRecord
    from .contract import AuthenticateResult, Site
    from .errors import ReconnectError
    from .settings import Settings

__all__ = ["connected", "not_connected"]

_DAY_SECONDS = 86_400.0
#: A grant that would lapse so soon is warned about.
_WARNING_DAYS = 21


def connected(
    settings: Settings,
    record: CredentialRecord,
    site: Site,
    account: Mapping[str, Any],
    *,
    message: str | None,
    now: float,
) -> AuthenticateResult:
    """Return the answer of a connection that works, at an epoch second; `account` is Jira's own, empty if unknown."""
    result = _result("connected", settings, record, now)
    result["message"] = message
    result["cloudId"], result["siteName"], result["siteUrl"] = site["cloudId"], site["name"], site["url"]
    result["accountId"] = account.get("accountId")
    result["displayName"] = account.get("displayName")
    result["timeZone"] = account.get("timeZone")
    return result


def not_connected(
    settings: Settings, record: CredentialRecord, error: ReconnectError | ChooseSiteError, *, now: float
) -> AuthenticateResult:
    """Return the answer of a connection that a person has to do something about, at an epoch second."""
    if isinstance(error, ChooseSiteError):
        result = _result("choose_site", settings, record, now)
        result["sites"] = list(error.sites)
    else:
        result = _result("reconnect", settings, record, now)
        result["reason"] = error.reason
    result["message"] = error.message
    return result


def _result(status: Any, settings: Settings, record: CredentialRecord, now: float) -> AuthenticateResult:
    granted = record.scopes
    return {
        "status": status,
        "cloudId": record.cloud_id,
        "siteName": record.site_name,
        "siteUrl": record.site_url,
        "accountId": None,
        "displayName": None,
        "timeZone": None,
        "scopes": list(granted or ()),
        "tokenExpiry": iso_datetime(record.expires_at),
        "missingScopes": [] if granted is None else missing_scopes(frozenset(granted)),
        "grantExpiry": iso_datetime(record.lapses_at),
        "actions": [] if granted is None else action_scopes(frozenset(granted)),
        "warnings": [*_limits(settings), *_endings(settings, record, now)],
        "sites": [],
        "reason": None,
        "message": None,
    }


def _limits(settings: Settings) -> list[str]:
    """Say what the settings keep actions from."""
    limits = []
    if settings.read_only:
        limits.append("this connection is set to read only: actions that write are refused")
    if settings.allowed_projects is not None:
        limits.append(f"this connection may touch only: {', '.join(sorted(settings.allowed_projects)) or 'nothing'}")
    return limits


def _endings(settings: Settings, record: CredentialRecord, now: float) -> list[str]:
    """Say early what will end this login."""
    if record.refused is not None:
        return []
    if record.access_token is not None and record.refresh_token is None and not settings.service_account:
        return ["this login ends with its access token: offline_access was not granted, so that it cannot be renewed"]
    if record.lapses_at is None:
        return []
    days = (record.lapses_at - now) / _DAY_SECONDS
    if days > _WARNING_DAYS:
        return []
    return [f"this login lapses in {max(days, 0):.0f} days for lack of use; run keepAlive, or any action, before"]
