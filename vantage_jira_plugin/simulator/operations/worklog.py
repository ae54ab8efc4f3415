"""Worklogs of issues: read, added, fetched by id. Estimates are checked and not kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.documents import is_document
from vantage_jira_plugin.simulator.messages import JiraRefusal, Response
from vantage_jira_plugin.simulator.part_rendering import worklog_json
from vantage_jira_plugin.simulator.timestamps import duration_or_none, epoch_or_none

from .edits import read_properties
from .parameters import integer, json_object, listed, payload_refused
from .route import Route, read, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.issues import Issue, Worklog
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Worklogs of a page unless the caller wants fewer; also the most.
#: Source: OpenAPI file, GET issue/{issueIdOrKey}/worklog.
_PAGE = 5_000
#: Worklogs that an issue holds at most: GET /rest/api/3/issue/limit/report.
_WORKLOGS_OF_ISSUE = 10_000
#: Worklogs that can be asked for by id. Source: OpenAPI file, POST worklog/list.
_LISTED_WORKLOGS = 1_000
_INT64_MAX = 2**63 - 1
_LEAST_SECONDS = 60
#: The one form of `started` that was seen to be taken: `2021-01-17T12:34:00.000+0000`.
#: Source: OpenAPI file, examples; others end in a refusal (atlassian-api/atlassian-python-api#579).
_STARTED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", re.ASCII)
#: What else each way to adjust the estimate needs, and Jira's words where it is missing.
#: Source: OpenAPI file, POST issue/{issueIdOrKey}/worklog; words: jira-node/node-jira-client#193. The others of this
#: file are not recorded.
_ADJUSTMENTS = {
    "auto": None,
    "leave": None,
    "new": ("newEstimate", "You must supply a valid new estimate."),
    "manual": ("reduceBy", "You must supply a valid amount of time to adjust the estimate by."),
}
_GRANULAR = (
    "read:group:jira read:issue-worklog:jira read:issue-worklog.property:jira read:project-role:jira "
    "read:user:jira read:avatar:jira"
)


def _shown(site: Site, issue: Issue, worklog: Worklog, request: Request) -> dict[str, Any]:
    shown = worklog_json(site, issue, worklog)
    if "properties" in listed(request, "expand"):
        shown["properties"] = [{"key": key, "value": value} for key, value in worklog.properties.items()]
    return shown


def get_worklogs(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return a page of worklogs, in the order in which they were made."""
    start_at = max(0, integer(request, "startAt", 0))
    max_results = min(_PAGE, max(0, integer(request, "maxResults", _PAGE)))
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        page = issue.worklogs[start_at : start_at + max_results]
        shown = [_shown(site, issue, worklog, request) for worklog in page]
        total = len(issue.worklogs)
    return Response(200, {"startAt": start_at, "maxResults": max_results, "total": total, "worklogs": shown})


def list_worklogs(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return worklogs by id, as a bare list; what is missing or unseen is left out."""
    body = json_object(request)
    ids = body.get("ids")
    if set(body) != {"ids"} or not isinstance(ids, list) or not all(map(_is_id, ids)):
        raise payload_refused()
    if not 1 <= len(ids) <= _LISTED_WORKLOGS:
        raise JiraRefusal(400, f"The number of worklog ids must be between 1 and {_LISTED_WORKLOGS}.")
    with site.lock:
        found = [worklog for worklog in map(site.find_worklog, sorted(set(ids))) if worklog is not None]
        seen = {project.id for project in site.visible_projects(caller.account_id)}
        return Response(200, [_shown(site, *pair, request) for pair in found if pair[0].project_id in seen])


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _INT64_MAX


def add_worklog(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Log work; every wrong value is told at once."""
    body = json_object(request)
    errors = _adjustment(request)
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        if not site.allowed(caller.account_id, "WORK_ON_ISSUES", site.projects[issue.project_id]):
            raise JiraRefusal(400, "You do not have the permission to associate a worklog to this issue.")
        spent_seconds, comment = _spent_seconds(body, errors), body.get("comment")
        started_at = _started_at(body.get("started"), errors)
        if comment is not None and not is_document(comment):
            errors["comment"] = "Comment body is not valid!"
        properties = read_properties(body)
        if errors:
            raise JiraRefusal(400, errors=errors)
        if len(issue.worklogs) >= _WORKLOGS_OF_ISSUE:
            raise JiraRefusal(413, "The number of worklogs on this issue is at its limit.")
        worklog = site.add_worklog(
            issue,
            caller.account_id,
            started_at=started_at,
            spent_seconds=spent_seconds,
            comment=comment,
            visibility=body.get("visibility"),
            properties=properties,
        )
        shown = _shown(site, issue, worklog, request)
        return Response(201, shown, {"Location": shown["self"]})


def _adjustment(request: Request) -> dict[str, str]:
    """Return what is wrong with `adjustEstimate` and what goes with it."""
    wanted = request.value("adjustEstimate") or "auto"
    if wanted not in _ADJUSTMENTS:
        raise JiraRefusal(400, f"'{wanted}' is not a valid value for 'adjustEstimate'.")
    needed = _ADJUSTMENTS[wanted]
    if needed is None or duration_or_none(request.value(needed[0]) or "") is not None:
        return {}
    return dict([needed])


def _spent_seconds(body: Mapping[str, Any], errors: dict[str, str]) -> int:
    """Return the time that was worked: one of two members says it."""
    text, seconds = body.get("timeSpent"), body.get("timeSpentSeconds")
    if text is not None and seconds is not None:
        errors["timeLogged"] = "Only one of timeSpent and timeSpentSeconds may be given."
        return 0
    if text is None and seconds is None:
        errors["timeLogged"] = "You must indicate the time spent working."
        return 0
    spent = duration_or_none(text) if isinstance(text, str) else seconds
    if not isinstance(spent, int) or isinstance(spent, bool) or spent < _LEAST_SECONDS:
        errors["timeLogged"] = "Invalid time duration entered."
        return 0
    return spent


def _started_at(text: Any, errors: dict[str, str]) -> float:
    started_at = epoch_or_none(text) if isinstance(text, str) and _STARTED.fullmatch(text) else None
    if started_at is None:
        errors["started"] = "Operation value must be a string in the format \"yyyy-MM-dd'T'HH:mm:ss.SSSZ\""
    return started_at or 0.0


ROUTES: tuple[Route, ...] = (
    read("GET", "/issue/{issueIdOrKey}/worklog", get_worklogs, granular=_GRANULAR),
    read("POST", "/worklog/list", list_worklogs, granular=f"{_GRANULAR} read:comment:jira"),
    write(
        "POST",
        "/issue/{issueIdOrKey}/worklog",
        add_worklog,
        granular=f"{_GRANULAR} write:issue-worklog:jira write:issue-worklog.property:jira",
    ),
)
