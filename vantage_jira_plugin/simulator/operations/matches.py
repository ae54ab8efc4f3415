"""Which issues a query finds, kept as long as it can find no others. What is shown of them is not known here."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator import searchindex
from vantage_jira_plugin.simulator.creations import ALWAYS, Creations
from vantage_jira_plugin.simulator.jql.errors import JqlError
from vantage_jira_plugin.simulator.jql.evaluation import compile_query
from vantage_jira_plugin.simulator.jql.parser import parse
from vantage_jira_plugin.simulator.messages import JiraRefusal
from vantage_jira_plugin.simulator.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.simulator.jql.compiled import Compiled
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["matching_count", "matching_ids"]

#: Queries whose matches a site keeps. Chosen here: a count and the first page of each of some slices come together.
_KEPT = 64
#: Queries of which a site keeps what they find at any time of creation. Chosen here: all slices of a query need one.
_NARROWED = 8
#: A query that looks at one of so many issues, or more, looks at all of them, so that its next slice need not.
_WORTH_ALL = 2
#: Source of the text: recorded answer of 2026-10-08.
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."


def matching_ids(site: Site, account_id: str, jql: str, reconcile: frozenset[int]) -> Sequence[int]:
    """Return the ids of the issues that match a bounded query, in its order.

    Raises:
        JiraRefusal: it is no query, not bounded, or names what is not there.
    """
    return _matching_ids(site, account_id, jql, _compiled(site, account_id, jql), reconcile)


def matching_count(site: Site, account_id: str, jql: str) -> int:
    """Return how many issues match a bounded query, without looking at any where it asks for times and projects only.

    Raises:
        JiraRefusal: it is no query, not bounded, or names what is not there.
    """
    compiled = _compiled(site, account_id, jql)
    if searchindex.is_shelved(site):
        if not compiled.rest:
            return site.creations.count(compiled.created, searchindex.browsed(site, account_id, compiled.project_ids))
        narrowed = _narrowed(site, account_id, compiled)
        if narrowed is not None:
            return narrowed.count(compiled.created)
    return len(_matching_ids(site, account_id, jql, compiled, frozenset()))


def _compiled(site: Site, account_id: str, jql: str) -> Compiled:
    try:
        query = parse(jql)
        if query.where is None:
            raise JiraRefusal(400, _UNBOUNDED)
        return compile_query(site, account_id, query)
    except JqlError as error:
        raise JiraRefusal(400, *error.messages) from None


def _matching_ids(
    site: Site, account_id: str, jql: str, compiled: Compiled, reconcile: frozenset[int]
) -> Sequence[int]:
    # A lagging index, and a query that counts from now, find others as time goes by.
    lasts = compiled.timeless and site.index_lag_seconds <= 0
    state = site.state() if lasts else None
    kept = site.matches.get((account_id, jql)) if lasts else None
    if kept is not None and kept[0] == state:
        return kept[1]
    found = _found(site, account_id, compiled, reconcile)
    if lasts:
        site.matches[account_id, jql] = (state, found)
        if len(site.matches) > _KEPT:
            site.matches.popitem(last=False)
    return found


def _found(site: Site, account_id: str, compiled: Compiled, reconcile: frozenset[int]) -> Sequence[int]:
    narrowed = _narrowed(site, account_id, compiled)
    if narrowed is not None:
        seen = Seen(site.issues, narrowed.within(compiled.created))
    else:
        indexed = searchindex.indexed(site, account_id, reconcile, compiled.created, compiled.project_ids)
        if not isinstance(indexed, Seen):
            return array("q", [issue.id for issue in compiled.run(indexed)])
        seen = indexed
        if compiled.rest:
            seen = Seen(site.issues, array("q", [issue.id for issue in compiled.beyond(seen.listed())]))
    ids = compiled.ordered_ids(seen.ids)
    if ids is None:
        issues = seen.listed()
        ids = array("q", [issue.id for issue in compiled.ordered(issues, [issue.values for issue in issues])])
    return ids


def _narrowed(site: Site, account_id: str, compiled: Compiled) -> Creations | None:
    """Return what the query finds at any time of creation; None where that is not known and not worth the while."""
    if not (compiled.rest and compiled.timeless and searchindex.is_shelved(site)):
        return None
    asked = (account_id, compiled.rest, compiled.project_ids)
    state = site.state()
    kept = site.narrowed.get(asked)
    if kept is not None and kept[0] == state:
        return kept[1]
    seen = searchindex.browsed(site, account_id, compiled.project_ids)
    if site.creations.count(compiled.created, seen) * _WORTH_ALL < site.creations.count(ALWAYS, seen):
        return None
    everything = searchindex.indexed(site, account_id, frozenset(), ALWAYS, compiled.project_ids)
    if not isinstance(everything, Seen):
        return None
    found = Creations.of((issue.values["created"], issue.id) for issue in compiled.beyond(everything.listed()))
    site.narrowed[asked] = (state, found)
    if len(site.narrowed) > _NARROWED:
        site.narrowed.popitem(last=False)
    return found
