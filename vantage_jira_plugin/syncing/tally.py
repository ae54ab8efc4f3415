"""The count itself: all ids that the query finds, over the calls that it takes. What it shows is not known here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vantage_jira_plugin.errors import InputError, JiraInvalidError, PluginError
from vantage_jira_plugin.reading.fetched import ended_by
from vantage_jira_plugin.reading.pull import pull
from vantage_jira_plugin.reading.sizes import MAX_PAGE_SIZE

from .items import identity
from .queries import census_query
from .state import Census

if TYPE_CHECKING:
    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.reading.pull import Pulled

__all__ = ["counted_on"]

#: Ids that are held before they are made small.
_HELD_IDS = 100_000
#: All that is asked for of an issue that is counted: a page then holds 5,000.
_COUNTED_FIELDS = ("key",)


def counted_on(jira: JiraClient, clauses: str, census: Census) -> tuple[Census, str | None]:
    """Read ids until all are counted; return how far that is, and why not to the end (None where it is).

    A page is a read of its own, so that what was counted is kept where Jira's limits or the caller's time end it: a
    count of a large site takes more than an hour's points.

    Raises:
        JiraInvalidError: Jira does not understand the query.
    """
    held: dict[int, str] = {}
    reason: str | None = "maxRows"
    while reason == "maxRows":
        try:
            pulled = _page(jira, clauses, census.token)
        except (JiraInvalidError, InputError):
            if census.token is None:
                raise
            held, census = {}, Census(jira.now)
            continue
        except PluginError as error:
            reason = ended_by(jira, error)
            if reason is None:
                raise
            break
        held.update(pulled.items)
        census = replace(census, token=pulled.next_page_token, counted=pulled.incomplete_reason is None)
        if len(held) >= _HELD_IDS:
            held, census = {}, _with(census, held)
        reason = pulled.incomplete_reason
        if reason == "maxRows":
            if census.token is None:
                break
            reason = jira.why_stop() or reason
    return _with(census, held), reason


def _page(jira: JiraClient, clauses: str, token: str | None) -> Pulled[tuple[int, str]]:
    return pull(
        jira,
        census_query(clauses),
        _COUNTED_FIELDS,
        max_rows=MAX_PAGE_SIZE,
        make=identity,
        next_page_token=token,
    )


def _with(census: Census, held: dict[int, str]) -> Census:
    return replace(census, found=census.found.changed(held, ()))
