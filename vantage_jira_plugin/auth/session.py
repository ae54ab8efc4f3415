"""The OAuth 2.0 session: signs requests, renews the token inside the store's lock. The only authlib import.

It knows tokens, not Jira: what an answer of Jira means is `transport.responses`' business.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests.utils import get_environ_proxies, select_proxy

from vantage_jira_plugin.errors import (
    CredentialStoreError,
    JiraUnavailableError,
    NetworkError,
    PluginError,
    RateLimitedError,
    ReconnectError,
    SettingsError,
)
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.transport.limits import announced_seconds

from .record import CredentialRecord, iso_datetime

if TYPE_CHECKING:
    from collections.abc import Callable

    from authlib.oauth2.auth import ClientAuth

    from vantage_jira_plugin.contract import HostServices, Site
    from vantage_jira_plugin.settings import Settings
    from vantage_jira_plugin.transport.backoff import BackoffAdapter

    from .store import HeldRecord, RecordStore

__all__ = ["JiraSession"]

#: Longest wait for another worker that renews the same token.
LOCK_TIMEOUT_SECONDS = 30.0
#: How long a record read from the store is believed before it is read again, so that a reconnect or
#: disconnect elsewhere is noticed.
RECHECK_SECONDS = 5.0
#: Attempts of one exchange when the token endpoint fails without an answer. The same refresh token may be
#: exchanged again within ten minutes.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26), "reuse interval".
EXCHANGE_ATTEMPTS = 3
#: Patience of one such attempt.
EXCHANGE_SECONDS = 15.0
#: OAuth errors that mean the grant is gone. `access_denied` is a wrong client secret, not a lost grant.
#: Source: as above, and recorded answers.
GRANT_REFUSALS = frozenset({"invalid_grant", "unauthorized_client"})
_CLIENT_REFUSALS = frozenset({"access_denied", "invalid_client"})
_RECONNECT_HINT = "Connect the Jira site again."


class JiraSession(OAuth2Session):  # type: ignore[misc] # authlib ships no types
    """A requests session that always signs with the stored token.

    Many threads may use one session. A token is renewed inside `credentials.exclusive`: lock, read
    again, refresh only if still needed, save, then use. Redirects are never followed, so that the
    token never leaves for another host.

    Args:
        clock: epoch seconds.
        monotonic: seconds that never jump.
    """

    def __init__(
        self,
        settings: Settings,
        services: HostServices,
        store: RecordStore,
        adapter: BackoffAdapter,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(client_id=settings.client_id, token_endpoint_auth_method="client_secret_json")
        self.register_client_auth_method(("client_secret_json", _json_client_auth))
        self.register_compliance_hook("access_token_response", _check_token_answer)
        self.register_compliance_hook("refresh_token_response", _check_token_answer)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self._read_environment(services.endpoints.auth_url, services.endpoints.api_url)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers["Accept"] = "application/json"
        self._settings = settings
        self._services = services
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._renewing = threading.Lock()
        self._exchanging = threading.Lock()
        self._record: CredentialRecord | None = None
        self._read_at = float("-inf")
        self._staged: Any = None
        self._disconnected = False

    def _read_environment(self, *urls: str) -> None:
        """Read proxies and CA bundle from the environment once, not on every request."""
        self.verify = self.merge_environment_settings(urls[0], {}, None, None, None)["verify"]
        for url in urls:
            proxy = select_proxy(url, get_environ_proxies(url))
            if proxy:
                parts = urlsplit(url)
                self.proxies[f"{parts.scheme}://{parts.hostname}"] = proxy
        self.trust_env = False

    # ---- the token in use -------------------------------------------------------------------

    @property
    def token(self) -> Any:
        """The token that authlib works on: one just exchanged and not yet stored, else the one in use."""
        return self.token_auth.token if self._staged is None else self._staged

    @token.setter
    def token(self, token: Any) -> None:
        # authlib puts a new token in use before it says so; here it waits until it is stored.
        self._staged = token

    @property
    def record(self) -> CredentialRecord:
        """The record in use, as last read; empty before the first read."""
        return self._record or CredentialRecord()

    def _use(self, record: CredentialRecord) -> CredentialRecord:
        self._record = record
        self._read_at = self._monotonic()
        self.token_auth.set_token({"token_type": "Bearer", "access_token": record.access_token})
        return record

    def load(self, *, afresh: bool = False) -> CredentialRecord:
        """Return the record in use, reading the store where the last reading is not fresh.

        Raises:
            CredentialStoreError: the store failed.
            ReconnectError: the connection was disconnected.
        """
        if self._disconnected:
            raise ReconnectError("this connection was disconnected", hint=_RECONNECT_HINT)
        if afresh or self._record is None or self._monotonic() - self._read_at > RECHECK_SECONDS:
            return self._use(self._store.read() or self._settings.seed)
        return self._record

    def ready(self, budget: Budget) -> CredentialRecord:
        """Make sure that the token in use will serve the next request; return its record.

        A token that is due but still good serves on where it cannot be renewed for the moment.

        Raises:
            ReconnectError: there is no usable grant.
            PluginError: the token could not be renewed for now.
        """
        record = self.load()
        if not record.is_due(self._clock()) and record.refused is None:
            return record
        try:
            return self.renew(record.access_token, budget)
        except (CredentialStoreError, JiraUnavailableError, NetworkError, RateLimitedError):
            if record.has_expired(self._clock()):
                raise
            return record

    def ensure_active_token(self, token: Any = None) -> bool:
        """Answer authlib, which asks while a request is prepared: `send_signed` has seen to it."""
        del token
        return True

    # ---- requests ---------------------------------------------------------------------------

    def send_signed(
        self, method: str, url: str, *, budget: Budget, params: Any = None, body: Any = None
    ) -> requests.Response:
        """Send one request with a token that is good, renewing it once where the answer says it is not.

        Raises:
            PluginError: no usable token.
            requests.RequestException: no answer.
        """
        self.ready(budget)
        response = self._send(method, url, budget, params, body)
        if self._speaks_of_expiry(response):
            self.renew(_token_of(response.request), budget)
            budget.retries += 1
            response = self._send(method, url, budget, params, body)
        return response

    def _send(self, method: str, url: str, budget: Budget, params: Any, body: Any) -> requests.Response:
        # A Budget travels as the timeout: see transport.budget.
        response: requests.Response = self.request(
            method, url, params=params, json=body, timeout=budget, allow_redirects=False
        )
        return response

    def _speaks_of_expiry(self, response: requests.Response) -> bool:
        """Tell whether an answer may mean that the token has expired.

        A 401 does, unless it is about scopes, which no new token cures. The gateway has also
        answered 403 and 404 (n8n-io/n8n#37776); those count only where the token is due or its expiry
        is not known.
        """
        status = response.status_code
        if status == requests.codes.unauthorized:
            return b"scope does not match" not in response.content
        if status in {requests.codes.forbidden, requests.codes.not_found}:
            record = self.record
            may_have_expired = record.expires_at is None or record.is_due(self._clock())
            return may_have_expired and record.refresh_token is not None
        return False

    def renew_request(self, request: requests.PreparedRequest, budget: Budget) -> None:
        """Put the token in use on a request that has waited, renewing it where it is due by now."""
        if "Authorization" in request.headers:
            record = self.ready(budget)
            request.headers["Authorization"] = f"Bearer {record.access_token}"

    # ---- renewal ----------------------------------------------------------------------------

    def renew(self, stale: str | None, budget: Budget) -> CredentialRecord:
        """Replace the stale access token, unless somebody else has done so already.

        Raises:
            ReconnectError: the grant is gone; remembered in the record, so that it is asked once.
            CredentialStoreError: the record could not be locked or stored.
            SettingsError: Atlassian refuses the client id or secret.
            PluginError: the token endpoint did not answer usably; the refresh token is kept.
        """
        with self._renewing:
            if self._record is not None and self._serves(self._record, stale):
                return self._record
            timeout_seconds = min(LOCK_TIMEOUT_SECONDS, budget.remaining_seconds)
            with self._store.exclusive(timeout_seconds=timeout_seconds) as held:
                record = held.record or self._settings.seed
                if not self._serves(record, stale):
                    record = self._refreshed(record, held, budget)
            return self._use(record)

    def _serves(self, record: CredentialRecord, stale: str | None) -> bool:
        return record.refused is None and record.access_token != stale and not record.is_due(self._clock())

    def _refreshed(self, record: CredentialRecord, held: HeldRecord, budget: Budget) -> CredentialRecord:
        if record.refused is not None:
            self._use(record)
            raise _grant_refused(record.refused)
        if record.refresh_token is None and not self._settings.service_account:
            self._use(record)
            raise ReconnectError(_why_no_token(record), hint=_RECONNECT_HINT)
        # Noted before anything is sent: a store that cannot be written must not cost a refresh token, and a
        # refusal after a worker was killed in here can be explained.
        held.save(replace(record, renewal_tried_at=record.renewal_tried_at or self._clock()))
        try:
            token = self._exchange(lambda patience: self._ask_for_token(record, patience), budget)
        except ReconnectError as error:
            if self._settings.service_account:
                raise  # its id and secret stay what they are: nothing to remember, nobody to consent
            refused = replace(record, refused=error.message + _cut_off(record), renewal_tried_at=None)
            held.save(refused)
            self._use(refused)
            raise _grant_refused(refused.refused or error.message) from error
        renewed = record.with_token(token, now=self._clock())
        held.save(renewed)
        return renewed

    def _ask_for_token(self, record: CredentialRecord, patience: Budget) -> Any:
        """Exchange the refresh token; a service account has none and asks with its own name.

        Source: https://support.atlassian.com/user-management/docs/create-oauth-2-0-credential-for-service-accounts
        """
        if self._settings.service_account:
            return self.fetch_token(self._token_url, grant_type="client_credentials", timeout=patience)
        return self.refresh_token(self._token_url, refresh_token=record.refresh_token, timeout=patience)

    def exchange_code(self, code: str, *, redirect_uri: str, code_verifier: str, budget: Budget) -> Any:
        """Return the token endpoint's answer for an authorization code.

        Raises:
            ReconnectError: the code is unknown, used or expired.
            PluginError: as `renew`.
        """
        return self._exchange(
            lambda patience: self.fetch_token(
                self._token_url,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=code_verifier,
                timeout=patience,
            ),
            budget,
        )

    @property
    def _token_url(self) -> str:
        return f"{self._services.endpoints.auth_url}/oauth/token"

    def _exchange(self, ask: Callable[[Budget], Any], budget: Budget) -> Any:
        """Ask the token endpoint, again where no answer came, and translate its refusals.

        Each attempt has a patience of its own: a caller in a hurry must not cut off an answer that
        carries the only copy of a new refresh token.
        """
        secret = self._services.client_secret(self._settings.service_id, self._settings.client_id)
        if not secret:
            text = "the host has no client secret for this client id"
            raise SettingsError(text, errors={"clientId": [text]}, hint="Give the host the app's client secret.")
        with self._exchanging:
            self.client_secret: str | None = secret
            try:
                for _ in range(EXCHANGE_ATTEMPTS - 1):
                    try:
                        return _asked(ask, budget)
                    except (NetworkError, JiraUnavailableError):
                        budget.retries += 1
                return _asked(ask, budget)
            finally:
                self.client_secret = None
                self._staged = None

    def remember_site(self, site: Site, budget: Budget) -> CredentialRecord:
        """Store which site the grant is used for; return the record in use."""
        timeout_seconds = min(LOCK_TIMEOUT_SECONDS, budget.remaining_seconds)
        with self._renewing, self._store.exclusive(timeout_seconds=timeout_seconds) as held:
            record = replace(
                held.record or self.record,
                cloud_id=site["cloudId"],
                site_name=site["name"],
                site_url=site["url"],
            )
            if record.scopes is None:
                record = replace(record, scopes=tuple(site["scopes"]))
            held.save(record)
            return self._use(record)

    def keep_alive(self, idle_seconds: float, budget: Budget) -> bool:
        """Renew a grant that has not been renewed for so long; tell whether it was.

        Raises:
            PluginError: as `renew`.
        """
        record = self.load(afresh=True)
        rested = record.obtained_at is None or self._clock() - record.obtained_at >= idle_seconds
        if record.refused is None and not rested:
            return False
        self.renew(record.access_token, budget)
        return True

    def adopt(self, record: CredentialRecord) -> None:
        """Put a record in use that was just stored."""
        self._disconnected = False
        self._use(record)

    def disconnect(self) -> None:
        """Forget the stored record and the token in use."""
        with self._renewing, self._store.exclusive(timeout_seconds=LOCK_TIMEOUT_SECONDS) as held:
            held.delete()
            self._use(CredentialRecord())
            self._disconnected = True


def _asked(ask: Callable[[Budget], Any], budget: Budget) -> Any:
    """Ask the token endpoint once. The one place that translates authlib's failures."""
    does = "renew the login"
    patience = Budget(EXCHANGE_SECONDS)
    try:
        token = ask(patience)
        if not isinstance(token.get("access_token"), str):
            raise ValueError("no access_token")  # noqa: TRY004, TRY301 - told as any other unreadable answer
    except PluginError:
        raise
    except OAuthError as error:
        raise _refusal(error) from None  # authlib's error may quote what it was sent
    except requests.RequestException as error:
        if error.response is not None:
            raise JiraUnavailableError(
                f"could not {does}: Atlassian's token endpoint failed ({error.response.status_code})",
                status=error.response.status_code,
                method="POST",
                path="/oauth/token",
            ) from None
        raise NetworkError(f"could not {does}: Atlassian's token endpoint did not answer") from error
    except ValueError:
        raise JiraUnavailableError(
            f"could not {does}: Atlassian's token endpoint answered something that is no token",
            status=requests.codes.ok,
            method="POST",
            path="/oauth/token",
        ) from None
    finally:
        budget.add(patience)
    return token


def _grant_refused(message: str) -> ReconnectError:
    error = ReconnectError(message, hint=_RECONNECT_HINT)
    error.reason = "grant_refused"
    return error


def _refusal(error: OAuthError) -> PluginError:
    """Turn an OAuth error into whose move it is."""
    said = f"{error.error}: {error.description}" if error.description else str(error.error)
    code = str(error.error)
    if code in GRANT_REFUSALS:
        return _grant_refused(f"Atlassian no longer accepts this login ({said})")
    if code in _CLIENT_REFUSALS:
        text = f"Atlassian refuses the client id or the client secret of this app ({said})"
        return SettingsError(
            text,
            errors={"clientId": [text]},
            hint="Compare client id and client secret with the app in Atlassian's developer console.",
        )
    return JiraUnavailableError(
        f"could not renew the login: Atlassian's token endpoint refused the request ({said})",
        status=400,
        method="POST",
        path="/oauth/token",
    )


def _check_token_answer(response: requests.Response) -> requests.Response:
    """Stop at answers of the token endpoint that speak of time, not of tokens."""
    if response.status_code == requests.codes.too_many_requests:
        raise RateLimitedError(
            "could not renew the login: Atlassian's token endpoint asks to wait",
            status=response.status_code,
            method="POST",
            path="/oauth/token",
            retry_after_seconds=announced_seconds(response.headers, now=time.time()),
        )
    return response


def _json_client_auth(client: ClientAuth, method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, bytes]:
    """Write the token request as JSON with the client's credentials in it.

    authlib's default is a form; Atlassian documents JSON.
    Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26).
    """
    del method
    text = body.decode() if isinstance(body, bytes) else body
    parameters = dict(parse_qsl(text, keep_blank_values=True))
    parameters["client_id"] = client.client_id
    parameters["client_secret"] = client.client_secret or ""
    headers["Content-Type"] = "application/json"
    return uri, headers, json.dumps(parameters).encode()


def _token_of(request: requests.PreparedRequest) -> str | None:
    """Return the access token that a request was sent with."""
    value = request.headers.get("Authorization")
    return value.removeprefix("Bearer ") if isinstance(value, str) else None


def _cut_off(record: CredentialRecord) -> str:
    """Say that an earlier exchange was cut off, where that may be why the grant is refused."""
    if record.renewal_tried_at is None:
        return ""
    return (
        f"; a renewal begun at {iso_datetime(record.renewal_tried_at)} was cut off, "
        "and its token may have been used up without its successor being stored"
    )


def _why_no_token(record: CredentialRecord) -> str:
    if record.access_token is None:
        return "nobody has connected this Jira site yet"
    return "the access token has expired, and there is no refresh token to renew it (offline_access was not granted)"
