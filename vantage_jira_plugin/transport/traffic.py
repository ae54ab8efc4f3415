"""What one request is to Jira's limits. A value; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .budget import Budget

__all__ = ["Passage", "Traffic"]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the limits ask of a request: whose it is, what it calls, which issue it writes to.

    Attributes:
        client_id: of the app; its hourly points are one pool.
        cloud_id: of the site; an empty text for what belongs to none, such as the token endpoint.
        template: path below the site, with `{names}` for its parameters.
        does: what it does, in people's words, to follow "could not".
        issue: id or key of the issue that it writes to.
        bulk: whether it is one of the bulk operations.
        background: whether nobody waits for it.
        takes_place: whether it counts among the requests under way. A renewal of the token does not: requests that hold
            a place wait for it.
    """

    client_id: str
    cloud_id: str
    method: str
    template: str
    does: str
    issue: str | None = None
    bulk: bool = False
    background: bool = False
    takes_place: bool = True

    @property
    def lane(self) -> str:
        """Endpoint and method, which share a bucket at each site."""
        return f"{self.method} {self.template}"


@dataclass(frozen=True, slots=True)
class Passage:
    """What travels as requests' `timeout=` down to the adapter: patience and meter, and what the request is."""

    budget: Budget
    traffic: Traffic
