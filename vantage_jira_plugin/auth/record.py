"""The credential record as a value: read from JSON data, asked about time, written back. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

__all__ = ["CredentialRecord", "PendingConsent", "is_cloud_id", "is_token", "iso_datetime", "parse_expiry"]

#: Renew this long before expiry; Atlassian's access tokens live an hour.
#: Source: https://community.developer.atlassian.com/t/60806/2
LEEWAY_SECONDS = 60.0
#: A refresh token that is not used for so long ends.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26), "inactivity expiry".
IDLE_LIFE_SECONDS = 90 * 86_400.0
#: A token that lives shorter is renewed when this share of its life is left.
_LEEWAY_SHARE = 0.1
#: Epoch numbers above this are milliseconds: as seconds they would lie beyond the year 5000.
_LATEST_EPOCH_SECONDS = 100_000_000_000
#: ISO 8601 writes a day with so many digits and no hyphens; more digits are an epoch number.
_LONGEST_DATE_DIGITS = 8
#: A token that claims to live longer (ten years) has no expiry that makes sense.
_LONGEST_LIFE_SECONDS = 315_360_000.0


def parse_expiry(value: object) -> float | None:
    """Return epoch seconds for an ISO 8601 text or epoch milliseconds; None for None.

    A text without an offset is UTC. Small numbers are taken as epoch seconds, and digits as a number.

    Raises:
        ValueError: neither of them, or beyond the calendar.
    """
    if value is None:
        return None
    try:
        seconds = _moment(value).astimezone(UTC).timestamp()
        datetime.fromtimestamp(seconds, UTC)  # a float may round up to the year 10000
    except (ValueError, OverflowError, OSError):
        raise ValueError("neither ISO 8601 text nor epoch milliseconds") from None
    return seconds


def _moment(value: object) -> datetime:
    """Return the aware moment that a value names."""
    if isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.isdigit() and len(text) > _LONGEST_DATE_DIGITS:
            return _moment(int(text))
        return _moment(datetime.fromisoformat(text))
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000 if abs(value) > _LATEST_EPOCH_SECONDS else value, UTC)
    raise ValueError(f"a {type(value).__name__} is no moment")


def iso_datetime(epoch_seconds: float | None) -> str | None:
    """Return ISO 8601 in UTC with milliseconds, `2026-01-31T09:30:00.000Z`."""
    if epoch_seconds is None:
        return None
    moment = datetime.fromtimestamp(epoch_seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class PendingConsent:
    """A consent that was started and not finished: what its callback must match."""

    state: str = field(repr=False)
    code_verifier: str = field(repr=False)
    redirect_uri: str
    expires_at: float

    def to_json(self) -> dict[str, object]:
        """Return JSON data."""
        return {
            "state": self.state,
            "codeVerifier": self.code_verifier,
            "redirectUri": self.redirect_uri,
            "expiresAt": iso_datetime(self.expires_at),
        }

    @classmethod
    def from_json(cls, data: object) -> Self | None:
        """Return the value for its JSON data, or None where it is not readable."""
        if not isinstance(data, Mapping):
            return None
        try:
            expires_at = parse_expiry(data.get("expiresAt"))
        except ValueError:
            return None
        state, verifier, redirect_uri = (_text(data, name) for name in ("state", "codeVerifier", "redirectUri"))
        if state is None or verifier is None or redirect_uri is None or expires_at is None:
            return None
        return cls(state, verifier, redirect_uri, expires_at)


#: JSON names that the record reads and writes itself; others pass through untouched.
_OWN_NAMES = frozenset(
    [
        "accessToken",
        "refreshToken",
        "cloudId",
        "tokenExpiry",
        "obtainedAt",
        "scopes",
        "siteName",
        "siteUrl",
        "refused",
        "renewalTriedAt",
        "pendingConsent",
    ]
)


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """What is stored under a credential id.

    The four names of the contract (`accessToken, refreshToken, cloudId, tokenExpiry`) and the
    plugin's own notes: when the token was obtained, its scopes, the site's name and URL, why the
    grant was refused for good, when an exchange was begun whose end is not noted, a consent under
    way. Unknown names are kept.
    """

    access_token: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    cloud_id: str | None = None
    expires_at: float | None = None
    obtained_at: float | None = None
    scopes: tuple[str, ...] | None = None
    site_name: str | None = None
    site_url: str | None = None
    refused: str | None = None
    renewal_tried_at: float | None = None
    pending: PendingConsent | None = None
    notes: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Read a record.

        Raises:
            ValueError: `tokenExpiry` is no time, a token is none that a header can carry, or `cloudId` is none.
        """
        scopes = data.get("scopes")
        return cls(
            access_token=_token(data, "accessToken"),
            refresh_token=_token(data, "refreshToken"),
            cloud_id=_cloud_id(data),
            expires_at=parse_expiry(data.get("tokenExpiry")),
            obtained_at=parse_expiry(data.get("obtainedAt")),
            scopes=tuple(str(scope) for scope in scopes) if isinstance(scopes, (list, tuple)) else None,
            site_name=_text(data, "siteName"),
            site_url=_text(data, "siteUrl"),
            refused=_text(data, "refused"),
            renewal_tried_at=parse_expiry(data.get("renewalTriedAt")),
            pending=PendingConsent.from_json(data.get("pendingConsent")),
            notes={name: _plain(value) for name, value in data.items() if name not in _OWN_NAMES},
        )

    def to_json(self) -> dict[str, Any]:
        """Return JSON data for the store: the four names always, notes where there are any."""
        notes = {
            "obtainedAt": iso_datetime(self.obtained_at),
            "scopes": None if self.scopes is None else list(self.scopes),
            "siteName": self.site_name,
            "siteUrl": self.site_url,
            "refused": self.refused,
            "renewalTriedAt": iso_datetime(self.renewal_tried_at),
            "pendingConsent": None if self.pending is None else self.pending.to_json(),
        }
        return {
            **self.notes,
            "accessToken": self.access_token,
            "refreshToken": self.refresh_token,
            "cloudId": self.cloud_id,
            "tokenExpiry": iso_datetime(self.expires_at),
            **{name: value for name, value in notes.items() if value is not None},
        }

    @property
    def leeway_seconds(self) -> float:
        """How long before expiry the token is renewed; it fits the token's life."""
        if self.expires_at is None or self.obtained_at is None:
            return LEEWAY_SECONDS
        life_seconds = self.expires_at - self.obtained_at
        return max(0.0, min(LEEWAY_SECONDS, life_seconds * _LEEWAY_SHARE))

    @property
    def lapses_at(self) -> float | None:
        """When the grant ends for lack of use; each renewal moves it. None where it does not, or is not known."""
        if self.refresh_token is None or self.obtained_at is None:
            return None
        return self.obtained_at + IDLE_LIFE_SECONDS

    def is_due(self, now: float) -> bool:
        """Tell whether the token should be renewed before it is used; no known expiry means no."""
        return self.access_token is None or (
            self.expires_at is not None and now >= self.expires_at - self.leeway_seconds
        )

    def has_expired(self, now: float) -> bool:
        """Tell whether the token can no longer be used; no known expiry means no."""
        return self.access_token is None or (self.expires_at is not None and now >= self.expires_at)

    def with_token(self, token: Mapping[str, Any], *, now: float) -> Self:
        """Return the record after the token endpoint answered.

        `token` is its JSON: `{access_token, expires_in (seconds), scope?, refresh_token?}`. The refresh
        token is replaced only where the answer has one.
        Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26).

        Raises:
            ValueError: the answer has no access token.
        """
        access_token = token.get("access_token")
        if not isinstance(access_token, str) or not access_token:
            raise ValueError("the token endpoint answered without an access token")
        refresh_token = token.get("refresh_token")
        scope = token.get("scope")
        life_seconds = _life_seconds(token.get("expires_in"))
        return replace(
            self,
            access_token=access_token,
            refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else self.refresh_token,
            expires_at=None if life_seconds is None else now + life_seconds,
            obtained_at=now,
            scopes=tuple(scope.split()) if isinstance(scope, str) else self.scopes,
            refused=None,
            renewal_tried_at=None,
        )


def _life_seconds(expires_in: Any) -> float | None:
    """Return how long a new token lives, or None where that is not given or makes no sense."""
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds <= _LONGEST_LIFE_SECONDS else None


def is_token(value: object) -> bool:
    """Tell whether a value can travel in an Authorization header: visible ASCII characters.

    Source: RFC 6750 section 2.1.
    """
    return isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]+", value) is not None


def _token(data: Mapping[str, object], name: str) -> str | None:
    value = _text(data, name)
    if value is not None and not is_token(value):
        raise ValueError(f"{name} is no token: it has characters that no header can carry")
    return value


def is_cloud_id(value: object) -> bool:
    """Tell whether a value can name a site in a path; Atlassian's are UUIDs."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9-]{1,64}", value) is not None


def _cloud_id(data: Mapping[str, object]) -> str | None:
    value = _text(data, "cloudId")
    if value is not None and not is_cloud_id(value):
        raise ValueError("cloudId is none: it has characters other than letters, digits and hyphens")
    return value


def _plain(value: Any) -> Any:
    """Return JSON data as it can be stored again; a host may give it as something that cannot be written to."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _text(data: Mapping[str, object], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) and value else None
