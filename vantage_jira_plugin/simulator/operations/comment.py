"""Comments of issues. Comments that come with an edit are read in `edits`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.intake import ValueRefusal
from vantage_jira_plugin.simulator.issue_rendering import comment_json
from vantage_jira_plugin.simulator.messages import JiraRefusal, Response

from .edits import read_comment, read_properties
from .parameters import integer, json_object, listed
from .route import Route, read, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.issues import Comment, Issue
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Source: recorded answer of 2026-10-08.
_FORBIDDEN = "You do not have the permission to comment on this issue."
#: Comments of a page unless the caller wants fewer; also the most.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/
_PAGE = 100
#: Comments that an issue holds at most: GET /rest/api/3/issue/limit/report.
_COMMENTS_OF_ISSUE = 5_000
_READ = (
    "read:comment:jira read:comment.property:jira read:group:jira read:project:jira "
    "read:project-role:jira read:user:jira read:avatar:jira"
)


def _shown(site: Site, issue: Issue, comment: Comment, *, properties: bool = False) -> dict[str, Any]:
    shown = comment_json(site, issue, comment)
    if properties:
        shown["properties"] = [{"key": key, "value": value} for key, value in comment.properties.items()]
    return shown


def get_comments(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return a page of comments, oldest first unless `orderBy` says otherwise."""
    start_at = max(0, integer(request, "startAt", 0))
    max_results = min(_PAGE, max(0, integer(request, "maxResults", _PAGE)))
    order = request.value("orderBy") or "created"
    if order not in {"created", "+created", "-created", " created"}:
        raise JiraRefusal(400, f"'{order}' is not a valid value for 'orderBy'.")
    properties = "properties" in listed(request, "expand")
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        comments = list(reversed(issue.comments)) if order == "-created" else issue.comments
        shown = [
            _shown(site, issue, comment, properties=properties)
            for comment in comments[start_at : start_at + max_results]
        ]
        return Response(
            200,
            {
                "startAt": start_at,
                "maxResults": max_results,
                "total": len(comments),
                "comments": shown,
            },
        )


def _found(site: Site, caller: Caller, path: Mapping[str, str]) -> tuple[Issue, Comment]:
    issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
    for comment in issue.comments:
        if str(comment.id) == path["id"]:
            return issue, comment
    raise JiraRefusal(404, f"Can not find a comment for the id: {path['id']}.")


def get_comment(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return one comment."""
    properties = "properties" in listed(request, "expand")
    with site.lock:
        issue, comment = _found(site, caller, path)
        return Response(200, _shown(site, issue, comment, properties=properties))


def _body(site: Site, issue: Issue, caller: Caller, body: Mapping[str, Any]) -> dict[str, Any]:
    allowed = site.allowed(caller.account_id, "ADD_COMMENTS", site.projects[issue.project_id])
    messages = [] if allowed else [_FORBIDDEN]
    try:
        document = read_comment(body.get("body"))
    except ValueRefusal as refusal:
        raise JiraRefusal(400, *messages, errors={"comment": str(refusal)}) from None
    if messages:
        raise JiraRefusal(400, *messages)
    return document


def _visibility(body: Mapping[str, Any]) -> dict[str, Any] | None:
    visibility = body.get("visibility")
    if visibility is None:
        return None
    if not isinstance(visibility, dict) or visibility.get("type") not in {"group", "role"}:
        raise JiraRefusal(400, errors={"commentLevel": "Invalid comment visibility."})
    return {name: visibility[name] for name in ("type", "value", "identifier") if name in visibility}


def add_comment(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Add a comment, whose body is an Atlassian document."""
    body = json_object(request)
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        document, properties, visibility = _body(site, issue, caller, body), read_properties(body), _visibility(body)
        if len(issue.comments) >= _COMMENTS_OF_ISSUE:
            raise JiraRefusal(413, "The number of comments on this issue is at its limit.")
        comment = site.add_comment(issue, caller.account_id, document)
        comment.visibility = visibility
        comment.properties |= properties
        shown = _shown(site, issue, comment, properties=bool(properties))
        return Response(201, shown, {"Location": shown["self"]})


def update_comment(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Replace the body of a comment."""
    body = json_object(request)
    with site.lock:
        issue, comment = _found(site, caller, path)
        document, properties, visibility = _body(site, issue, caller, body), read_properties(body), _visibility(body)
        comment.body, comment.visibility = document, visibility
        comment.update_author_id, comment.updated_at = caller.account_id, site.clock()
        comment.properties |= properties
        site.touch(issue)
        return Response(200, _shown(site, issue, comment))


def delete_comment(site: Site, _request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Delete a comment."""
    with site.lock:
        issue, comment = _found(site, caller, path)
        issue.comments.remove(comment)
        site.touch(issue)
        return Response(204)


ROUTES: tuple[Route, ...] = (
    read("GET", "/issue/{issueIdOrKey}/comment", get_comments, granular=_READ),
    read("GET", "/issue/{issueIdOrKey}/comment/{id}", get_comment, granular=_READ),
    write("POST", "/issue/{issueIdOrKey}/comment", add_comment, granular=f"{_READ} write:comment:jira"),
    write("PUT", "/issue/{issueIdOrKey}/comment/{id}", update_comment, granular=f"{_READ} write:comment:jira"),
    write(
        "DELETE",
        "/issue/{issueIdOrKey}/comment/{id}",
        delete_comment,
        granular="delete:comment:jira delete:comment.property:jira",
    ),
)
