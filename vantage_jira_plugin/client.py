"""The Jira client: one call, and the connection's cached facts. It knows no action and no status code."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from .auth.notes import RecordNotes
from .auth.sites import choose_site, jira_sites, matches
from .errors import CancelledError, NetworkError, PluginError, RateLimitedError, SiteGoneError
from .fields.names import FieldCatalogue
from .operations import LIST_FIELDS, Operation
from .points import answer_points, doubted_points, refusal_points
from .rehearsal import Estimate, WriteReached, planned_write
from .transport.backoff import jitter_factor
from .transport.failures import no_answer
from .transport.limits import GiveUp, RetryPolicy
from .transport.quota import quota_size
from .transport.responses import decipher
from .transport.traffic import Passage, Traffic
from .writing.ledger import Ledger, digest_of, name_of
from .writing.once import Once
from .writing.recent import RecentWrites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .auth.login import Login
    from .auth.record import CredentialRecord
    from .contract import SharedState, Site
    from .meter import Account
    from .settings import Settings
    from .telemetry import Telemetry
    from .transport.budget import Budget
    from .transport.gate import Gate
    from .writing.finder import Finder

__all__ = ["JiraClient", "SiteFacts"]

#: How long the list of fields is believed.
_CATALOGUE_SECONDS = 600.0
#: How failed reads are repeated.
_RETRIES = RetryPolicy()
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


class JiraClient:
    """Calls Jira for one action, which may read in several threads at once.

    Attributes:
        settings: of the connection.
        login: what requests are sent with.
        budget: what the action may still use.
        account: the points that it may spend, and spends.
        rehearsing: whether this is a dry run, which ends where it comes to a write.
        calls: operations done on the site.
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
        gate: Gate,
        telemetry: Telemetry,
        account: Account,
        progress: Callable[[int, int | None, str], None],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self.settings = settings
        self.login = login
        self.budget = budget
        self.account = account
        self.rehearsing = False
        self.calls = 0
        self.progress = progress
        self.warnings: list[str] = []
        self._api_url = api_url
        self._gate = gate
        self._telemetry = telemetry
        self._facts = facts
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter or jitter_factor
        self._counting = threading.Lock()
        self._reading = threading.Lock()

    # ---- the site ---------------------------------------------------------------------------

    def sites(self) -> list[Site]:
        """List the Jira sites that the login reaches."""
        traffic = self._traffic(ACCESSIBLE_RESOURCES, "", {})
        found, _ = self._answer(ACCESSIBLE_RESOURCES, self._api_url + ACCESSIBLE_RESOURCES.template, traffic)
        return jira_sites(found)

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
        with self._resolving():
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
        with self._resolving():
            sites = self.sites()
            reached = any(site["cloudId"] == preferred_cloud_id for site in sites)
            site = choose_site(sites, self.settings, preferred_cloud_id if reached else None)
            self._facts.gone = None
            self._facts.chosen = site if self._chooses else None
            self.login.remember_site(site, self.budget)

    @contextmanager
    def _resolving(self) -> Iterator[None]:
        """Resolve the site in one thread at a time.

        Raises:
            CancelledError: another one did, for longer than the caller waits.
        """
        if not self._facts.resolving.acquire(timeout=self.budget.remaining_seconds):
            raise CancelledError(
                f"the site was being resolved, and the {self.budget.seconds:g} s that the caller waits are over",
                hint="Give the action more time (context.timeoutSeconds).",
            )
        try:
            yield
        finally:
            self._facts.resolving.release()

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

    @property
    def cloud_id(self) -> str | None:
        """Cloud id of the site in use; None before it is resolved."""
        chosen = self._facts.chosen
        return chosen["cloudId"] if chosen is not None else self.login.record.cloud_id

    def catalogue(self) -> FieldCatalogue:
        """Return the site's fields, read at most every ten minutes."""
        cloud_id = self.site()["cloudId"]
        known = self._facts.catalogue(cloud_id)
        if known is not None:
            self.budget.count(cache_hits=1)
            return known
        catalogue = FieldCatalogue.from_json(self.call(LIST_FIELDS))
        self._facts.keep(cloud_id, catalogue)
        return catalogue

    @property
    def has_catalogue(self) -> bool:
        """Whether the site's fields are known without asking."""
        return self._facts.catalogue(self.site()["cloudId"]) is not None

    def may_touch(self, project_key: str) -> bool:
        """Tell whether the settings let this connection touch a project."""
        allowed = self.settings.allowed_projects
        return allowed is None or project_key.upper() in allowed

    @property
    def now(self) -> float:
        """The time, epoch seconds."""
        return self._clock()

    # ---- what may still be used -------------------------------------------------------------

    @property
    def used(self) -> Estimate:
        """What the action has used of the site so far; the login's own requests are not the action's."""
        return Estimate(self.calls, self.budget.points)

    def check_points(self) -> None:
        """Make sure that points may be spent; where the site is known, nothing is sent for that.

        Raises:
            BudgetSpentError: a budget of the settings is spent.
        """
        if self.account.limited:
            site = self._known_site(self.login.load()) or self.site()
            refused = self.account.refusal(site["cloudId"])
            if refused is not None:
                raise refused

    def why_stop(self) -> str | None:
        """Say why nothing further may be read: `timeout`, `points`, or None where it may."""
        if self.budget.remaining_seconds <= 0:
            return "timeout"
        spent = self.cloud_id is not None and self.account.refusal(self.cloud_id) is not None
        return "points" if spent else None

    def rows_afforded(self, wanted: int) -> int:
        """Return how many of the rows wanted the next page may have, so that it spends no more than is left.

        A row is a point, beside the request's own.
        """
        left = self.account.left
        return wanted if left is None else max(1, min(wanted, left - 1))

    @contextmanager
    def rows_reserved(self, wanted: int) -> Iterator[int]:
        """As `rows_afforded`, for pages that are read side by side: what one may spend, the others may not."""
        reserved = self.account.reserve(wanted + 1)
        try:
            yield max(1, reserved - 1)
        finally:
            self.account.release(reserved)

    @property
    def hourly_points(self) -> int | None:
        """Points that this app has in an hour, as Jira's answers tell; None where they tell of no quota in force."""
        return self._facts.hourly_points

    def pace(self, operation: Operation) -> float:
        """Return how many requests per second an operation may be asked now."""
        return self._gate.pace(self._traffic(operation, self.site()["cloudId"], {}))

    # ---- calls ------------------------------------------------------------------------------

    def call(
        self,
        operation: Operation,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        keep: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Do one operation on the site in use and return the data of its answer.

        With `keep` each of its `members` is replaced by what that makes of it, so that only one of them is in memory.
        Answers are read one at a time, however many threads ask: side by side they would only hold each other up.

        Raises:
            PluginError: it failed; the class says whose move it is.
        """
        self.rehearse(operation, path, query=query, body=body)
        cloud_id = self.site()["cloudId"]
        url = f"{self._api_url}/ex/jira/{cloud_id}{operation.path(path or {})}"
        traffic = self._traffic(operation, cloud_id, path or {})
        data, points = self._answer(operation, url, traffic, query=query, body=body, keep=keep)
        with self._counting:
            self.calls += 1
        self._spend(traffic, points)
        if operation.writes:
            self._facts.recent.note(cloud_id, data, created=operation.creates_issue)
        return data

    def rehearse(
        self,
        operation: Operation,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> None:
        """End a dry run where it comes to a write; do nothing in a real one. `call` sees to it.

        Whatever prepares a write, and must not happen in a dry run, calls this first.

        Raises:
            WriteReached: this is a dry run, and the operation writes.
        """
        if self.rehearsing and operation.writes:
            raise WriteReached(planned_write(operation, path or {}, query, body))

    def write(
        self,
        operation: Operation,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any,
        finder: Finder | None,
        inputs: Any = None,
    ) -> dict[str, Any]:
        """Do an operation that makes something, once for the key of its finder; without one, simply do it.

        What was made under the same key before comes as `{id, key?}`, with a warning. Whether the key comes again with
        the same inputs is told by the body, or by `inputs` (JSON data) where the body is a file or holds the time.

        Raises:
            UnknownOutcomeError: no answer came, and whether it happened is not known.
            WriteUnderWayError: another worker is doing the same.
            PluginError: it failed.
        """

        def send() -> dict[str, Any]:
            made: dict[str, Any] = self.call(operation, path, query=query, body=body)
            return made

        if finder is None:
            return send()
        cloud_id = self.site()["cloudId"]
        shared = self._facts.shared or RecordNotes(self.login, self.budget, clock=self._clock)
        once = Once(
            Ledger(shared),
            name_of(cloud_id, operation, finder.key),
            digest_of(path, body if inputs is None else inputs),
            finder,
            budget=self.budget,
            warnings=self.warnings,
            clock=self._clock,
            sleep=self._sleep,
        )
        if self.rehearsing:
            known = once.rehearsed()
            if known is not None:
                return known
            raise WriteReached(planned_write(operation, path or {}, query, body), finder.cost_of_after())
        made = once.run(send)
        self._facts.recent.note(cloud_id, made)
        return made

    # ---- what was written lately ------------------------------------------------------------

    def newest_number(self, project_key: str) -> int | None:
        """Return the highest number in a project that this host's workers know to be taken, or None."""
        return self._facts.recent.newest_number(self.site()["cloudId"], project_key)

    def keep_number(self, project_key: str, number: int) -> None:
        """Remember a number in a project that is known to be taken; 0 stands for none."""
        self._facts.recent.keep_number(self.site()["cloudId"], project_key, number)

    def fresh_issue_ids(self, next_page_token: str | None) -> list[int]:
        """Return the issues that a search shall see as they are: what was written lately, or the list of its token."""
        ids = self._facts.recent.ids_for(self.site()["cloudId"], next_page_token)
        if ids is None:
            self.warnings.append(
                "this page goes on with a search that was not begun here: issues that were written in the last minutes "
                "may be missing from it"
            )
        return ids or []

    def keep_issue_ids(self, next_page_token: str | None, ids: Sequence[int]) -> None:
        """Remember which issues the search of a token shall see as they are."""
        self._facts.recent.keep_for(next_page_token, ids)

    def _answer(
        self,
        operation: Operation,
        url: str,
        traffic: Traffic,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        keep: Callable[[Any], Any] | None = None,
    ) -> tuple[Any, int]:
        """Return the data of an answer, and its points; a read that failed for the moment is repeated a few times."""
        attempt = 0
        waited_seconds = 0.0
        while True:
            began_at = self.budget.remaining_seconds
            try:
                return self._answer_once(operation, url, traffic, query=query, body=body, keep=keep)
            except PluginError as error:
                self._spend(traffic, refusal_points(operation, error))
                # A NetworkError of a write came before anything was sent.
                if not error.passing or (operation.writes and not isinstance(error, NetworkError)):
                    raise
                decision = _RETRIES.decide(
                    attempt=attempt,
                    jitter=self._jitter(),
                    announced=error.retry_after_seconds,
                    waited_seconds=waited_seconds,
                    lost_seconds=began_at - self.budget.remaining_seconds,
                    patience_seconds=self.budget.remaining_seconds,
                )
                if isinstance(decision, GiveUp):
                    error.message += f" (tried {attempt + 1} times)" if attempt else ""
                    raise
            self._telemetry.waiting(decision.seconds, "failure", method=operation.method, template=operation.template)
            self._sleep(decision.seconds)
            waited_seconds += decision.seconds
            self.budget.count(waited_seconds=decision.seconds, retries=1)
            attempt += 1

    def _answer_once(
        self,
        operation: Operation,
        url: str,
        traffic: Traffic,
        *,
        query: Mapping[str, Any] | None,
        body: Any,
        keep: Callable[[Any], Any] | None,
    ) -> tuple[Any, int]:
        passage = Passage(self.budget, traffic)
        try:
            response = self.login.send(
                operation.method, url, passage=passage, params=query, body=body, headers=dict(operation.headers)
            )
        except requests.RequestException as error:
            error.request = None  # it holds the token, and causes travel into logs and reports
            raise no_answer(operation, error, self.budget, urlsplit(url).netloc) from error
        hourly = quota_size(response.headers)
        if hourly is not None:
            self._facts.hourly_points = hourly
        for doubted in response.history:
            self._spend(traffic, doubted_points(doubted.status_code, response.status_code))
        try:
            with self._reading:
                status, headers, content = response.status_code, response.headers, response.content
                data = decipher(operation, status, headers, content, now=self._clock(), keep=keep)
            return data, answer_points(operation, data)
        except SiteGoneError:
            # A site that was moved, deleted or withdrawn from the grant: resolved anew when it is next needed.
            self._facts.gone, self._facts.chosen = self.login.record.cloud_id, None
            raise
        except PluginError as error:
            self._add_wait(error)
            raise

    def _spend(self, traffic: Traffic, points: int) -> None:
        """Count the points of an answer that has come; what belongs to no site is not Jira's, and has none."""
        points = points if traffic.cloud_id else 0
        self.account.spend(points)
        self._gate.spent(traffic, points)

    def _traffic(self, operation: Operation, cloud_id: str, path: Mapping[str, str]) -> Traffic:
        """Return what a request is to Jira's limits."""
        return Traffic(
            client_id=self.settings.client_id,
            cloud_id=cloud_id,
            method=operation.method,
            template=operation.template,
            does=operation.does,
            issue=path.get("issueIdOrKey") if operation.writes else None,
            bulk=operation.bulk,
            background=self.account.work.priority == "background",
        )

    def _add_wait(self, error: PluginError) -> None:
        """Say how long to wait where the refusal names no time of its own."""
        if isinstance(error, RateLimitedError) and error.retry_after_seconds is None:
            error.retry_after_seconds = self.settings.retry_after_seconds
