"""Grants and their tokens: issuing, rotation, replay, expiry. No HTTP here.

Sources: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps (2026-09-26) and, for what that
page no longer says, https://community.developer.atlassian.com/t/54172 (2022).
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from vantage_jira_plugin.simulator.clock import Clock

__all__ = ["AccessToken", "Family", "Grants", "InvalidRefreshTokenError", "TokenPair"]

#: Life of an access token, seconds.
#: Source: https://community.developer.atlassian.com/t/refresh-token-expire-after-36000-seconds/60806/2
ACCESS_TOKEN_SECONDS = 3600

#: How long a refresh token that was used may be used again, seconds: the reuse interval.
REUSE_SECONDS = 600

#: A refresh token nobody used for so long is dead, seconds (90 days).
IDLE_SECONDS = 90 * 86_400

#: No token outlives its consent by more than this, seconds (365 days).
ABSOLUTE_SECONDS = 365 * 86_400

#: Scope that asks for a refresh token.
OFFLINE = "offline_access"


class InvalidRefreshTokenError(Exception):
    """The refresh token is unknown, expired, replayed or revoked; Atlassian does not tell which."""


@dataclass(slots=True)
class _RefreshToken:
    issued_at: float
    used_at: float | None = None


@dataclass(slots=True)
class Family:
    """All tokens that come from one consent.

    Attributes:
        scopes: what may be done; a later consent of the same account to the same app overrides them.
        cloud_ids: sites picked on the consent page.
        refreshes: how often a refresh token of this family was exchanged.
        revoked: True once a person, an administrator or a replay ended it.
    """

    client_id: str
    account_id: str
    scopes: frozenset[str]
    cloud_ids: frozenset[str]
    created_at: float
    refreshes: int = 0
    revoked: bool = False
    refresh_tokens: dict[str, _RefreshToken] = field(default_factory=dict, repr=False)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token's standing."""

    family: Family
    expires_at: float


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What the token endpoint hands out."""

    access_token: str
    refresh_token: str | None
    expires_in_seconds: int
    scopes: frozenset[str]


def _new_token(length: int) -> str:
    return f"eyJ{secrets.token_urlsafe(length)}"


class Grants:
    """Every grant given to any app.

    Attributes:
        access_token_seconds: life of the access tokens issued from now on.
        reuse_seconds: how long a refresh token that was used may be used again.
        refreshes: successful exchanges of refresh tokens.
        reuses: those of them with a token that had been exchanged before.
        replays: uses of a spent refresh token after the reuse interval; each revoked its family.
        one_access_token: True where a refresh kills the older access tokens, as some users report.
    """

    def __init__(self, clock: Clock, new_token: Callable[[int], str] = _new_token) -> None:
        self._clock = clock
        self._new_token = new_token
        self._lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """Forget every grant."""
        with self._lock:
            self.access_token_seconds: float = ACCESS_TOKEN_SECONDS
            self.reuse_seconds: float = REUSE_SECONDS
            self.one_access_token = False
            self.refreshes = 0
            self.reuses = 0
            self.replays = 0
            self.families: list[Family] = []
            self._access: dict[str, AccessToken] = {}
            self._refresh: dict[str, Family] = {}

    def give(self, *, client_id: str, account_id: str, scopes: frozenset[str], cloud_ids: frozenset[str]) -> TokenPair:
        """Start a family, as after a consent; its scopes override those of the person's earlier consents.

        Whether an earlier refresh token dies with `offline_access` is not documented; here it lives on.
        """
        with self._lock:
            for earlier in self.families:
                if (earlier.client_id, earlier.account_id) == (client_id, account_id):
                    earlier.scopes = scopes | (earlier.scopes & {OFFLINE})
            family = Family(client_id, account_id, scopes, cloud_ids, self._clock())
            self.families.append(family)
            return self._issue(family)

    def refresh(self, refresh_token: str, *, client_id: str) -> TokenPair:
        """Exchange a refresh token for a new pair.

        Raises:
            InvalidRefreshTokenError: it is not good any more; after a replay the whole family is revoked.
        """
        with self._lock:
            family = self._refresh.get(refresh_token)
            if family is None or family.revoked or family.client_id != client_id:
                raise InvalidRefreshTokenError
            now = self._clock()
            token = family.refresh_tokens[refresh_token]
            if now - family.created_at >= ABSOLUTE_SECONDS:
                raise InvalidRefreshTokenError
            if token.used_at is not None and now - token.used_at > self.reuse_seconds:
                self.replays += 1
                family.revoked = True
                raise InvalidRefreshTokenError
            if token.used_at is None:
                if now - token.issued_at >= IDLE_SECONDS:
                    raise InvalidRefreshTokenError
                token.used_at = now
            else:
                self.reuses += 1
            self.refreshes += 1
            family.refreshes += 1
            if self.one_access_token:
                self._drop_access_tokens(family)
            return self._issue(family)

    def standing(self, access_token: str) -> AccessToken | None:
        """Return what is known about an access token, good or not; None where it was never issued."""
        return self._access.get(access_token)

    def is_good(self, token: AccessToken) -> bool:
        """Return whether an access token opens anything now."""
        return not token.family.revoked and self._clock() < token.expires_at

    def revoke(self, token: str) -> None:
        """End the family of an access or refresh token, as a person does under Connected apps."""
        with self._lock:
            access = self._access.get(token)
            family = access.family if access is not None else self._refresh.get(token)
            if family is None:
                raise KeyError("no such token was issued")
            family.revoked = True

    def expire_access_tokens(self) -> None:
        """Make every access token issued so far expire now; refresh tokens stay good."""
        with self._lock:
            now = self._clock()
            self._access = {text: AccessToken(token.family, now) for text, token in self._access.items()}

    def _issue(self, family: Family) -> TokenPair:
        now = self._clock()
        access_token = self._new_token(150)
        token = AccessToken(family, now + self.access_token_seconds)
        self._access[access_token] = family.access_tokens[access_token] = token
        refresh_token = None
        if OFFLINE in family.scopes:
            refresh_token = self._new_token(120)
            family.refresh_tokens[refresh_token] = _RefreshToken(now)
            self._refresh[refresh_token] = family
        return TokenPair(access_token, refresh_token, int(self.access_token_seconds), family.scopes)

    def _drop_access_tokens(self, family: Family) -> None:
        for text in family.access_tokens:
            self._access[text] = AccessToken(family, self._clock())
        family.access_tokens.clear()
