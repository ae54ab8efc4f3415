"""What an operation of the simulated Jira is: a method, a path, scopes and a function. No operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.messages import JsonText

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.simulator.messages import Caller, Request, Response
    from vantage_jira_plugin.simulator.site import Site

    Handler = Callable[[Site, Request, Caller, Mapping[str, str]], Response]

__all__ = [
    "IDENTITY_POINTS",
    "JSON_MEDIA_TYPE",
    "MULTIPART_MEDIA_TYPE",
    "Route",
    "no_objects",
    "one_object",
    "read",
    "values_of",
    "write",
]

JSON_MEDIA_TYPE = "application/json"
MULTIPART_MEDIA_TYPE = "multipart/form-data"

#: Points of an object that says who somebody is; others cost 1.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
IDENTITY_POINTS = 2


@dataclass(frozen=True)
class Route:
    """An operation.

    Attributes:
        template: path below `/ex/jira/{cloudId}`.
        scopes: classic scopes, all of which must be granted (`x-atlassian-oauth2-scopes`, Current).
        granular: the alternative set (Beta); empty where there is none.
        objects: points that the objects of a good answer cost, beside the request's own.
        media_type: what a body must be.
    """

    method: str
    template: str
    scopes: frozenset[str]
    granular: frozenset[str]
    handler: Handler
    objects: Callable[[Response], int]
    media_type: str = JSON_MEDIA_TYPE


def no_objects(_response: Response) -> int:
    """Count nothing: writes, and reads of things that cost nothing more."""
    return 0


def one_object(_response: Response) -> int:
    """Count one core object."""
    return 1


def values_of(name: str, points: int = 1) -> Callable[[Response], int]:
    """Return a counter of the list `name` in an answer; the empty name stands for a bare list."""

    def count(response: Response) -> int:
        body = response.body
        if isinstance(body, JsonText):
            return points * len(body.things)
        return points * len(body[name] if name else body)

    return count


def read(
    method: str,
    template: str,
    handler: Handler,
    *,
    scope: str = "read:jira-work",
    granular: str = "",
    objects: Callable[[Response], int] = no_objects,
    media_type: str = JSON_MEDIA_TYPE,
) -> Route:
    """Return a route that reads; `granular` names its scopes with blanks between."""
    return Route(
        method,
        f"/rest/api/3{template}",
        frozenset(scope.split()),
        frozenset(granular.split()),
        handler,
        objects,
        media_type,
    )


def write(
    method: str, template: str, handler: Handler, *, granular: str = "", media_type: str = JSON_MEDIA_TYPE
) -> Route:
    """Return a route that writes: one point, whatever it answers."""
    return read(method, template, handler, scope="write:jira-work", granular=granular, media_type=media_type)
