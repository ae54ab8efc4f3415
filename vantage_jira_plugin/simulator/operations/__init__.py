"""Every operation of the simulated Jira. Where they live behind a gateway is not known here."""

from __future__ import annotations

from . import (
    attachment,
    bulkfetch,
    changelog,
    changelogs,
    comment,
    issue,
    jql,
    listing,
    project,
    properties,
    search,
    transition,
    user,
    worklog,
)
from .route import Route

__all__ = ["ROUTES", "Route"]

#: In no particular order: a literal path segment wins over a parameter.
ROUTES: tuple[Route, ...] = (
    *issue.ROUTES,
    *comment.ROUTES,
    *worklog.ROUTES,
    *attachment.ROUTES,
    *properties.ROUTES,
    *transition.ROUTES,
    *changelog.ROUTES,
    *changelogs.ROUTES,
    *search.ROUTES,
    *bulkfetch.ROUTES,
    *jql.ROUTES,
    *project.ROUTES,
    *listing.ROUTES,
    *user.ROUTES,
)
