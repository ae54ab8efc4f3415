"""One call of a synchronisation: goes on where its state stands, and hands out rows and the next state.

It decides nothing about times, queries and fates: that is in `window`, `queries` and `census`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.errors import InputError, JiraInvalidError, PluginError
from vantage_jira_plugin.fields.system import needs_catalogue
from vantage_jira_plugin.reading.fetched import ended_by
from vantage_jira_plugin.reading.pull import pull
from vantage_jira_plugin.reading.rows import issue_table

from .beginning import begun, counts
from .census import is_old, told_lately
from .columns import columns_changed
from .counting import Counting, warn_of_unsettled
from .items import Plan
from .queries import chain_query, clauses_of
from .roster import Draft
from .state import Census, digest_of_projects
from .window import advanced, fallen_back, kept_from_ms, mark_after, next_chain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.reading.pull import Pulled

    from .beginning import Wish
    from .counting import Outcome
    from .items import Item
    from .state import State
    from .window import Chain

__all__ = ["synced"]

#: A state of more bytes comes with a warning: callers keep states in places that are made for small values.
_LARGE_STATE_BYTES = 1_000_000
#: Issues of one read, less than half of an hour's points, of which the smallest quota has 65,000.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/.
_STEP_ROWS = 30_000


def synced(jira: JiraClient, wish: Wish) -> Table:
    """Return what changed since the state, and the next state.

    Raises:
        InputError: the query has an order, or the state is not one of this query.
        JiraInvalidError: Jira does not understand the query.
    """
    return _Call(jira, wish, begun(jira, wish)).table()


class _Call:
    """One call; its rows, and its state as it is so far."""

    def __init__(self, jira: JiraClient, wish: Wish, state: State) -> None:
        self._jira = jira
        self._wish = wish
        self._clauses = clauses_of(wish.jql)
        catalogue = jira.catalogue() if needs_catalogue(wish.fields) else None
        self._plan = Plan(issue_table(wish.fields, catalogue), jira.site_url)
        self._state = state
        self._draft = Draft(state.roster)
        self._delivered = dict(state.delivered)
        self._allowed = digest_of_projects(jira.settings.allowed_projects)
        self._told = told_lately(state.unsettled, state.counted_at, jira.now)
        self._rows: list[dict[str, Any]] = []
        self._has_read = False

    def table(self) -> Table:
        """Do what there is to do, as far as rows, time and points reach."""
        columns = self._plan.columns
        self._jira.warnings += columns_changed(self._state.columns, columns)
        reason = self._read_on()
        self._state = replace(
            self._state,
            columns=tuple((column["name"], column["type"]) for column in columns),
            roster=self._draft.roster(),
            delivered=self._delivered,
        )
        text = self._state.to_text()
        if len(text) > _LARGE_STATE_BYTES:
            self._jira.warnings.append(
                f"the state has {len(text)} bytes, for {len(self._state.roster)} issues: keep it where that much fits, "
                "or divide the query"
            )
        return Table(columns, self._rows, reason, state=text)

    def _read_on(self) -> str | None:
        """Read what is to be read; return why that is not all, or None."""
        while True:
            chain = self._state.chain or self._next_chain()
            goes_on = self._state.chain is not None
            reason = self._read(chain)
            if reason is not None or self._state.mark_ms is None:
                return reason
            # What changed since an earlier call began a read may not be in it.
            if not goes_on:
                return None if chain.kind == "whole" else self._count()

    def _next_chain(self) -> Chain:
        """Return the read that follows a finished one."""
        return next_chain(self._state.mark_ms, self._wish.look_back_minutes, self._now_ms)

    def _read(self, chain: Chain) -> str | None:
        """Read a chain to its end, or until rows, time or points are spent; return why it is not at its end."""
        wanted = self._step
        while True:
            self._state = replace(self._state, chain=chain)
            reason = self._why_stop()
            if reason is not None:
                return reason
            try:
                pulled = self._pulled(chain, wanted)
            except PluginError as error:
                reason = ended_by(self._jira, error) if self._has_read else None
                if reason is None:
                    raise
                return reason
            if pulled is None:
                chain = fallen_back(chain)
                continue
            self._has_read = True
            before = len(self._rows)
            taken = self._take(chain, pulled.items)
            if pulled.incomplete_reason == "jira_warning":
                # Anything may lack in it, also before its last issue: it is read once more, and what was told is known.
                self._state = replace(self._state, chain=replace(self._next_chain(), began_ms=chain.began_ms))
                return pulled.incomplete_reason
            chain = advanced(chain, [(item.created_ms, item.updated_ms) for item in pulled.items[:taken]])
            cut = taken < len(pulled.items)
            if pulled.incomplete_reason is None and not cut:
                self._finish(chain)
                return None
            token = None if cut else pulled.next_page_token
            chain = replace(chain, token=token) if token else fallen_back(chain)
            self._state = replace(self._state, chain=chain)
            self._forget(chain)
            if not cut and pulled.incomplete_reason != "maxRows":
                return pulled.incomplete_reason
            # Without a token the same issues come again: more of them must be read to get past those that are known.
            wanted = self._step if token or len(self._rows) > before else 2 * wanted

    def _pulled(self, chain: Chain, wanted: int) -> Pulled[Item] | None:
        """Return the next issues of a chain; None where its token is not taken any more.

        A token is good for seven days. Source: OpenAPI file, POST search/jql, nextPageToken.
        """
        try:
            return pull(
                self._jira,
                chain_query(self._clauses, chain),
                self._plan.request_fields,
                max_rows=wanted,
                make=self._plan.item,
                next_page_token=chain.token,
            )
        except (JiraInvalidError, InputError):
            if chain.token is None:
                raise
            return None

    def _take(self, chain: Chain, items: Sequence[Item]) -> int:
        """Hand out what is new, as far as there is room; return how many issues were gone through."""
        for place, item in enumerate(items):
            if not self._is_told(chain, item):
                if self._room <= 0:
                    return place
                self._deliver(item, self._draft.key_of(item.id))
        return len(items)

    def _is_told(self, chain: Chain, item: Item) -> bool:
        """Tell whether an issue was handed out as it is read now, or as it is since: Jira's index may fall back."""
        known = self._draft.key_of(item.id)
        told_ms = self._delivered.get(item.id)
        if told_ms is None or item.updated_ms is None:
            return chain.kind == "whole" and known is not None
        return item.updated_ms < told_ms or (item.updated_ms == told_ms and known in {None, item.key})

    def _deliver(self, item: Item, known: str | None) -> None:
        """Hand out an issue that the query finds."""
        row = item.row
        row["change"] = "created" if known is None else "updated" if known == item.key else "moved"
        row["previousKey"] = known if known != item.key else None
        self._rows.append(row)
        self._draft.put(item.id, item.key)
        if item.updated_ms is not None:
            self._delivered[item.id] = item.updated_ms

    def _finish(self, chain: Chain) -> None:
        """Note that a chain has come to its end."""
        state = replace(self._state, chain=None, mark_ms=mark_after(chain, self._state.mark_ms, self._now_ms))
        if chain.kind == "whole":
            state = replace(state, counted_at=chain.began_ms / 1000, allowed=self._allowed)
        self._state = state
        self._forget(None)

    def _forget(self, chain: Chain | None) -> None:
        """Forget what was delivered and is not read again."""
        since = kept_from_ms(chain, self._state.mark_ms, self._wish.look_back_minutes)
        if since is not None:
            self._delivered = {issue_id: at for issue_id, at in self._delivered.items() if at >= since}

    def _count(self) -> str | None:
        """Count ids where that is due, and hand out what became of those that are not found."""
        if not counts(self._jira, self._wish, self._state):
            warn_of_unsettled(self._jira, self._state.unsettled)
            return None
        while True:
            if (stopped := self._why_stop()) is not None:
                return stopped
            census = self._state.census or Census(self._jira.now)
            outcome = self._outcome(census)
            self._state, reason = replace(self._state, census=outcome.census), outcome.incomplete_reason
            if outcome.counted_at is None:
                return reason
            told = reason is not None and reason == self._told
            counted_at = self._state.counted_at if told else outcome.counted_at
            self._state = replace(self._state, counted_at=counted_at, allowed=self._allowed, unsettled=reason)
            # What an earlier call had counted, or begun to count long ago, says little of what is gone now.
            says_little = census.counted or is_old(outcome.counted_at, self._jira.now)
            if not says_little or not counts(self._jira, self._wish, self._state):
                return None if told else reason

    def _outcome(self, census: Census) -> Outcome:
        """Go on with a count, and hand out what it shows."""
        counting = Counting(self._jira, self._clauses, self._plan, census)
        outcome = counting.outcome(self._draft.roster(), room=self._room, confirmed=self._wish.confirm_deletions)
        for item in outcome.found:
            self._deliver(item, self._draft.key_of(item.id))
        for issue_id, row in outcome.gone:
            self._rows.append(row)
            self._draft.drop(issue_id)
        return outcome

    def _why_stop(self) -> str | None:
        return "maxRows" if self._room <= 0 else self._jira.why_stop()

    @property
    def _step(self) -> int:
        """How many issues are read at once, so that a limit of Jira's does not undo all that was read before it."""
        return min(self._room, _STEP_ROWS)

    @property
    def _room(self) -> int:
        return self._wish.max_rows - len(self._rows)

    @property
    def _now_ms(self) -> int:
        return int(self._jira.now * 1000)
