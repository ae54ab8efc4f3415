"""Functions of queries that answer things of the site. Date functions live in `dates`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import JqlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.simulator.site import Site

    from .searchers import Searcher
    from .tree import Call

__all__ = ["call"]


def call(site: Site, account_id: str, searcher: Searcher, written: Call) -> list[Any]:
    """Return the stored values that a function answers.

    Raises:
        JqlError: no such function, wrong arguments, or not for this field.

    Source: https://support.atlassian.com/jira-software-cloud/docs/jql-functions/
    """
    found = _FUNCTIONS.get(written.name.lower())
    if found is None:
        raise JqlError(f"Unable to find JQL function '{written.encoded}'.")
    kind, count, function = found
    if len(written.arguments) != count:
        raise JqlError(
            f"Function '{written.name}' expected '{count}' arguments but received '{len(written.arguments)}'.",
            about_values=True,
        )
    if searcher.kind != kind:
        raise JqlError(
            f"A value provided by the function '{written.name}' is invalid for the field '{searcher.name}'.",
            about_values=True,
        )
    return function(site, account_id, written.arguments)


def _current_user(_site: Site, account_id: str, _arguments: tuple[str, ...]) -> list[Any]:
    return [account_id]


def _members_of(site: Site, _account_id: str, arguments: tuple[str, ...]) -> list[Any]:
    wanted = arguments[0].lower()
    for name, members in site.groups.items():
        if name.lower() == wanted:
            return list(members)
    raise JqlError(
        f"Function 'membersOf' can not generate a list of usernames for group '{arguments[0]}'; "
        "the group does not exist.",
        about_values=True,
    )


def _sprints(state: str) -> Callable[[Site, str, tuple[str, ...]], list[Any]]:
    return lambda site, _account_id, _arguments: [
        sprint.id for sprint in site.sprints.values() if sprint.state == state
    ]


def _versions(*, released: bool) -> Callable[[Site, str, tuple[str, ...]], list[Any]]:
    return lambda site, account_id, _arguments: [
        version.id
        for project in site.visible_projects(account_id)
        for version in project.versions
        if version.released == released
    ]


#: By name in lower case: kind of field, count of arguments, function.
_FUNCTIONS: Mapping[str, tuple[str, int, Callable[[Site, str, tuple[str, ...]], list[Any]]]] = {
    "currentuser": ("user", 0, _current_user),
    "membersof": ("user", 1, _members_of),
    "opensprints": ("sprints", 0, _sprints("active")),
    "closedsprints": ("sprints", 0, _sprints("closed")),
    "futuresprints": ("sprints", 0, _sprints("future")),
    "releasedversions": ("versions", 0, _versions(released=True)),
    "unreleasedversions": ("versions", 0, _versions(released=False)),
}
