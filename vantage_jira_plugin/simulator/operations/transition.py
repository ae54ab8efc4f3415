"""Transitions of issues: moves from status to status. The workflows themselves are in the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.messages import JiraRefusal, Response

from .edits import read_edit
from .parameters import json_object, listed
from .route import Route, read, write
from .screens import open_transitions, transitions_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.catalogue import Transition
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]


def get_transitions(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return the transitions that the issue can make now."""
    with_fields = "transitions.fields" in listed(request, "expand")
    wanted = request.value("transitionId")
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        allowed = site.allowed(caller.account_id, "TRANSITION_ISSUES", site.projects[issue.project_id])
        transitions = transitions_json(site, issue, with_fields=with_fields) if allowed else []
        shown = [one for one in transitions if wanted is None or one["id"] == wanted]
        return Response(200, {"expand": "transitions", "transitions": shown})


def do_transition(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Move an issue, with fields of the transition's screen and a comment where given."""
    body = json_object(request)
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        project = site.projects[issue.project_id]
        wanted = body.get("transition")
        wanted_id = wanted.get("id") if isinstance(wanted, dict) else None
        if wanted_id is None:
            # Source: recorded answer of 2026-10-08.
            raise JiraRefusal(400, "Missing 'transition' identifier")
        allowed = site.allowed(caller.account_id, "TRANSITION_ISSUES", project)
        transition = next((one for one in open_transitions(site, issue) if allowed and one.id == str(wanted_id)), None)
        if transition is None:
            raise JiraRefusal(400, f"Transition id '{wanted_id}' is not valid for this issue.")
        fields = dict(body.get("fields") or {})
        resolution_id, errors = _resolution(site, transition, fields.pop("resolution", None))
        edit = read_edit(site, project, {**body, "fields": fields}, settable=(), current=issue.values)
        if errors or edit.errors:
            raise JiraRefusal(400, errors={**edit.errors, **errors})
        at = site.clock() if resolution_id is not None else None
        site.change_issue(
            issue,
            {"status": transition.to_status_id, "resolution": resolution_id, "resolutiondate": at},
            caller.account_id,
        )
        issue.properties |= edit.properties
        for comment in edit.comments:
            site.add_comment(issue, caller.account_id, comment)
        return Response(204)


def _resolution(site: Site, transition: Transition, value: Any) -> tuple[str | None, dict[str, str]]:
    """Return the resolution after the transition: asked for by its screen, or set by its workflow."""
    done = site.statuses[transition.to_status_id].category == "done"
    if not transition.needs_resolution:
        if value is not None:
            text = "Field 'resolution' cannot be set. It is not on the appropriate screen, or unknown."
            return None, {"resolution": text}
        return (next(iter(site.resolutions)) if done else None), {}
    for resolution in site.resolutions.values():
        if isinstance(value, dict) and (value.get("id") == resolution.id or value.get("name") == resolution.name):
            return resolution.id, {}
    return None, {"resolution": "Please select a valid resolution" if value else "Resolution is required."}


ROUTES: tuple[Route, ...] = (
    read(
        "GET",
        "/issue/{issueIdOrKey}/transitions",
        get_transitions,
        granular="read:issue.transition:jira read:status:jira read:field-configuration:jira",
    ),
    write(
        "POST",
        "/issue/{issueIdOrKey}/transitions",
        do_transition,
        granular="write:issue:jira write:issue.property:jira",
    ),
)
