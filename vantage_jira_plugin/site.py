"""The site of a connection: which one is in use, and what is kept of it. What is asked of it is not known here."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .auth.sites import choose_site, jira_sites, matches
from .errors import CancelledError
from .operations import Operation
from .writing.recent import RecentWrites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .auth.login import Login
    from .auth.record import CredentialRecord
    from .contract import SharedState, Site
    from .fields.names import FieldCatalogue
    from .settings import Settings
    from .transport.budget import Budget

__all__ = ["SiteChoice", "SiteFacts"]

#: How long the list of fields is believed.
_CATALOGUE_SECONDS = 600.0
#: Not an operation of Jira's, and no points.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/ (2026-09-26).
_ACCESSIBLE_RESOURCES = Operation(
    "GET",
    "/oauth/token/accessible-resources",
    "list the sites of this login",
    scopes=frozenset(),
    granular=frozenset(),
    answer=list,
)


class SiteFacts:
    """What one connection has learnt about its site and keeps between actions.

    Args:
        shared: the state that the host's workers share, or None.
        clock: epoch seconds.
        monotonic: seconds that never jump.
    """

    def __init__(
        self,
        *,
        shared: SharedState | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.shared = shared
        self.recent = RecentWrites(shared, clock=clock)
        self._monotonic = monotonic
        self._catalogue: tuple[float, str, FieldCatalogue] | None = None
        #: The site that this connection's own settings mean; other connections of the login may mean another.
        self.chosen: Site | None = None
        #: Points of the hour, where answers tell of a quota that is in force.
        self.hourly_points: int | None = None
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


class SiteChoice:
    """Which site one action uses; what is chosen is kept in the facts and in the record.

    Args:
        ask: does an operation that belongs to no site.
    """

    def __init__(
        self, login: Login, settings: Settings, facts: SiteFacts, budget: Budget, *, ask: Callable[[Operation], Any]
    ) -> None:
        self._login = login
        self._settings = settings
        self._facts = facts
        self._budget = budget
        self._ask = ask

    @property
    def url(self) -> str | None:
        """Address of the site in use, for people; None before it is resolved."""
        chosen = self._facts.chosen
        return chosen["url"] if chosen is not None else self._login.record.site_url

    @property
    def cloud_id(self) -> str | None:
        """Cloud id of the site in use; None before it is resolved."""
        chosen = self._facts.chosen
        return chosen["cloudId"] if chosen is not None else self._login.record.cloud_id

    def reached(self) -> list[Site]:
        """List the Jira sites that the login reaches."""
        return jira_sites(self._ask(_ACCESSIBLE_RESOURCES))

    def known(self, record: CredentialRecord) -> Site | None:
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
        return site if matches(site, self._settings) else None

    def resolved(self) -> Site:
        """Return the site in use, resolving it once.

        What the settings choose is kept for this connection alone; it is stored in the record only
        where that has no site yet, so that connections of one login do not move each other's.

        Raises:
            ChooseSiteError: none or several match the settings.
        """
        site = self.known(self._login.ready(self._budget))
        if site is not None:
            return site
        with self._resolving():
            record = self._login.ready(self._budget)
            site = self.known(record)
            if site is None:
                site = choose_site(self.reached(), self._settings, record.cloud_id)
                self._facts.gone = None
                if self._chooses:
                    self._facts.chosen = site
                if not self._chooses or record.cloud_id is None:
                    self._login.remember_site(site, self._budget)
            return site

    def settle(self, preferred_cloud_id: str | None) -> None:
        """Resolve the site of a grant that is new, preferring the one that was used before.

        Raises:
            ChooseSiteError: none or several match the settings.
        """
        with self._resolving():
            sites = self.reached()
            reached = any(site["cloudId"] == preferred_cloud_id for site in sites)
            site = choose_site(sites, self._settings, preferred_cloud_id if reached else None)
            self._facts.gone = None
            self._facts.chosen = site if self._chooses else None
            self._login.remember_site(site, self._budget)

    @property
    def _chooses(self) -> bool:
        """Whether the settings say which site is meant."""
        return self._settings.site_url is not None or self._settings.site_name is not None

    @contextmanager
    def _resolving(self) -> Iterator[None]:
        """Resolve the site in one thread at a time.

        Raises:
            CancelledError: another one did, for longer than the caller waits.
        """
        if not self._facts.resolving.acquire(timeout=self._budget.remaining_seconds):
            raise CancelledError(
                f"the site was being resolved, and the {self._budget.seconds:g} s that the caller waits are over",
                hint="Give the action more time (context.timeoutSeconds).",
            )
        try:
            yield
        finally:
            self._facts.resolving.release()
