"""What search sees of a site: its issues as the index knows them, which may lag behind. No query is known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .creations import ALWAYS
from .seen import Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from .creations import Span
    from .issues import Issue
    from .site import Site

__all__ = ["browsed", "indexed", "is_shelved"]


def indexed(
    site: Site,
    account_id: str,
    reconcile: frozenset[int],
    created: Span = ALWAYS,
    project_ids: frozenset[str] | None = None,
) -> Seen | list[tuple[Issue, Mapping[str, Any]]]:
    """Return what search sees: issues that the account may browse, as the index knows them.

    Args:
        site: where is searched.
        account_id: who searches.
        reconcile: ids whose latest state is wanted whatever the index knows.
        created: when they were created.
        project_ids: the projects that they are in, any where None.

    Returns:
        Where the index lags, issues of other times and projects may be among them.
    """
    seen = browsed(site, account_id, project_ids)
    if is_shelved(site):
        return Seen(site.issues, site.creations.within(created, seen))
    known: Iterable[Issue] = site.issues.values()
    if site.index_lag_seconds <= 0:
        first, last = created
        return [
            (issue, issue.values)
            for issue in known
            if issue.project_id in seen and issue.archived_at is None and first <= issue.values["created"] <= last
        ]
    if created != ALWAYS:
        known = (site.issues[number] for number in site.creations.within(created) if number in site.issues)
    return list(_lagging(site, known, seen, reconcile))


def is_shelved(site: Site) -> bool:
    """Return whether search sees what stands in `creations`: the index is up to date, all issues came by `keep`."""
    return site.index_lag_seconds <= 0 and len(site.creations) == len(site.issues)


def browsed(site: Site, account_id: str, project_ids: frozenset[str] | None = None) -> set[str]:
    """Return the projects, of all or of these, that the account may browse, by id."""
    seen = {project.id for project in site.visible_projects(account_id)}
    return seen if project_ids is None else seen & project_ids


def _lagging(
    site: Site, known: Iterable[Issue], seen: set[str], reconcile: frozenset[int]
) -> Iterator[tuple[Issue, Mapping[str, Any]]]:
    horizon = site.clock() - site.index_lag_seconds
    for issue in known:
        if issue.project_id not in seen or issue.is_archived(horizon):
            continue
        values = issue.values if issue.id in reconcile else issue.values_at(horizon)
        if values is not None:
            yield issue, values
    for issue_id, (deleted_at, issue) in site.deleted.items():
        if deleted_at > horizon and issue_id not in reconcile and issue.project_id in seen:
            values = issue.values_at(horizon)
            if values is not None:
                yield issue, values
