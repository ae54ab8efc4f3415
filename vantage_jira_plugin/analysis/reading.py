"""Reads what analyses are made of: histories of issues, statuses, the time zone. It computes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vantage_jira_plugin.errors import JiraUnavailableError
from vantage_jira_plugin.operations import LIST_STATUSES, MYSELF, SEARCH_ISSUES
from vantage_jira_plugin.reading.changelogs import read_changelogs
from vantage_jira_plugin.reading.presence import presence
from vantage_jira_plugin.reading.pull import pull

from .history import UNDEFINED, IssueHistory, issue_history
from .moments import epoch
from .presence import may_lack_changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["HISTORY_FIELDS", "STATUS_CHANGES", "Statuses", "read_histories", "read_statuses", "read_time_zone"]

#: The fields that every history is made of.
HISTORY_FIELDS = (
    "summary",
    "status",
    "issuetype",
    "project",
    "created",
    "updated",
    "resolutiondate",
    "assignee",
    "priority",
)
#: The changes that stays are made of.
STATUS_CHANGES = ("status",)
#: So many statuses are named in a warning.
_MAX_NAMED = 20


@dataclass(frozen=True, slots=True)
class Statuses:
    """The site's statuses as they are now: the key of each one's category, and its name, by id."""

    categories: Mapping[str, str]
    names: Mapping[str, str]


def read_statuses(jira: JiraClient) -> Statuses:
    """Return the statuses of the site's active workflows.

    Shape: `[{"id", "name", "statusCategory": {"key": new | indeterminate | done | undefined}}]`.

    Source: GET /rest/api/3/status
    """
    statuses = [status for status in jira.call(LIST_STATUSES) if isinstance(status, dict) and "id" in status]
    return Statuses(
        {str(status["id"]): _category(status) for status in statuses},
        {str(status["id"]): str(status["name"]) for status in statuses if status.get("name")},
    )


def read_histories(
    jira: JiraClient,
    jql: str,
    fields: Sequence[str] = (),
    *,
    max_issues: int,
    changes: Sequence[str] | None = STATUS_CHANGES,
    statuses: Statuses | None = None,
) -> tuple[list[IssueHistory], str | None]:
    """Return the histories of the issues that a query finds, in its order, and why they are not all (None: they are).

    Every history is whole: where a changelog cannot be read, reading fails, and issues that went between the search and
    their changelog are left out, with a warning and the reason `issue_not_found`. Statuses that issues were in, and
    that the site does not have any more, are told in a warning: work in them counts neither as begun nor as done.

    Args:
        jira: the client of the action.
        jql: the query, confined to the projects that the settings allow.
        fields: ids of fields to read beside those that a history is made of.
        max_issues: how many issues at most; where there are more, the reason is `maxIssues`.
        changes: ids of the fields whose changes are read, at most ten; an empty list: of all fields. None: no changelog
            is read, and a history tells what is now.
        statuses: the site's statuses, where they were read before.

    Raises:
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql, POST /rest/api/3/changelog/bulkfetch, POST /rest/api/3/issue/bulkfetch, GET
    /rest/api/3/status
    """
    wanted = list(dict.fromkeys([*HISTORY_FIELDS, *fields]))
    pulled = pull(jira, jql, wanted, max_rows=max_issues, make=_datable)
    # The input is called so in the actions that read histories.
    reason = "maxIssues" if pulled.incomplete_reason == "maxRows" else pulled.incomplete_reason
    if changes is None:
        return [issue_history(issue, (), {}) for issue in pulled.items], reason
    known = read_statuses(jira) if statuses is None else statuses
    changelogs = read_changelogs(jira, [str(issue["id"]) for issue in pulled.items], changes)
    histories = [
        issue_history(issue, changelog.histories, known.categories, known.names)
        for issue, changelog in zip(pulled.items, changelogs, strict=True)
    ]
    histories, gone = _there(jira, histories)
    _warn_of_unknown(jira, histories, known)
    return histories, reason or gone


def read_time_zone(jira: JiraClient, name: str | None) -> ZoneInfo:
    """Return the time zone of this IANA name; None stands for that of the connected account.

    A zone of Jira's that is not known here is told in a warning, and UTC taken.

    Source: GET /rest/api/3/myself
    """
    if name is not None:
        return ZoneInfo(name)
    of_account = str(jira.call(MYSELF).get("timeZone") or "UTC")
    try:
        return ZoneInfo(of_account)
    except (ZoneInfoNotFoundError, ValueError):
        jira.warnings.append(f"the account's time zone {of_account!r} is not known here; days are those of UTC")
        return ZoneInfo("UTC")


def _there(jira: JiraClient, histories: list[IssueHistory]) -> tuple[list[IssueHistory], str | None]:
    """Return the histories of issues that are not gone, and why some are missing or not certain (None: they are)."""
    doubted = [one.id for one in histories if may_lack_changes(one, epoch(one.fields.get("updated")))]
    if not doubted:
        return histories, None
    found = presence(jira, doubted)
    if found.gone:
        jira.warnings.append(
            f"{len(found.gone)} of the issues found were deleted or hidden before their changes were read; they are "
            "left out"
        )
    if found.unknown:
        jira.warnings.append(
            f"whether {len(found.unknown)} issues without changes are still there could not be read; one that is not "
            "looks as if it had never moved"
        )
    reason = "issue_not_found" if found.gone else found.why_unknown
    return [one for one in histories if one.id not in found.gone], reason


def _warn_of_unknown(jira: JiraClient, histories: Sequence[IssueHistory], known: Statuses) -> None:
    """Warn of statuses that are neither work nor done, since nobody knows their category, or they are of none."""
    without = {
        (stay.status_id in known.categories, f"{stay.status} (id {stay.status_id})")
        for history in histories
        for stay in history.stays
        if stay.category == UNDEFINED
    }
    for is_there, what in (
        (False, "that are not on this site any more, so that nobody knows their category, and they count"),
        (True, "that this site has put into no category, so that they count"),
    ):
        names = sorted(name for there, name in without if there is is_there)
        named = ", ".join(names[:_MAX_NAMED]) + (" and more" if len(names) > _MAX_NAMED else "")
        text = f"issues were in statuses {what} neither as work nor as done: {named}"
        if names and text not in jira.warnings:  # an action may read issues twice
            jira.warnings.append(text)


def _datable(issue: dict[str, Any]) -> dict[str, Any]:
    """Return an issue that has what every issue of Jira's has.

    Raises:
        JiraUnavailableError: something else answered.
    """
    fields = issue.get("fields")
    if "id" not in issue or not isinstance(fields, dict) or epoch(fields.get("created")) is None:
        raise JiraUnavailableError(
            f"could not {SEARCH_ISSUES.does}: Jira answered with an issue without id or time of creation",
            status=HTTPStatus.OK.value,
            method=SEARCH_ISSUES.method,
            path=SEARCH_ISSUES.template,
            hint="Something between here and Jira may answer in its place; try again later.",
        )
    return issue


def _category(status: Mapping[str, Any]) -> str:
    category = status.get("statusCategory")
    return str(category.get("key") or UNDEFINED) if isinstance(category, dict) else UNDEFINED
