"""What a caller wants of a call, and where the call begins. It reads nothing but the site's id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .census import is_due
from .queries import chain_query, clauses_of
from .state import Owner, State, digest_of_projects, state_refused
from .window import fallen_back, is_ahead, next_chain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["Wish", "begun", "counts", "outlook"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants of a call.

    Attributes:
        jql: a query without an order.
        fields: of the rows, as `issue_table` takes them.
        state: text of an earlier call; None at the first.
        max_rows: most rows of the call.
        look_back_minutes: how late Jira's index may be.
        census_every: how often ids are counted, see `census.PERIODS`.
        census: count them now.
        confirm_deletions: believe that more than half of the issues are gone.
    """

    jql: str
    fields: Sequence[str]
    state: str | None
    max_rows: int
    look_back_minutes: int
    census_every: str
    census: bool
    confirm_deletions: bool


def begun(jira: JiraClient, wish: Wish) -> State:
    """Return where a call begins: the state handed in, or a new one.

    Raises:
        InputError: the query has an order, or the state is none, or another query's, fields' or site's, or of a time
            that has not come.
    """
    clauses_of(wish.jql)
    known = None if wish.state is None else State.from_text(wish.state)
    if known is not None:
        asked = Owner.of("", wish.jql, wish.fields)
        if known.owner.jql != asked.jql:
            raise state_refused("is of another query; leave it out to begin with a whole read")
        if known.owner.fields != asked.fields:
            raise state_refused("is of other fields; leave it out to begin with a whole read")
        if is_ahead(known.mark_ms, int(jira.now * 1000)):
            raise state_refused(
                "is of a time that has not come, so that a clock was or is wrong: correct the one here, or leave the "
                "state out to begin with a whole read"
            )
    owner = Owner.of(jira.site()["cloudId"], wish.jql, wish.fields)
    if known is not None and known.owner != owner:
        raise state_refused("is of another site; leave it out to begin with a whole read")
    return State(owner) if known is None else known


def outlook(jira: JiraClient, wish: Wish) -> tuple[str, int]:
    """Return the query of what a call would read, and how many ids it would count besides.

    Raises:
        InputError: as `begun`.
    """
    state = begun(jira, wish)
    clauses = clauses_of(wish.jql)
    if state.chain is not None:
        return chain_query(clauses, fallen_back(state.chain)), 0
    chain = next_chain(state.mark_ms, wish.look_back_minutes, int(jira.now * 1000))
    counted = state.mark_ms is not None and counts(jira, wish, state)
    return chain_query(clauses, chain), len(state.roster) if counted else 0


def counts(jira: JiraClient, wish: Wish, state: State) -> bool:
    """Tell whether ids are to be counted: wanted, under way, due, or for other projects than the last time."""
    others = state.allowed != digest_of_projects(jira.settings.allowed_projects)
    due = is_due(wish.census_every, state.counted_at, jira.now)
    return wish.census or state.census is not None or due or (others and wish.census_every != "never")
