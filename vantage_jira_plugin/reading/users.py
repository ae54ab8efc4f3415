"""Users: all pages of a site's list, and a user as a flat row. No action, no settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from vantage_jira_plugin.operations import LIST_USERS

from .values import boolean, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import Column

__all__ = ["USERS_PAGE_SIZE", "USER_COLUMNS", "read_users", "user_row"]

#: Most users on a page. Source: OpenAPI file, GET users/search, maxResults.
USERS_PAGE_SIZE = 1000
#: What a user costs in points beside the request. Source: `operations.LIST_USERS`.
_POINTS = 2
#: The columns of a user, in order.
USER_COLUMNS: tuple[Column, ...] = (
    {"name": "accountId", "type": "string", "title": "Account id"},
    {"name": "displayName", "type": "string", "title": "Name"},
    {"name": "emailAddress", "type": "string", "title": "E-mail address"},
    {"name": "accountType", "type": "string", "title": "Account type"},
    {"name": "active", "type": "boolean", "title": "Active"},
    {"name": "timeZone", "type": "string", "title": "Time zone"},
    {"name": "url", "type": "string", "title": "URL"},
)


def read_users(
    jira: JiraClient, *, max_rows: int, keep: Callable[[Mapping[str, Any]], bool]
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the users of the site that are kept, each once, and why they are not all (None where they are).

    The list is bare: neither a total nor what is last. Pages may be shorter than asked for, so that only an empty one
    ends it. Who may not browse users gets an empty list, not a refusal; since whoever asks is a user, that is told.

    Source: GET /rest/api/3/users/search
    """
    found: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    start = 0
    while True:
        size = max(1, jira.rows_afforded(USERS_PAGE_SIZE * _POINTS) // _POINTS)
        page = jira.call(LIST_USERS, query={"startAt": start, "maxResults": size})
        users = {str(user.get("accountId")): user for user in page if isinstance(user, dict)}
        stale = users.keys() <= seen
        seen.update(users)
        found |= {account_id: user for account_id, user in users.items() if keep(user)}
        start += len(page)
        if len(found) > max_rows:
            return list(found.values())[:max_rows], "maxRows"
        jira.progress(len(found), None, "rows read")
        if not page:
            return list(found.values()), None if start else "permission"
        if stale:  # a server that ignores where it was asked to go on
            return list(found.values()), "page_repeated"
        if (reason := jira.why_stop()) is not None:
            return list(found.values()), reason


def user_row(user: Mapping[str, object], site_url: str | None) -> dict[str, object]:
    """Return one user of `GET /rest/api/3/users/search` as a row.

    Shape: `{"accountId", "displayName", "emailAddress"?, "accountType": "atlassian" | "app" | "customer" | "unknown",
    "active", "timeZone"?}`; what people keep to themselves is missing, null or empty.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/
    """
    account_id = text(user.get("accountId"))
    profile = quote(account_id or "", safe=":", errors="replace")
    return {
        "accountId": account_id,
        "displayName": text(user.get("displayName")),
        "emailAddress": text(user.get("emailAddress")),
        "accountType": text(user.get("accountType")),
        "active": boolean(user.get("active")),
        "timeZone": text(user.get("timeZone")),
        "url": f"{site_url.rstrip('/')}/jira/people/{profile}" if site_url and profile else None,
    }
