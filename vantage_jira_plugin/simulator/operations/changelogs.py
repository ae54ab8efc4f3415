"""The changelogs of many issues at once, oldest first. The changelog of one issue lives in `changelog`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.issue_rendering import change_json
from vantage_jira_plugin.simulator.messages import JiraRefusal, JsonText, Response

from .issuetexts import json_text
from .parameters import json_object, payload_refused, texts
from .route import Route, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vantage_jira_plugin.simulator.issues import Change, Issue
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Members of the body, and how much each may hold. Source of all numbers: OpenAPI file, BulkChangelogRequestBean.
_BODY = frozenset({"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"})
_MOST_ISSUES = 1_000
_MOST_FIELDS = 10
_PAGE, _MOST_RESULTS = 1_000, 10_000
#: As the search says it. Source: recorded answer of 2026-10-08; of this operation none is recorded.
_TOKEN_INVALID = "The provided next page token is invalid or expired."


def fetch_changelogs(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return a page of changes of many issues; `maxResults` counts changes, and an issue may go on on the next page."""
    body = json_object(request)
    max_results = body.get("maxResults", _PAGE)
    if set(body) - _BODY or not isinstance(max_results, int) or isinstance(max_results, bool):
        raise payload_refused()
    wanted, field_ids, token = texts(body, "issueIdsOrKeys"), texts(body, "fieldIds"), body.get("nextPageToken")
    if not isinstance(token, str | None) or len(set(field_ids)) < len(field_ids):
        raise payload_refused()
    _check("issue IDs or keys", len(wanted), 1, _MOST_ISSUES)
    _check("field IDs", len(field_ids), 0, _MOST_FIELDS)
    _check("results", max_results, 1, _MOST_RESULTS)
    asked = hashlib.sha256(repr((caller.account_id, wanted, field_ids)).encode()).hexdigest()
    offset = 0 if token is None else _offset(token, asked)
    with site.lock:
        changes = sorted(
            _changes(_seen(site, caller, wanted), frozenset(field_ids)),
            key=lambda pair: (pair[1].created_at, pair[0].id, pair[1].id),
        )
        page = changes[offset : offset + max_results]
        shown = [
            b'{"issueId":"%d","changeHistories":[%s]}' % (issue_id, b",".join(_texts(site, pairs)))
            for issue_id, pairs in itertools.groupby(_by_issue(page), key=lambda pair: pair[0].id)
        ]
    end = offset + max_results
    rest: dict[str, Any] = {"nextPageToken": _token(end, asked)} if end < len(changes) else {}
    after = b"]" + (b"," if rest else b"") + json_text(rest)[1:]
    return Response(200, JsonText(b'{"issueChangeLogs":[', shown, after))


def _check(what: str, count: int, least: int, most: int) -> None:
    if not least <= count <= most:
        raise JiraRefusal(400, f"The number of {what} must be between {least} and {most}.")


def _seen(site: Site, caller: Caller, wanted: Sequence[str]) -> dict[int, Issue]:
    """Return the issues by id, each once; what is missing or unseen is left out."""
    projects = {project.id for project in site.visible_projects(caller.account_id)}
    found = (site.find_issue(id_or_key) for id_or_key in wanted)
    return {issue.id: issue for issue in found if issue is not None and issue.project_id in projects}


def _changes(issues: Mapping[int, Issue], field_ids: frozenset[str]) -> Iterator[tuple[Issue, Change]]:
    """Return the changes of issues; of certain fields, only what is about these.

    That a change to several fields is cut down to the wanted ones is an assumption: Jira does not say.
    """
    for issue in issues.values():
        for change in issue.changes:
            items = tuple(item for item in change.items if not field_ids or item.field_id in field_ids)
            if items:
                yield issue, change if len(items) == len(change.items) else replace(change, items=items)


def _by_issue(page: Sequence[tuple[Issue, Change]]) -> list[tuple[Issue, Change]]:
    """Return a page with the changes of an issue together, in the order in which the issues come first."""
    places: dict[int, int] = {}
    for issue, _change in page:
        places.setdefault(issue.id, len(places))
    return sorted(page, key=lambda pair: places[pair[0].id])


def _texts(site: Site, pairs: Iterator[tuple[Issue, Change]]) -> Iterator[bytes]:
    return (json_text(change_json(site, change)) for _issue, change in pairs)


def _token(offset: int, asked: str) -> str:
    return base64.urlsafe_b64encode(f"changes:{asked}:{offset}".encode()).decode()


def _offset(token: str, asked: str) -> int:
    """Return where a page begins; a token of another question is refused."""
    try:
        kind, digest, offset = base64.urlsafe_b64decode(token.encode()).decode().split(":")
    except (ValueError, binascii.Error):
        raise JiraRefusal(400, _TOKEN_INVALID) from None
    if kind != "changes" or digest != asked or not (offset.isascii() and offset.isdigit()):
        raise JiraRefusal(400, _TOKEN_INVALID)
    return int(offset)


ROUTES: tuple[Route, ...] = (
    read(
        "POST",
        "/changelog/bulkfetch",
        fetch_changelogs,
        granular="read:issue-meta:jira read:avatar:jira read:issue.changelog:jira",
    ),
)
