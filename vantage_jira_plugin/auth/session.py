"""The OAuth 2.0 session: signs requests and talks to the token endpoint. The only authlib import.

It keeps nothing: which token is in use, and when it is renewed, is decided in `login`.
"""

from __future__ import annotations

import json
import threading
import time
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests.utils import get_environ_proxies, select_proxy

from vantage_jira_plugin.errors import JiraUnavailableError, NetworkError, PluginError
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.upload import Upload

from .record import is_token
from .refusals import TOKEN_PATH, not_about_tokens, refusal, unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from authlib.oauth2.auth import ClientAuth

    from vantage_jira_plugin.contract import Endpoints
    from vantage_jira_plugin.transport.backoff import BackoffAdapter
    from vantage_jira_plugin.transport.traffic import Passage

__all__ = ["EXCHANGE_ATTEMPTS", "JiraSession", "token_of"]

#: Attempts of one exchange when the token endpoint fails without an answer. The same refresh token may be
#: exchanged again within ten minutes.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26), "reuse interval".
EXCHANGE_ATTEMPTS = 3
#: Patience of one such attempt.
EXCHANGE_SECONDS = 15.0
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class JiraSession(OAuth2Session):  # type: ignore[misc] # authlib ships no types
    """A requests session that signs with the token in use and speaks JSON to the token endpoint.

    Many threads may use one session. Redirects are never followed, so that neither a token nor the
    client secret leaves for another host. Cookies are not kept.
    """

    def __init__(
        self, endpoints: Endpoints, client_id: str, adapter: BackoffAdapter, *, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(client_id=client_id, token_endpoint_auth_method="client_secret_json")
        self.register_client_auth_method(("client_secret_json", _json_client_auth))
        self.register_compliance_hook("access_token_response", self._check_token_answer)
        self.register_compliance_hook("refresh_token_response", self._check_token_answer)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self._read_environment(endpoints.auth_url, endpoints.api_url)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.headers["Accept"] = "application/json"
        self._token_url = endpoints.auth_url + TOKEN_PATH
        self._clock = clock
        self._exchanging = threading.Lock()
        self._staged: Any = None

    def _read_environment(self, *urls: str) -> None:
        """Read proxies and CA bundle from the environment once, not on every request; loopback needs no proxy."""
        self.verify = self.merge_environment_settings(urls[0], {}, None, None, None)["verify"]
        for url in urls:
            parts = urlsplit(url)
            proxy = select_proxy(url, get_environ_proxies(url))
            if proxy and parts.hostname not in _LOOPBACK_HOSTS:
                self.proxies[f"{parts.scheme}://{parts.hostname}"] = proxy
        self.trust_env = False

    # ---- signing ----------------------------------------------------------------------------

    @property
    def token(self) -> Any:
        """The token that authlib works on: one just exchanged and not yet stored, else the one in use."""
        return self.token_auth.token if self._staged is None else self._staged

    @token.setter
    def token(self, token: Any) -> None:
        # authlib puts a new token in use before it says so; here it waits until it is stored.
        self._staged = token

    def use(self, access_token: str | None) -> None:
        """Sign with this token from now on."""
        self.token_auth.set_token({"token_type": "Bearer", "access_token": access_token})

    def ensure_active_token(self, token: Any = None) -> bool:
        """Answer authlib, which asks while a request is prepared: `login` has seen to it."""
        del token
        return True

    def request(self, method: str, url: str, **parameters: Any) -> requests.Response:
        """Send one request, to this host and no other."""
        response: requests.Response = super().request(method, url, **{**parameters, "allow_redirects": False})
        return response

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Look at no redirect, not even to see where it leads: what it says may be no URL at all."""
        del resp
        return None

    def call(
        self,
        method: str,
        url: str,
        *,
        passage: Passage,
        params: Any = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one signed request, to this host and no other; its passage travels as the timeout.

        `body` is JSON data, or an `Upload`, which goes out as a form. Of what a session may add to a request, ours adds
        headers and signature; `request` would look for all the rest, for a twentieth of the time of a call.
        """
        sent = {"files": body.form()} if isinstance(body, Upload) else {"json": body}
        request = requests.PreparedRequest()
        request.prepare(
            method,
            url,
            headers={**self.headers, **(headers or {})},
            params=params,
            auth=self.token_auth,
            cookies=self.cookies,
            **sent,
        )
        response: requests.Response = self.send(request, timeout=passage, proxies=self.proxies, allow_redirects=False)
        return response

    # ---- the token endpoint -----------------------------------------------------------------

    def exchange_refresh_token(self, refresh_token: str, *, secret: str, budget: Budget, attempts: int) -> Any:
        """Return the token endpoint's JSON for a refresh token: `{access_token, refresh_token, expires_in, scope}`.

        Raises:
            ReconnectError: the grant is gone.
            SettingsError: Atlassian refuses the client id or secret.
            PluginError: no usable answer; the refresh token may have been used up and can be exchanged again.
        """

        def ask(patience: Budget) -> Any:
            return self.refresh_token(self._token_url, refresh_token=refresh_token, timeout=patience)

        return self._exchange(ask, secret=secret, sent=(refresh_token,), budget=budget, attempts=attempts)

    def exchange_code(self, code: str, *, redirect_uri: str, code_verifier: str, secret: str, budget: Budget) -> Any:
        """Return the token endpoint's JSON for an authorization code; raises as `exchange_refresh_token`."""

        def ask(patience: Budget) -> Any:
            return self.fetch_token(
                self._token_url,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=code_verifier,
                timeout=patience,
            )

        sent = (code, code_verifier)
        return self._exchange(ask, secret=secret, sent=sent, budget=budget, attempts=EXCHANGE_ATTEMPTS)

    def ask_for_own_token(self, *, secret: str, budget: Budget, attempts: int) -> Any:
        """Return the token endpoint's JSON for a service account, which has no refresh token.

        Source: https://support.atlassian.com/user-management/docs/create-oauth-2-0-credential-for-service-accounts
        """

        def ask(patience: Budget) -> Any:
            return self.fetch_token(self._token_url, grant_type="client_credentials", timeout=patience)

        return self._exchange(ask, secret=secret, sent=(), budget=budget, attempts=attempts)

    def _exchange(
        self, ask: Callable[[Budget], Any], *, secret: str, sent: Collection[str], budget: Budget, attempts: int
    ) -> Any:
        """Ask the token endpoint, again where no answer came.

        Each attempt has a patience of its own: a caller in a hurry must not cut off an answer that
        carries the only copy of a new refresh token. No attempt is begun after the caller's time.
        """
        with self._exchanging:
            self.client_secret: str | None = secret
            try:
                while True:
                    attempts -= 1
                    try:
                        return self._asked(ask, (secret, *sent), budget)
                    except (NetworkError, JiraUnavailableError):
                        if attempts <= 0 or budget.remaining_seconds <= 0:
                            raise
                        budget.count(retries=1)
            finally:
                self.client_secret = None
                self._staged = None

    def _asked(self, ask: Callable[[Budget], Any], secrets: Collection[str], budget: Budget) -> Any:
        """Ask the token endpoint once. The one place that translates authlib's failures.

        Errors are raised without their causes: those hold the request, and with it what was sent.
        """
        patience = Budget(EXCHANGE_SECONDS)
        try:
            token = ask(patience)
            if not is_token(token.get("access_token")):
                raise ValueError("no access_token")  # noqa: TRY301 - told as any other unreadable answer
        except PluginError:
            raise
        except OAuthError as error:
            raise refusal(str(error.error), error.description, secrets) from None
        except requests.RequestException as error:
            answer = error.response
            error.request = error.response = None  # they hold what was sent
            if answer is not None:
                raise unavailable("failed", status=answer.status_code) from None
            raise NetworkError(
                f"could not renew the login: Atlassian's token endpoint did not answer ({type(error).__name__})",
                hint="Check the network, then try again.",
            ) from None
        except ValueError:
            raise unavailable("answered something that is no token", status=requests.codes.ok) from None
        finally:
            budget.add(patience)
        return token

    def _check_token_answer(self, response: requests.Response) -> requests.Response:
        """Stop at answers of the token endpoint that are not about tokens."""
        error = not_about_tokens(response.status_code, response.headers, now=self._clock())
        if error is not None:
            raise error
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


def token_of(request: requests.PreparedRequest) -> str | None:
    """Return the access token that a request was sent with."""
    value = request.headers.get("Authorization")
    return value.removeprefix("Bearer ") if isinstance(value, str) else None
