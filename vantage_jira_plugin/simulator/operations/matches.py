"""Which issues a query finds, kept as long as it can find no others. What is shown of them is not known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.jql.errors import JqlError
from vantage_jira_plugin.simulator.jql.evaluation import compile_query
from vantage_jira_plugin.simulator.jql.parser import parse
from vantage_jira_plugin.simulator.messages import JiraRefusal

if TYPE_CHECKING:
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["matching_ids"]

#: Queries whose matches a site keeps. Chosen here: a count and the first page of each of some slices come together.
_KEPT = 64
#: Source of the text: recorded answer of 2026-10-08.
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."


def matching_ids(site: Site, account_id: str, jql: str, reconcile: frozenset[int]) -> tuple[int, ...]:
    """Return the ids of the issues that match a bounded query, in its order.

    Raises:
        JiraRefusal: it is no query, not bounded, or names what is not there.
    """
    try:
        query = parse(jql)
        if query.where is None:
            raise JiraRefusal(400, _UNBOUNDED)
        compiled = compile_query(site, account_id, query)
    except JqlError as error:
        raise JiraRefusal(400, *error.messages) from None
    # A lagging index, and a query that counts from now, find others as time goes by.
    lasts = compiled.timeless and site.index_lag_seconds <= 0
    state = site.state() if lasts else None
    kept = site.matches.get((account_id, jql)) if lasts else None
    if kept is not None and kept[0] == state:
        return kept[1]
    found = tuple(issue.id for issue in compiled.run(site.indexed(account_id, reconcile, compiled.created)))
    if lasts:
        site.matches[account_id, jql] = (state, found)
        if len(site.matches) > _KEPT:
            site.matches.popitem(last=False)
    return found
