"""Where work begins and ends on a site, as inputs name it, and what people must know of that. It counts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.analysis.history import DONE
from vantage_jira_plugin.analysis.work import Boundaries
from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.schemas import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vantage_jira_plugin.analysis.history import IssueHistory
    from vantage_jira_plugin.analysis.reading import Statuses
    from vantage_jira_plugin.client import JiraClient

__all__ = ["boundaries", "warn_of_passed", "warn_of_unseen"]


def boundaries(statuses: Statuses, start: Sequence[str], end: Sequence[str]) -> Boundaries:
    """Return where work begins and ends; a status that is not there any more can be named by its id.

    Raises:
        InputError: the site has no status of this name; `errors` names the input.
    """
    names = {name.casefold() for name in statuses.names.values()}
    errors: dict[str, list[str]] = {}
    for input_name, wanted in (("startStatuses", start), ("endStatuses", end)):
        unknown = [name for name in wanted if name.casefold() not in names and not name.isdecimal()]
        texts = [f"there is no status {name!r}; {nearest(name, statuses.names.values())}" for name in unknown]
        errors |= {input_name: texts} if texts else {}
    if errors:
        text = "; ".join(f"{name}: {', '.join(texts)}" for name, texts in errors.items())
        raise InputError(f"Statuses are not known here: {text}", errors=errors)
    return Boundaries.of(start, end)


def warn_of_unseen(jira: JiraClient, named: Iterable[str], statuses: Statuses, issues: Iterable[IssueHistory]) -> None:
    """Warn of statuses that were named by an id which the site does not have, and no issue was ever in.

    A status that was deleted has such an id, and so has a slip of the pen, which would be an empty table.
    """
    known = statuses.names.keys() | {name.casefold() for name in statuses.names.values()}
    unknown = [name for name in dict.fromkeys(named) if name.casefold() not in known]
    if unknown:
        seen = {stay.status_id for issue in issues for stay in issue.stays}
        jira.warnings += [
            f"there is no status with the id {name}, and no issue found was ever in one"
            for name in unknown
            if name not in seen
        ]


def warn_of_passed(jira: JiraClient, bounds: Boundaries, issues: Iterable[IssueHistory]) -> None:
    """Warn of issues that went through a status of the end that was named, and are in another one that is done.

    They count as unfinished, since work is finished in the statuses named alone; that is seldom what was meant.
    """
    if not bounds.end:
        return
    passed: dict[str, int] = {}
    for issue in issues:
        current = issue.current
        if current is not None and current.category == DONE and not bounds.ends(current):
            passed[current.status] = passed.get(current.status, 0) + any(map(bounds.ends, issue.stays))
    jira.warnings += [
        f"{count} issues went through endStatuses to {status}, which is done and not among them, so that they count as "
        "not finished"
        for status, count in sorted(passed.items())
        if count
    ]
