"""OAuth 2.0 (3LO) with a person in it: where to send them, and what their coming back means.

Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26).
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from vantage_jira_plugin.errors import InputError, ReconnectError, SettingsError

from .record import CredentialRecord, PendingConsent, iso_datetime

if TYPE_CHECKING:
    from collections.abc import Collection

    from vantage_jira_plugin.contract import AuthorizeResult
    from vantage_jira_plugin.settings import Settings
    from vantage_jira_plugin.transport.budget import Budget

    from .login import Login
    from .store import RecordStore

__all__ = ["ConsentError", "finish_consent", "start_consent"]

#: How long a person may take on the consent page.
CONSENT_SECONDS = 900.0
#: Longest wait for the record while a consent starts or ends.
_LOCK_TIMEOUT_SECONDS = 30.0
#: Bytes of randomness in state and code verifier.
_RANDOM_BYTES = 32
#: Asked for beside the actions' scopes: without it there is no refresh token.
OFFLINE_ACCESS = "offline_access"


class ConsentError(ReconnectError):
    """The consent did not lead to a grant; `reason` says why."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, hint="Start connecting again.")
        self.reason = reason


def start_consent(
    store: RecordStore,
    settings: Settings,
    login: Login,
    *,
    auth_url: str,
    scopes: Collection[str],
    redirect_uri: str,
    now: float,
) -> AuthorizeResult:
    """Return where to send the person, and note in the record what the callback must match.

    The note lives in the store, so that the callback may arrive at another process.

    Raises:
        SettingsError: the connection is a service account's, or the host has no client secret.
        InputError: `redirect_uri` is not an absolute https (or loopback http) URL.
        CredentialStoreError: the note could not be stored.
    """
    if settings.service_account:
        text = "a service account logs in by itself: nobody consents"
        raise SettingsError(
            text, errors={"serviceAccount": [text]}, hint="Leave serviceAccount out to connect a person."
        )
    _check_redirect_uri(redirect_uri)
    login.secret()  # without it nobody needs to consent: the code could not be exchanged
    pending = PendingConsent(
        state=secrets.token_urlsafe(_RANDOM_BYTES),
        code_verifier=secrets.token_urlsafe(_RANDOM_BYTES),
        redirect_uri=redirect_uri,
        expires_at=now + CONSENT_SECONDS,
    )
    with store.exclusive(timeout_seconds=_LOCK_TIMEOUT_SECONDS) as held:
        held.save(replace(login.or_seed(held.record), pending=pending))
    query = {
        "audience": "api.atlassian.com",
        "client_id": settings.client_id,
        "scope": " ".join([*sorted(scopes), OFFLINE_ACCESS]),
        "redirect_uri": redirect_uri,
        "state": pending.state,
        "response_type": "code",
        "prompt": "consent",
        # Defence in depth: Atlassian accepts a challenge but does not document checking it.
        "code_challenge": _challenge(pending.code_verifier),
        "code_challenge_method": "S256",
    }
    return {
        "url": f"{auth_url}/authorize?{urlencode(query)}",
        "state": pending.state,
        "expiresAt": iso_datetime(pending.expires_at) or "",
    }


def finish_consent(
    store: RecordStore,
    login: Login,
    *,
    callback_url: str,
    state: str,
    now: float,
    budget: Budget,
) -> CredentialRecord:
    """Exchange the callback's code for a grant and store it; return the new record.

    The old grant, if any, stays in use until the new one is stored. Of the site only its id is kept,
    as a preference: the new consent may be for another one.

    Raises:
        ConsentError: declined, expired, or not the callback of this connection's consent.
        PluginError: the token endpoint or the store failed.
    """
    query = _query(callback_url)
    record = login.or_seed(store.read())
    pending = record.pending
    if pending is None or not _same(pending.state, state) or not _same(state, query.get("state", "")):
        raise ConsentError("state_mismatch", "this answer does not belong to a consent that was started here")
    if "error" in query:
        said = query.get("error_description") or query["error"]
        raise ConsentError("consent_declined", f"the consent was not given ({said[:200]})")
    if now > pending.expires_at:
        raise ConsentError("code_expired", "the consent took too long")
    if "code" not in query:
        raise ConsentError("state_mismatch", "the callback carries no code")
    try:
        token: Any = login.exchange_code(
            query["code"],
            redirect_uri=pending.redirect_uri,
            code_verifier=pending.code_verifier,
            budget=budget,
        )
    except ReconnectError as error:
        raise ConsentError("code_expired", f"the code of this consent is used up or expired: {error.message}") from None
    with store.exclusive(timeout_seconds=_LOCK_TIMEOUT_SECONDS) as held:
        noted = record if held.record is None else held.record  # other workers note what they write at any time
        fresh = CredentialRecord(notes=noted.notes, cloud_id=record.cloud_id).with_token(token, now=now)
        held.save(fresh)
    login.adopt(fresh)
    return fresh


def _query(url: object) -> dict[str, str]:
    """Return the parameters of a callback; what is no URL has none."""
    try:
        return {name: values[0] for name, values in parse_qs(urlsplit(str(url)).query).items()}
    except ValueError:
        return {}


def _check_redirect_uri(redirect_uri: object) -> None:
    try:
        parts = urlsplit(str(redirect_uri))
    except ValueError:
        parts = urlsplit("")
    loopback = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not (loopback or (parts.scheme == "https" and parts.hostname)):
        text = "must be an absolute https URL, or http on loopback, as registered for the app"
        raise InputError(f"redirect_uri {text}", errors={"redirect_uri": [text]})


def _challenge(code_verifier: str) -> str:
    """Return the S256 challenge of RFC 7636."""
    return urlsafe_b64encode(sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()


def _same(one: object, other: object) -> bool:
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
