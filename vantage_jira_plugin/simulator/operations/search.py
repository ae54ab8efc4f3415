"""Searching with JQL and counting. Queries are compiled in `jql`, page tokens kept in `pagechains`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.messages import JiraRefusal, Response

from .issuetexts import issue_list, json_text
from .matches import matching_count, matching_ids
from .pagechains import PageChains
from .parameters import PreparedRefusal, boolean, integer, json_object, listed, payload_refused, texts
from .route import Route, read, values_of
from .selection import MOST_PROPERTIES, names_and_schema, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Issues of a page: asked for at most, and where only ids and keys are wanted.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
_MOST_RESULTS = 5_000
#: Issues that can be reconciled (same page).
_MOST_RECONCILED = 50
#: Source of the texts: recorded answers of 2026-10-08.
_RESULTS_RANGE = "The max results parameter has to be between 1 and 5,000."
_REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


@dataclass(frozen=True, slots=True)
class _Search:
    """A search as asked for."""

    jql: str
    page_token: str | None
    max_results: int
    fields: Sequence[str]
    expand: Sequence[str]
    properties: Sequence[str]
    reconcile: frozenset[int]


def search_get(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return a page of a search whose parameters are in the query."""
    boolean(request, "fieldsByKeys")
    boolean(request, "failFast")
    boolean(request, "includeArchivedProjects")
    reconcile = []
    for text in listed(request, "reconcileIssues"):
        if not (text.isascii() and text.isdigit()):
            raise JiraRefusal(400, f"'{text}' is not a valid issue id.")
        reconcile.append(int(text))
    return _page(
        site,
        caller,
        _Search(
            request.value("jql") or "",
            request.value("nextPageToken"),
            integer(request, "maxResults", 50),
            listed(request, "fields"),
            listed(request, "expand"),
            listed(request, "properties"),
            frozenset(reconcile),
        ),
    )


#: Members of the search body and what they must be; anything else is refused as a whole.
_BODY: Mapping[str, type] = {
    "jql": str,
    "nextPageToken": str,
    "maxResults": int,
    "fields": list,
    "expand": str,
    "properties": list,
    "fieldsByKeys": bool,
    "reconcileIssues": list,
    "includeArchivedProjects": bool,
}


def search_post(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return a page of a search whose parameters are in the body."""
    body = json_object(request)
    for name, value in body.items():
        expected = _BODY.get(name)
        fits = value is None or (
            expected is not None and isinstance(value, expected) and (expected is bool or not isinstance(value, bool))
        )
        if expected is None or not fits:
            raise payload_refused()
    reconcile = body.get("reconcileIssues") or []
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in reconcile):
        raise payload_refused()
    max_results = body.get("maxResults")
    return _page(
        site,
        caller,
        _Search(
            body.get("jql") or "",
            body.get("nextPageToken"),
            50 if max_results is None else max_results,
            texts(body, "fields"),
            [word.strip() for word in (body.get("expand") or "").split(",") if word.strip()],
            texts(body, "properties"),
            frozenset(reconcile),
        ),
    )


def _page(site: Site, caller: Caller, search: _Search) -> Response:
    if not 1 <= search.max_results <= _MOST_RESULTS:
        raise JiraRefusal(400, _RESULTS_RANGE)
    if len(search.reconcile) > _MOST_RECONCILED:
        raise JiraRefusal(400, f"The maximum number of issues to reconcile is {_MOST_RECONCILED}.")
    if len(search.properties) > MOST_PROPERTIES:
        raise JiraRefusal(400, f"The maximum number of properties is {MOST_PROPERTIES}.")
    with site.lock:
        selection = select(
            site,
            search.fields,
            default="id",
            excluding_from="*navigable",
            expand=search.expand,
            properties=search.properties,
        )
        chains = PageChains(site, f"{caller.account_id}\n{search.jql}")
        if search.page_token:
            chain, offset = chains.found(search.page_token)
        else:
            found = matching_ids(site, caller.account_id, search.jql, search.reconcile)
            chain, offset = chains.begun(found), 0
        end = offset + min(search.max_results, selection.page_size(_MOST_RESULTS))
        is_last = end >= len(chain.issue_ids)
        rest: dict[str, Any] = {} if is_last else {"nextPageToken": chain.token(end)}
        rest |= {"isLast": is_last, **names_and_schema(selection.fields, selection.expand)}
        shown = _current(site, caller, chain.issue_ids[offset:end], search.reconcile)
        return Response(200, issue_list(site, shown, selection, after=b"]," + json_text(rest)[1:]))


def _current(
    site: Site, caller: Caller, issue_ids: Sequence[int], reconcile: frozenset[int]
) -> Iterator[tuple[Issue, Mapping[str, Any]]]:
    """Return the issues of a page as the index knows them now; what is gone since is left out."""
    lag, horizon = site.index_lag_seconds, site.clock() - site.index_lag_seconds
    seen = {project.id for project in site.visible_projects(caller.account_id)}
    for issue_id in issue_ids:
        issue = site.issues.get(issue_id)
        if issue is None:
            deleted_at, issue = site.deleted.get(issue_id, (float("-inf"), None))
            if issue is None or deleted_at <= horizon:
                continue
        if issue.project_id not in seen or issue.is_archived(horizon):
            continue
        values = issue.values if lag <= 0 or issue_id in reconcile else issue.values_at(horizon)
        if values is not None:
            yield issue, values


# ---- count, retired -------------------------------------------------------------------------


def count_issues(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return about how many issues match a bounded query."""
    body = json_object(request)
    if set(body) - {"jql"} or not isinstance(body.get("jql", ""), str):
        raise payload_refused()
    with site.lock:
        return Response(200, {"count": matching_count(site, caller.account_id, body.get("jql", ""))})


def search_removed(_site: Site, _request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Refuse the search that is gone. Source: recorded answer of 2026-10-08."""
    raise PreparedRefusal(Response(410, {"errorMessages": [_REMOVED], "errors": {}}))


_GET_GRANULAR = (
    "read:issue-details:jira read:audit-log:jira read:avatar:jira read:field-configuration:jira read:issue-meta:jira"
)
_POST_GRANULAR = (
    "read:issue-details:jira read:field.default-value:jira read:field.option:jira read:field:jira read:group:jira"
)

ROUTES: tuple[Route, ...] = (
    read("GET", "/search/jql", search_get, granular=_GET_GRANULAR, objects=values_of("issues")),
    read("POST", "/search/jql", search_post, granular=_POST_GRANULAR, objects=values_of("issues")),
    read("POST", "/search/approximate-count", count_issues, granular=_POST_GRANULAR),
    read("GET", "/search", search_removed, granular=_GET_GRANULAR),
    read("POST", "/search", search_removed, granular=_POST_GRANULAR),
)
