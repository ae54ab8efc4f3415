"""The authorization server: the app, its codes, the token endpoint. No Jira here.

Source, where none stands beside a line, as read on 2026-09-26:
https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps
"""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.consent import AuthorizeRequest, ConsentPages, Decision
from vantage_jira_plugin.simulator.grants import (
    AccessToken,
    Family,
    Grants,
    InvalidRefreshTokenError,
    TokenPair,
)
from vantage_jira_plugin.simulator.scopes import DEFAULT_SCOPES
from vantage_jira_plugin.simulator.tokenwire import (
    INVALID_CODE,
    INVALID_REFRESH_TOKEN,
    UNSUPPORTED_GRANT,
    WRONG_CLIENT,
    TokenRefusalError,
    bearer_token,
    parameters_of,
    text_of,
    tokens_answer,
    verifier_fits,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.simulator.clock import Clock
    from vantage_jira_plugin.simulator.messages import Request, Response
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["App", "Authorization"]

#: Life of a code, seconds. Source: reported by users (2026-09), single use as well.
CODE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class App:
    """An app registered in the developer console, or a service account's credential."""

    name: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class _Code:
    asked: AuthorizeRequest
    cloud_ids: frozenset[str]
    account_id: str
    expires_at: float


class Authorization:
    """auth.atlassian.com and the token paths of api.atlassian.com.

    Attributes:
        app: the 3LO app.
        service_app: a service account's credential, for `client_credentials`.
        consent: the consent pages.
        grants: every grant and token.
        account_id: the person at the browser; None for the first site's default account.
    """

    def __init__(self, *, app: App, service_app: App, sites: Callable[[], Sequence[Site]], clock: Clock) -> None:
        self.app = app
        self.service_app = service_app
        self.grants = Grants(clock)
        self.account_id: str | None = None
        self.consent = ConsentPages(app_name=app.name, client_ids={app.client_id}, sites=sites, accept=self._new_code)
        self._sites = sites
        self._clock = clock
        self._lock = threading.Lock()
        self._codes: dict[str, _Code] = {}

    def reset(self) -> None:
        """Forget every grant, code and open page."""
        self.grants.reset()
        self.consent.forget()
        self.account_id = None
        with self._lock:
            self._codes.clear()

    @property
    def families(self) -> list[Family]:
        """Every grant, oldest first."""
        return list(self.grants.families)

    @property
    def refreshes(self) -> int:
        """How many refresh tokens were exchanged."""
        return self.grants.refreshes

    @property
    def reuses(self) -> int:
        """How many of those had been exchanged before, within the reuse interval."""
        return self.grants.reuses

    @property
    def replays(self) -> int:
        """How many spent refresh tokens came back after the reuse interval."""
        return self.grants.replays

    def revoke(self, grant: Mapping[str, Any] | str) -> None:
        """End a grant, given as one of its tokens or as the answer that held them."""
        self.grants.revoke(grant if isinstance(grant, str) else grant["access_token"])

    def person(self) -> str:
        """Return the account of whoever consents."""
        return self.account_id or self._sites()[0].default_account_id

    # ---- the token endpoint -----------------------------------------------------------------

    def token(self, request: Request) -> Response:
        """Answer `POST /oauth/token`."""
        try:
            return tokens_answer(self._exchange(parameters_of(request)))
        except TokenRefusalError as refusal:
            return refusal.response()
        except InvalidRefreshTokenError:
            return TokenRefusalError(INVALID_REFRESH_TOKEN).response()

    def _exchange(self, parameters: Mapping[str, Any]) -> TokenPair:
        match parameters.get("grant_type"):
            case "authorization_code":
                self._check_client(parameters, self.app)
                return self._redeem(parameters)
            case "refresh_token":
                self._check_client(parameters, self.app)
                return self.grants.refresh(text_of(parameters, "refresh_token"), client_id=self.app.client_id)
            case "client_credentials":
                # Source: https://support.atlassian.com/user-management/docs/create-oauth-2-0-credential-for-service-accounts
                self._check_client(parameters, self.service_app)
                return self.grants.give(
                    client_id=self.service_app.client_id,
                    account_id=self._sites()[0].default_account_id,
                    scopes=DEFAULT_SCOPES - {"offline_access"},
                    cloud_ids=frozenset(site.cloud_id for site in self._sites()),
                )
            case _:
                raise TokenRefusalError(UNSUPPORTED_GRANT)

    def _check_client(self, parameters: Mapping[str, Any], app: App) -> None:
        # PKCE does not replace the secret: https://github.com/Meridiona/meridian/issues/218 (2026-06-09)
        given_id, given_secret = parameters.get("client_id"), parameters.get("client_secret")
        known = given_id == app.client_id and isinstance(given_secret, str)
        if not known or not hmac.compare_digest(str(given_secret).encode(), app.client_secret.encode()):
            raise TokenRefusalError(WRONG_CLIENT)

    def _redeem(self, parameters: Mapping[str, Any]) -> TokenPair:
        text, redirect_uri = text_of(parameters, "code"), text_of(parameters, "redirect_uri")
        with self._lock:
            code = self._codes.pop(text, None)
        if code is None or self._clock() >= code.expires_at or redirect_uri != code.asked.redirect_uri:
            raise TokenRefusalError(INVALID_CODE)
        if not verifier_fits(code.asked, parameters.get("code_verifier")):
            raise TokenRefusalError(INVALID_CODE)
        return self.grants.give(
            client_id=code.asked.client_id,
            account_id=code.account_id,
            scopes=code.asked.scopes,
            cloud_ids=code.cloud_ids,
        )

    def _new_code(self, decision: Decision) -> str:
        text = secrets.token_urlsafe(48)
        code = _Code(decision.asked, decision.cloud_ids, self.person(), self._clock() + CODE_SECONDS)
        with self._lock:
            self._codes[text] = code
        return text

    def token_of(self, request: Request) -> AccessToken | None:
        """Return the standing of the bearer token that came with a request, good or not."""
        text = bearer_token(request)
        return None if text is None else self.grants.standing(text)
