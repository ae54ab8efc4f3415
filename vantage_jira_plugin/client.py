"""The Jira client: one call, and the connection's cached facts. It knows no action and no status code."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import urllib3

from .auth.sites import choose_site, jira_sites, matches
from .errors import NetworkError, PluginError, RateLimitedError, SiteGoneError, UnknownOutcomeError
from .fields.names import FieldCatalogue
from .operations import LIST_FIELDS, Operation
from .transport.responses import decipher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .auth.login import Login
    from .auth.record import CredentialRecord
    from .contract import Site
    from .settings import Settings
    from .transport.budget import Budget

__all__ = ["JiraClient", "SiteFacts"]

#: Pauses before each look for something whose answer was lost. Search is eventually consistent.
#: Source: https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/
_LOOK_AGAIN_SECONDS = (0.0, 2.0, 5.0)
#: How long the list of fields is believed.
_CATALOGUE_SECONDS = 600.0
#: Failures of requests that come before anything is sent. Others of its errors, such as SSLError and
#: InvalidHeader, are also raised for answers.
_BEFORE_SENDING = (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError, requests.exceptions.InvalidURL)
#: Reads accessible-resources; not an operation of Jira's, and no points.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26).
ACCESSIBLE_RESOURCES = Operation(
    "GET",
    "/oauth/token/accessible-resources",
    "list the sites of this login",
    scopes=frozenset(),
    granular=frozenset(),
    answer=list,
)


class SiteFacts:
    """What one connection has learnt about its site and keeps between actions."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._catalogue: tuple[float, str, FieldCatalogue] | None = None
        #: The site that this connection's own settings mean; other connections of the login may mean another.
        self.chosen: Site | None = None
        #: Cloud id of a site that the gateway did not know any more.
        self.gone: str | None = None
        self.resolving = threading.Lock()

    def catalogue(self, cloud_id: str) -> FieldCatalogue | None:
        """Return the site's list of fields, or None where it is not known or old."""
        if self._catalogue is None:
            return None
        read_at, of, catalogue = self._catalogue
        fresh = of == cloud_id and self._monotonic() - read_at < _CATALOGUE_SECONDS
        return catalogue if fresh else None

    def keep(self, cloud_id: str, catalogue: FieldCatalogue) -> None:
        """Remember the site's list of fields."""
        self._catalogue = (self._monotonic(), cloud_id, catalogue)


