"""The login of one connection: which record is in use, when its token is renewed, what is stored. No authlib.

A token is renewed inside `credentials.exclusive`: lock, read again, refresh only if still needed,
save, then use.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import (
    CredentialStoreError,
    JiraUnavailableError,
    NetworkError,
    RateLimitedError,
    ReconnectError,
    SettingsError,
)
from vantage_jira_plugin.telemetry import Telemetry
from vantage_jira_plugin.transport.responses import doubts_token

from .record import CredentialRecord, iso_datetime
from .refusals import grant_refused
from .session import EXCHANGE_ATTEMPTS, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

    from vantage_jira_plugin.contract import HostServices, Site
    from vantage_jira_plugin.settings import Settings
    from vantage_jira_plugin.transport.budget import Budget
    from vantage_jira_plugin.transport.traffic import Passage

    from .session import JiraSession
    from .store import HeldRecord, RecordStore

__all__ = ["Login"]

#: Longest wait for another worker that renews the same token; longer than its longest exchange.
LOCK_TIMEOUT_SECONDS = 60.0
#: How long a record read from the store is believed before it is read again, so that a reconnect or
#: disconnect elsewhere is noticed.
RECHECK_SECONDS = 5.0
#: After a renewal failed, a token that is still good serves so long before it is tried again.
_RENEWAL_PAUSE_SECONDS = 10.0
_RECONNECT_HINT = "Connect the Jira site again."
#: Failures that say nothing about the grant.
_TEMPORARY = (CredentialStoreError, JiraUnavailableError, NetworkError, RateLimitedError)


class Login:
    """The login that a connection's requests are sent with; many threads may use it at once.

    Args:
        clock: epoch seconds.
        monotonic: seconds that never jump.
        telemetry: is told of renewals.
    """

    def __init__(
        self,
        settings: Settings,
        services: HostServices,
        store: RecordStore,
        session: JiraSession,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        seed_serves: bool = True,
        telemetry: Telemetry | None = None,
    ) -> None:
        self._settings = settings
        self._services = services
        self._store = store
        self._session = session
        self._clock = clock
        self._monotonic = monotonic
        self._telemetry = telemetry or Telemetry()
        self._renewing = threading.Lock()
        self._record: CredentialRecord | None = None
        self._read_at = float("-inf")
        self._renewal_failed_at = float("-inf")
        #: Whether the settings' record still stands in for a stored one. Once a stored record was seen, its
        #: absence means that somebody disconnected.
        self.seed_serves = seed_serves
        #: The refresh token that was exchanged, and what came for it, where that could not be stored yet.
        self._unsaved: tuple[str | None, CredentialRecord] | None = None
        #: A token that Jira refused although it had just been renewed; renewing it again cures nothing.
        self._refused_token: str | None = None

    # ---- the record in use ------------------------------------------------------------------

    @property
    def record(self) -> CredentialRecord:
        """The record in use, as last read; empty before the first read."""
        return self._record or CredentialRecord()

    def _use(self, record: CredentialRecord) -> CredentialRecord:
        self._record = record
        self._read_at = self._monotonic()
        self._session.use(record.access_token)
        return record

    def or_seed(self, stored: CredentialRecord | None) -> CredentialRecord:
        """Return a record as read from the store, else the settings' one while it serves, else an empty one."""
        if stored is not None:
            self.seed_serves = False
            return stored
        return self._settings.seed if self.seed_serves else CredentialRecord()

    def _known(self, stored: CredentialRecord | None) -> CredentialRecord:
        """Return a record as read from the store, or the settings' one where none is stored yet.

        Raises:
            ReconnectError: it was stored, and is not any more.
        """
        if stored is None and not self.seed_serves:
            self._forget()
            raise ReconnectError("this login was disconnected", hint=_RECONNECT_HINT)
        return self.or_seed(stored)

    def _forget(self) -> None:
        self.seed_serves = False
        self._unsaved = None
        self._record = None
        self._session.use(None)

    def load(self, *, afresh: bool = False) -> CredentialRecord:
        """Return the record in use, reading the store where the last reading is not fresh.

        Raises:
            CredentialStoreError: the store failed.
            ReconnectError: the login was disconnected.
        """
        if afresh or self._record is None or self._monotonic() - self._read_at > RECHECK_SECONDS:
            return self._use(self._known(self._store.read()))
        return self._record

    def ready(self, budget: Budget) -> CredentialRecord:
        """Make sure that the token in use will serve the next request; return its record.

        A token that is due but still good serves on where it cannot be renewed for the moment.

        Raises:
            ReconnectError: there is no usable grant.
            PluginError: the token could not be renewed for now.
        """
        record = self.load()
        now = self._clock()
        if not record.is_due(now) and record.refused is None:
            return record
        still_good = not record.has_expired(now) and record.refused is None
        if still_good and self._monotonic() - self._renewal_failed_at < _RENEWAL_PAUSE_SECONDS:
            return record
        try:
            return self.renew(record.access_token, budget, attempts=1 if still_good else EXCHANGE_ATTEMPTS)
        except _TEMPORARY:
            self._renewal_failed_at = self._monotonic()
            if record.has_expired(self._clock()):
                raise
            return record

    # ---- requests ---------------------------------------------------------------------------

    def send(
        self,
        method: str,
        url: str,
        *,
        passage: Passage,
        params: Any = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request with a token that is good, renewing it once where the answer says it is not.

        The answer that was doubted, where the request was repeated, is in the `history` of the one that is returned.

        Raises:
            PluginError: no usable token.
            requests.RequestException: no answer.
        """
        budget = passage.budget
        self.ready(budget)
        response = self._session.call(method, url, passage=passage, params=params, body=body, headers=headers)
        used = token_of(response.request)
        doubt = self._doubt(response, used)
        if doubt is not None and self._replaced(used, doubt, budget):
            budget.count(retries=1)
            doubted = response
            response = self._session.call(method, url, passage=passage, params=params, body=body, headers=headers)
            response.history = [doubted]
            if self._doubt(response, None) == "refused":
                self._refused_token = token_of(response.request)
        return response

    def _doubt(self, response: requests.Response, used: str | None) -> str | None:
        """Tell whether an answer speaks of an expired token: `refused`, `perhaps`, or None.

        What a 403 or 404 leaves open is settled by what is known of the token: it counts only where the
        token is due, its expiry is not known, or somebody has replaced it meanwhile.
        """
        doubt = doubts_token(response.status_code, response.content)
        if doubt == "refused":
            return None if used is not None and used == self._refused_token else doubt
        record = self.record
        if doubt is None or used != record.access_token:
            return doubt
        renewable = record.refresh_token is not None or self._settings.service_account
        return doubt if renewable and (record.expires_at is None or record.is_due(self._clock())) else None

    def _replaced(self, used: str | None, doubt: str, budget: Budget) -> bool:
        """Replace the token that an answer speaks of; False where the answer has to stand."""
        try:
            self.renew(used, budget)
        except _TEMPORARY:
            if doubt == "refused":
                raise
            return False
        return True

    def renew_request(self, request: requests.PreparedRequest, budget: Budget) -> None:
        """Put the token in use on a request that has waited, renewing it where it is due by now."""
        if token_of(request) is not None:
            record = self.ready(budget)
            request.headers["Authorization"] = f"Bearer {record.access_token}"

    # ---- renewal ----------------------------------------------------------------------------

    @contextmanager
    def _held(self, budget: Budget) -> Iterator[HeldRecord]:
        """Hold the record against other threads of this connection, then against everybody."""
        if not self._renewing.acquire(timeout=min(LOCK_TIMEOUT_SECONDS, budget.remaining_seconds)):
            raise CredentialStoreError(
                "the login is being renewed, and this call could not wait for it", hint="Try again."
            )
        try:
            timeout_seconds = min(LOCK_TIMEOUT_SECONDS, budget.remaining_seconds)
            with self._store.exclusive(timeout_seconds=timeout_seconds) as held:
                yield held
        finally:
            self._renewing.release()

    def renew(self, stale: str | None, budget: Budget, *, attempts: int = EXCHANGE_ATTEMPTS) -> CredentialRecord:
        """Replace the stale access token, unless somebody else has done so already.

        Raises:
            ReconnectError: the grant is gone; remembered in the record, so that it is asked once.
            CredentialStoreError: the record could not be locked or stored.
            SettingsError: Atlassian refuses the client id or secret.
            PluginError: the token endpoint did not answer usably; the refresh token is kept.
        """
        if self._record is not None and self._serves(self._record, stale):
            return self._record
        with self._held(budget) as held:
            record = self._known(held.record)
            if not self._serves(record, stale):
                record = self._refreshed(record, stale, held, budget, attempts)
            return self._use(record)

    def _serves(self, record: CredentialRecord, stale: str | None) -> bool:
        return record.refused is None and record.access_token != stale and not record.is_due(self._clock())

    def _refreshed(
        self, record: CredentialRecord, stale: str | None, held: HeldRecord, budget: Budget, attempts: int
    ) -> CredentialRecord:
        record = self._saved_late(record, held)
        if self._serves(record, stale):
            return record
        if record.refused is not None:
            self._use(record)
            raise grant_refused(record.refused)
        if record.refresh_token is None and not self._settings.service_account:
            self._use(record)
            raise ReconnectError(_why_no_token(record), hint=_RECONNECT_HINT)
        secret = self.secret()
        # Noted before anything is sent: a store that cannot be written must not cost a refresh token, and a
        # refusal after a worker was killed in here can be explained.
        held.save(replace(record, renewal_tried_at=record.renewal_tried_at or self._clock()))
        try:
            token = self._new_token(record, secret, budget, attempts)
        except SettingsError:
            held.save(record)  # the exchange was answered, not cut off: nothing to note
            raise
        except ReconnectError as error:
            if self._settings.service_account:
                raise  # its id and secret stay what they are: nothing to remember, nobody to consent
            refused = replace(record, refused=error.message + _cut_off(record), renewal_tried_at=None)
            held.save(refused)
            self._use(refused)
            raise grant_refused(refused.refused or error.message) from None
        renewed = record.with_token(token, now=self._clock())
        self._unsaved = (record.refresh_token, renewed)
        held.save(renewed)
        self._unsaved = None
        self._telemetry.renewed()
        return renewed

    def _saved_late(self, record: CredentialRecord, held: HeldRecord) -> CredentialRecord:
        """Store what an earlier renewal got and could not store, where nothing newer is there."""
        if self._unsaved is None:
            return record
        exchanged, renewed = self._unsaved
        if exchanged == record.refresh_token and record.refused is None:
            record = replace(renewed, notes=record.notes)
            held.save(record)
        self._unsaved = None
        return record

    def _new_token(self, record: CredentialRecord, secret: str, budget: Budget, attempts: int) -> Any:
        if self._settings.service_account or record.refresh_token is None:
            return self._session.ask_for_own_token(secret=secret, budget=budget, attempts=attempts)
        return self._session.exchange_refresh_token(
            record.refresh_token, secret=secret, budget=budget, attempts=attempts
        )

    def secret(self) -> str:
        """Return the app's client secret.

        Raises:
            SettingsError: the host has none.
        """
        secret = self._services.client_secret(self._settings.service_id, self._settings.client_id)
        if not secret:
            text = "the host has no client secret for this client id"
            raise SettingsError(text, errors={"clientId": [text]}, hint="Give the host the app's client secret.")
        return secret

    def exchange_code(self, code: str, *, redirect_uri: str, code_verifier: str, budget: Budget) -> Any:
        """Return the token endpoint's JSON for an authorization code; see `JiraSession.exchange_code`."""
        return self._session.exchange_code(
            code, redirect_uri=redirect_uri, code_verifier=code_verifier, secret=self.secret(), budget=budget
        )

    # ---- what is stored besides -------------------------------------------------------------

    def remember_site(self, site: Site, budget: Budget) -> CredentialRecord:
        """Store which site the grant is used for; return the record in use."""
        with self._held(budget) as held:
            record = replace(
                self._known(held.record), cloud_id=site["cloudId"], site_name=site["name"], site_url=site["url"]
            )
            if record.scopes is None:
                record = replace(record, scopes=tuple(site["scopes"]))
            held.save(record)
            self.seed_serves = False
            return self._use(record)

    def notes(self) -> Mapping[str, Any]:
        """Return the plugin's own notes, as they are stored now.

        Raises:
            CredentialStoreError: the store failed.
        """
        return self.or_seed(self._store.read()).notes

    def annotate(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any] | None], budget: Budget) -> bool:
        """Replace the plugin's own notes in the record; where `change` returns None, leave them and return False.

        Raises:
            CredentialStoreError: the record could not be locked or stored.
            ReconnectError: the login was disconnected.
        """
        with self._held(budget) as held:
            record = self._known(held.record)
            notes = change(record.notes)
            if notes is None:
                return False
            held.save_whole(replace(record, notes=notes))
            self._use(self._known(held.record))
            return True

    def keep_alive(self, idle_seconds: float, budget: Budget) -> bool:
        """Renew a grant that has not been renewed for so long; tell whether it was.

        Raises:
            PluginError: as `renew`.
        """
        if not self.has_rested(idle_seconds):
            return False
        self.renew(self.record.access_token, budget)
        return True

    def has_rested(self, idle_seconds: float) -> bool:
        """Tell whether the grant, as it is stored now, was not renewed for so long, or is refused already."""
        record = self.load(afresh=True)
        rested = record.obtained_at is None or self._clock() - record.obtained_at >= idle_seconds
        return rested or record.refused is not None

    def adopt(self, record: CredentialRecord) -> None:
        """Put a record in use that was just stored."""
        self.seed_serves = False
        self._refused_token = None
        self._use(record)

    def disconnect(self, budget: Budget) -> None:
        """Forget the stored record and the token in use."""
        with self._held(budget) as held:
            held.delete()
            self._forget()


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
