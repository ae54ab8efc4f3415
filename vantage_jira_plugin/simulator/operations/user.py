"""Accounts: the caller's own, one, all, and searches for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.messages import JiraRefusal, Response
from vantage_jira_plugin.simulator.people import account_json

from .parameters import integer
from .route import IDENTITY_POINTS, Route, read, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.people import Account
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Searches look at the first accounts only, and at most so many.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/
_LOOKED_AT = 1_000
_PAGE = 50
_READ = "read:application-role:jira read:group:jira read:user:jira read:avatar:jira"


def _one_identity(_response: Response) -> int:
    return IDENTITY_POINTS


def get_myself(site: Site, _request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return the caller, with the time zone that JQL dates are read in."""
    with site.lock:
        account = site.accounts.get(caller.account_id)
        if account is None:
            raise JiraRefusal(401, "You are not authenticated. Authentication required to perform this operation.")
        return Response(200, account_json(site.gateway_url, account, full=True))


def get_user(site: Site, request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return one account."""
    account_id = request.value("accountId")
    if not account_id:
        raise JiraRefusal(400, "The query parameter 'accountId' must be provided.")
    with site.lock:
        account = site.accounts.get(account_id)
        if account is None:
            raise JiraRefusal(404, "Specified user does not exist or you do not have required permissions")
        return Response(200, account_json(site.gateway_url, account, full=True))


def _searched(site: Site, request: Request, candidates: Iterable[Account]) -> Response:
    start_at = max(0, integer(request, "startAt", 0))
    max_results = min(_LOOKED_AT, max(0, integer(request, "maxResults", _PAGE)))
    query, account_id = request.value("query"), request.value("accountId")
    if account_id is not None and query is not None:
        raise JiraRefusal(400, "Only one of 'query' and 'accountId' can be given.")
    words = (query or "").lower()
    found = [
        account_json(site.gateway_url, account)
        for account in list(candidates)[:_LOOKED_AT]
        if (account_id is None or account.account_id == account_id)
        and (
            words in account.display_name.lower()
            or (account.email_address is not None and account.email_address.lower().startswith(words))
        )
    ]
    return Response(200, found[start_at : start_at + max_results])


def find_users(site: Site, request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return accounts by name, e-mail address or account id."""
    if not any(request.value(name) is not None for name in ("query", "accountId", "property")):
        raise JiraRefusal(
            400, "At least one of the query parameters 'query', 'accountId' and 'property' must be provided."
        )
    with site.lock:
        return _searched(site, request, site.accounts.values())


def list_users(site: Site, request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return all accounts, active or not, people and apps."""
    start_at = max(0, integer(request, "startAt", 0))
    max_results = min(_LOOKED_AT, max(0, integer(request, "maxResults", _PAGE)))
    with site.lock:
        listed = list(site.accounts.values())[start_at : start_at + max_results]
        return Response(200, [account_json(site.gateway_url, account) for account in listed])


def find_assignable(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return accounts to whom issues of a project, or one issue, can be assigned."""
    project_key, issue_key = request.value("project"), request.value("issueKey") or request.value("issueId")
    with site.lock:
        if issue_key is not None:
            project = site.projects[site.visible_issue(issue_key, caller.account_id).project_id]
        elif project_key is not None:
            known = site.project(project_key, caller.account_id)
            if known is None:
                raise JiraRefusal(404, f"No project could be found with key '{project_key}'.")
            project = known
        else:
            raise JiraRefusal(400, "One of 'project', 'issueKey' and 'issueId' must be provided.")
        candidates = (
            account
            for account in site.accounts.values()
            if account.active
            and account.account_type == "atlassian"
            and site.allowed(account.account_id, "ASSIGNABLE_USER", project)
        )
        return _searched(site, request, candidates)


ROUTES: tuple[Route, ...] = (
    read("GET", "/myself", get_myself, scope="read:jira-user", granular=_READ, objects=_one_identity),
    read("GET", "/user", get_user, scope="read:jira-user", granular=_READ, objects=_one_identity),
    read(
        "GET",
        "/users/search",
        list_users,
        scope="read:jira-user",
        granular=_READ,
        objects=values_of("", IDENTITY_POINTS),
    ),
    read(
        "GET",
        "/user/search",
        find_users,
        scope="read:jira-user",
        granular="read:user:jira read:user.property:jira read:application-role:jira read:avatar:jira read:group:jira",
        objects=values_of("", IDENTITY_POINTS),
    ),
    read(
        "GET",
        "/user/assignable/search",
        find_assignable,
        scope="read:jira-user",
        granular="read:issue:jira read:project:jira read:user:jira read:application-role:jira "
        "read:avatar:jira read:group:jira",
        objects=values_of("", IDENTITY_POINTS),
    ),
)