class JiraClient:
    """Calls Jira for one action.

    Attributes:
        settings: of the connection.
        login: what requests are sent with.
        budget: what the action may still use.
        progress: tells the host how far a long action has come: `(done, total or None, message)`.
        warnings: texts for the action's metadata.
    """

    def __init__(
        self,
        login: Login,
        settings: Settings,
        api_url: str,
        facts: SiteFacts,
        budget: Budget,
        *,
        progress: Callable[[int, int | None, str], None],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.login = login
        self.budget = budget
        self.progress = progress
        self.warnings: list[str] = []
        self._api_url = api_url
        self._facts = facts
        self._clock = clock
        self._sleep = sleep

    # ---- the site ---------------------------------------------------------------------------

    def sites(self) -> list[Site]:
        """List the Jira sites that the login reaches."""
        return jira_sites(self._answer(ACCESSIBLE_RESOURCES, self._api_url, {}, None, None))

    def site(self) -> Site:
        """Return the site in use, resolving it once.

        What the settings choose is kept for this connection alone; it is stored in the record only
        where that has no site yet, so that connections of one login do not move each other's.

        Raises:
            ChooseSiteError: none or several match the settings.
        """
        site = self._known_site(self.login.ready(self.budget))
        if site is not None:
            return site
        with self._facts.resolving:
            record = self.login.ready(self.budget)
            site = self._known_site(record)
            if site is None:
                site = choose_site(self.sites(), self.settings, record.cloud_id)
                self._facts.gone = None
                if self._chooses:
                    self._facts.chosen = site
                if not self._chooses or record.cloud_id is None:
                    self.login.remember_site(site, self.budget)
            return site

    def settle_site(self, preferred_cloud_id: str | None) -> None:
        """Resolve the site of a grant that is new, preferring the one that was used before.

        Raises:
            ChooseSiteError: none or several match the settings.
        """
        with self._facts.resolving:
            sites = self.sites()
            reached = any(site["cloudId"] == preferred_cloud_id for site in sites)
            site = choose_site(sites, self.settings, preferred_cloud_id if reached else None)
            self._facts.gone = None
            self._facts.chosen = site if self._chooses else None
            self.login.remember_site(site, self.budget)

    @property
    def _chooses(self) -> bool:
        """Whether the settings say which site is meant."""
        return self.settings.site_url is not None or self.settings.site_name is not None

    def _known_site(self, record: CredentialRecord) -> Site | None:
        """Return the site as far as it is known without asking."""
        if self._facts.chosen is not None:
            return self._facts.chosen
        if record.cloud_id is None or record.site_url is None or record.cloud_id == self._facts.gone:
            return None
        site: Site = {
            "cloudId": record.cloud_id,
            "name": record.site_name or "",
            "url": record.site_url,
            "scopes": list(record.scopes or ()),
        }
        return site if matches(site, self.settings) else None

    @property
    def site_url(self) -> str | None:
        """Address of the site in use, for people; None before it is resolved."""
        chosen = self._facts.chosen
        return chosen["url"] if chosen is not None else self.login.record.site_url

    def catalogue(self) -> FieldCatalogue:
        """Return the site's fields, read at most every ten minutes."""
        cloud_id = self.site()["cloudId"]
        known = self._facts.catalogue(cloud_id)
        if known is not None:
            self.budget.cache_hits += 1
            return known
        catalogue = FieldCatalogue.from_json(self.call(LIST_FIELDS))
        self._facts.keep(cloud_id, catalogue)
        return catalogue

    # ---- calls ------------------------------------------------------------------------------

    def call(
        self,
        operation: Operation,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """Do one operation on the site in use and return the data of its answer.

        Raises:
            PluginError: it failed; the class says whose move it is.
        """
        base = f"{self._api_url}/ex/jira/{self.site()['cloudId']}"
        data = self._answer(operation, base, path or {}, query, body)
        self.budget.points += 1 if operation.writes else 1 + operation.read_points(data)
        return data

    def write(self, operation: Operation, *, body: Any, find: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
        """Do an operation that makes something; where its answer is lost, look for what it made.

        It is never sent again. `find` returns what was made, or None where it is not there (yet: a
        search lags behind by seconds).

        Raises:
            UnknownOutcomeError: no answer came, and nothing was found.
            PluginError: it failed.
        """
        try:
            made: dict[str, Any] = self.call(operation, body=body)
        except UnknownOutcomeError as lost:
            found = self._found(find)
            if found is None:
                raise
            self.warnings.append(f"the answer was lost ({lost.message}), and what was made was found by its key")
            return found
        return made

    def _found(self, find: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        """Look for something that a search may not show at once; looking must not hide what was lost."""
        for pause_seconds in _LOOK_AGAIN_SECONDS:
            if pause_seconds >= self.budget.remaining_seconds:
                break
            self._sleep(pause_seconds)
            with contextlib.suppress(PluginError):
                found = find()
                if found is not None:
                    return found
        return None

    def _answer(
        self,
        operation: Operation,
        base: str,
        path: Mapping[str, str],
        query: Mapping[str, Any] | None,
        body: Any,
    ) -> Any:
        try:
            response = self.login.send(
                operation.method, base + operation.path(path), budget=self.budget, params=query, body=body
            )
        except requests.RequestException as error:
            error.request = None  # it holds the token, and causes travel into logs and reports
            raise _no_answer(operation, error, self.budget, urlsplit(base).netloc) from error
        try:
            return decipher(operation, response.status_code, response.headers, response.content, now=self._clock())
        except SiteGoneError:
            # A site that was moved, deleted or withdrawn from the grant: resolved anew when it is next needed.
            self._facts.gone, self._facts.chosen = self.login.record.cloud_id, None
            raise
        except PluginError as error:
            self._add_wait(error)
            raise

    def _add_wait(self, error: PluginError) -> None:
        """Say how long to wait where the refusal names no time of its own."""
        if isinstance(error, RateLimitedError) and error.retry_after_seconds is None:
            error.retry_after_seconds = self.settings.retry_after_seconds


def _no_answer(operation: Operation, error: requests.RequestException, budget: Budget, host: str) -> PluginError:
    """Say what a missing answer means. The one place that translates requests' exceptions."""
    if budget.remaining_seconds <= 0:
        reason = f"no answer within the {budget.seconds:g} s that the caller waits"
    elif isinstance(error, requests.Timeout):
        reason = "no answer in time"
    elif isinstance(error, requests.exceptions.SSLError):
        reason = "no secure connection (TLS)"
    elif isinstance(error, requests.exceptions.ProxyError):
        reason = "the proxy could not be reached"
    elif _before_sending(error):
        reason = "no connection could be made"
    else:
        reason = "the connection broke"
    if operation.writes and not _before_sending(error):
        return UnknownOutcomeError(
            f"Jira may or may not have done it ({operation.does}): {reason} ({host})",
            hint="Look in Jira whether it happened before doing it again.",
        )
    return NetworkError(
        f"could not {operation.does}: {reason} ({host})",
        hint="Check the network and the host's address, then try again.",
    )


def _before_sending(error: requests.RequestException) -> bool:
    """Tell whether a failure came before the request was sent, so that it cannot have acted."""
    if isinstance(error, _BEFORE_SENDING):
        return True
    reason = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    if isinstance(reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.NameResolutionError)):
        return True
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to what it was made of."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        yield from (part for part in cause.args if isinstance(part, BaseException))
        cause = cause.__cause__ or cause.__context__
