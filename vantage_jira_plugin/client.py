"""The Jira client: one call, and the connection's cached facts. It knows no action and no status code."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import requests
import urllib3

from .auth.sites import choose_site, jira_sites, same_site_url
from .errors import NetworkError, PluginError, UnknownOutcomeError
from .fields.names import FieldCatalogue
from .operations import LIST_FIELDS, Operation
from .transport.responses import decipher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .auth.session import JiraSession
    from .contract import Site
    from .settings import Settings
    from .transport.budget import Budget

__all__ = ["JiraClient", "SiteFacts"]

#: How long the list of fields is believed.
_CATALOGUE_SECONDS = 600.0
#: Failures of requests that come before anything is sent.
_BEFORE_SENDING = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.SSLError,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
)
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
        session: the login.
        budget: what the action may still use.
        warnings: texts for the action's metadata.
    """

    def __init__(
        self,
        session: JiraSession,
        settings: Settings,
        api_url: str,
        facts: SiteFacts,
        budget: Budget,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.budget = budget
        self.warnings: list[str] = []
        self.session = session
        self._api_url = api_url
        self._facts = facts
        self._clock = clock

    # ---- the site ---------------------------------------------------------------------------

    def sites(self) -> list[Site]:
        """List the Jira sites that the login reaches."""
        return jira_sites(self._answer(ACCESSIBLE_RESOURCES, self._api_url, {}, None, None))

    def site(self) -> Site:
        """Return the site in use, resolving it once and storing what was found.

        Raises:
            ChooseSiteError: none or several match the settings.
        """
        record = self.session.ready(self.budget)
        known = record.cloud_id is not None and record.site_url is not None
        meant = (self.settings.site_url is None or same_site_url(record.site_url, self.settings.site_url)) and (
            self.settings.site_name is None or self.settings.site_name.casefold() == (record.site_name or "").casefold()
        )
        if not (known and meant):
            chosen = choose_site(self.sites(), self.settings, record.cloud_id)
            record = self.session.remember_site(chosen, self.budget)
        return {
            "cloudId": record.cloud_id or "",
            "name": record.site_name or "",
            "url": record.site_url or "",
            "scopes": list(record.scopes or ()),
        }

    @property
    def site_url(self) -> str | None:
        """Address of the site in use, for people; None before it is resolved."""
        return self.session.record.site_url

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

    def _answer(
        self,
        operation: Operation,
        base: str,
        path: Mapping[str, str],
        query: Mapping[str, Any] | None,
        body: Any,
    ) -> Any:
        try:
            response = self.session.send_signed(
                operation.method, base + operation.path(path), budget=self.budget, params=query, body=body
            )
        except requests.RequestException as error:
            raise _no_answer(operation, error, self.budget) from error
        try:
            return decipher(operation, response.status_code, response.headers, response.content, now=self._clock())
        except PluginError as error:
            self._add_wait(error)
            raise

    def _add_wait(self, error: PluginError) -> None:
        """Say how long to wait where the refusal names no time of its own."""
        if error.code == "rate_limited" and error.retry_after_seconds is None:
            error.retry_after_seconds = self.settings.retry_after_seconds


def _no_answer(operation: Operation, error: requests.RequestException, budget: Budget) -> PluginError:
    """Say what a missing answer means. The one place that translates requests' exceptions."""
    if budget.remaining_seconds <= 0:
        reason = f"no answer within the {budget.seconds:g} s that the caller waits"
    elif isinstance(error, requests.Timeout):
        reason = "no answer in time"
    elif isinstance(error, requests.exceptions.SSLError):
        reason = "no secure connection (TLS)"
    elif isinstance(error, requests.exceptions.ProxyError):
        reason = "the proxy could not be reached"
    else:
        reason = "the connection broke"
    if operation.writes and not _before_sending(error):
        return UnknownOutcomeError(
            f"Jira may or may not have done it ({operation.does}): {reason}",
            hint="Look in Jira whether it happened before doing it again.",
        )
    return NetworkError(f"could not {operation.does}: {reason}", hint="Check the network, then try again.")


def _before_sending(error: requests.RequestException) -> bool:
    """Tell whether a failure came before the request was sent, so that it cannot have acted."""
    if isinstance(error, _BEFORE_SENDING):
        return True
    reason = error.args[0] if error.args else None
    reason = getattr(reason, "reason", reason)
    return isinstance(reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.NameResolutionError))
