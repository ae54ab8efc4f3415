"""Comments of issues. Comments that come with an edit are read in `edits`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.intake import ValueRefusal
from vantage_jira_plugin.simulator.issue_rendering import comment_json
from vantage_jira_plugin.simulator.messages import JiraRefusal, Response
from vantage_jira_plugin.simulator.wording import document_html

from .edits import read_comment, read_properties
from .parameters import integer, json_object, listed, payload_refused
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
#: Comments that can be asked for by id (OpenAPI file, IssueCommentListRequestBean).
_LISTED_COMMENTS = 1_000
#: Largest id (`format: int64`, same place).
_INT64_MAX = 2**63 - 1
_READ = (
    "read:comment:jira read:comment.property:jira read:group:jira read:project:jira "
    "read:project-role:jira read:user:jira read:avatar:jira"
)


def _shown(site: Site, issue: Issue, comment: Comment, request: Request) -> dict[str, Any]:
    shown = comment_json(site, issue, comment)
    if "renderedBody" in listed(request, "expand"):
        shown["renderedBody"] = document_html(comment.body)
    return shown


def get_comments(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return a page of comments, oldest first unless `orderBy` says otherwise."""
    start_at = max(0, integer(request, "startAt", 0))
    max_results = min(_PAGE, max(0, integer(request, "maxResults", _PAGE)))
    order = request.value("orderBy") or "created"
    if order not in {"created", "+created", "-created", " created"}:  # a plus in a query is a blank
        raise JiraRefusal(400, f"'{order}' is not a valid value for 'orderBy'.")
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        comments = list(reversed(issue.comments)) if order == "-created" else issue.comments
        shown = [_shown(site, issue, comment, request) for comment in comments[start_at : start_at + max_results]]
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
    with site.lock:
        issue, comment = _found(site, caller, path)
        return Response(200, _shown(site, issue, comment, request))


def list_comments(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return comments by id, in order of their ids; what is missing or unseen is left out.

    This is the one operation that is documented to show the properties of comments.
    """
    body = json_object(request)
    ids = body.get("ids")
    if set(body) - {"ids"} or not isinstance(ids, list) or not all(map(_is_id, ids)):
        raise payload_refused()
    if not 1 <= len(ids) <= _LISTED_COMMENTS:
        raise JiraRefusal(400, f"The number of comment ids must be between 1 and {_LISTED_COMMENTS}.")
    with_properties = "properties" in listed(request, "expand")
    values = []
    with site.lock:
        for number in sorted(set(ids)):
            found = site.find_comment(number)
            if found is None or not site.allowed(
                caller.account_id, "BROWSE_PROJECTS", site.projects[found[0].project_id]
            ):
                continue
            shown = _shown(site, *found, request)
            if with_properties:
                shown["properties"] = [{"key": key, "value": value} for key, value in found[1].properties.items()]
            values.append(shown)
    # Source of the members and of maxResults: the example in the OpenAPI file, POST /rest/api/3/comment/list.
    page = {"startAt": 0, "maxResults": 1_048_576, "total": len(values), "isLast": True, "values": values}
    return Response(200, page)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _INT64_MAX


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
        shown = _shown(site, issue, comment, request)
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
        return Response(200, _shown(site, issue, comment, request))


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
    read("POST", "/comment/list", list_comments, granular=f"{_READ} delete:comment.property:jira"),
    write("POST", "/issue/{issueIdOrKey}/comment", add_comment, granular=f"{_READ} write:comment:jira"),
    write("PUT", "/issue/{issueIdOrKey}/comment/{id}", update_comment, granular=f"{_READ} write:comment:jira"),
    write(
        "DELETE",
        "/issue/{issueIdOrKey}/comment/{id}",
        delete_comment,
        granular="delete:comment:jira delete:comment.property:jira",
    ),
)
