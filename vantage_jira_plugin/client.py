"""The Jira client: what an action does everything with. It knows no action, no status code and no limit."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .auth.notes import RecordNotes
from .fields.names import FieldCatalogue
from .operations import LIST_FIELDS, Operation
from .rehearsal import Estimate, WriteReached, planned_write
from .site import SiteChoice
from .writing.ledger import Ledger, digest_of, name_of
from .writing.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .asking import Asker
    from .auth.login import Login
    from .contract import Site
    from .meter import Account
    from .settings import Settings
    from .site import SiteFacts
    from .transport.budget import Budget
    from .writing.finder import Finder

__all__ = ["JiraClient"]


class JiraClient:
    """Calls Jira for one action, which may read in several threads at once.

    Attributes:
        settings: of the connection.
        login: what requests are sent with.
        budget: what the action may still use.
        account: the points that it may spend, and spends.
        rehearsing: whether this is a dry run, which ends where it comes to a write.
        progress: tells the host how far a long action has come: `(done, total or None, message)`.
        warnings: texts for the action's metadata.
    """

    def __init__(
        self,
        login: Login,
        settings: Settings,
        facts: SiteFacts,
        budget: Budget,
        *,
        account: Account,
        asker: Asker,
        progress: Callable[[int, int | None, str], None],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.login = login
        self.budget = budget
        self.account = account
        self.rehearsing = False
        self.progress = progress
        self.warnings: list[str] = []
        self._asker = asker
        self._facts = facts
        self._site = SiteChoice(login, settings, facts, budget, ask=asker.ask)
        self._clock = clock
        self._sleep = sleep

    # ---- the site ---------------------------------------------------------------------------

    def sites(self) -> list[Site]:
        """List the Jira sites that the login reaches."""
        return self._site.reached()

    def site(self) -> Site:
        """Return the site in use, resolving it once.

        Raises:
            ChooseSiteError: none or several match the settings.
        """
        return self._site.resolved()

    def settle_site(self, preferred_cloud_id: str | None) -> None:
        """Resolve the site of a grant that is new, preferring the one that was used before.

        Raises:
            ChooseSiteError: none or several match the settings.
        """
        self._site.settle(preferred_cloud_id)

    @property
    def site_url(self) -> str | None:
        """Address of the site in use, for people; None before it is resolved."""
        return self._site.url

    @property
    def cloud_id(self) -> str | None:
        """Cloud id of the site in use; None before it is resolved."""
        return self._site.cloud_id

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
        return Estimate(self._asker.calls, self.budget.points)

    def check_points(self) -> None:
        """Make sure that points may be spent; where the site is known, nothing is sent for that.

        Raises:
            BudgetSpentError: a budget of the settings is spent.
        """
        if self.account.limited:
            site = self._site.known(self.login.load()) or self.site()
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
        return self._asker.pace(operation, self.site()["cloudId"])

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

        See `Asker.ask`.

        Raises:
            PluginError: it failed; the class says whose move it is.
        """
        self.rehearse(operation, path, query=query, body=body)
        cloud_id = self.site()["cloudId"]
        data = self._asker.ask(operation, cloud_id, path, query=query, body=body, keep=keep)
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
