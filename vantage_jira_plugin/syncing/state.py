"""What a reader knows between two calls, and its text. It decides nothing and holds no words of an issue.

The text is `sync1.` and, in URL-safe base64, a checksum and deflated JSON. Whose state it is stands in it as digests,
so that it tells neither the query nor the site.
"""

from __future__ import annotations

import base64
import json
import zlib
from array import array
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from vantage_jira_plugin.errors import InputError

from .packing import inflated, packed, unpacked
from .roster import Roster
from .window import Chain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["UNANSWERED", "UNCONFIRMED", "Census", "Owner", "State", "digest_of_projects", "state_refused"]

#: Why a count that came to its end has not settled what is gone.
UNCONFIRMED: Final = "deletions_unconfirmed"
UNANSWERED: Final = "issues_unanswered"
_PREFIX: Final = "sync1."
#: Bytes of the checksum, which tells a text that was cut or changed by accident.
_CHECK_BYTES: Final = 8
_DIGEST_LETTERS: Final = 16


@dataclass(frozen=True, slots=True)
class Owner:
    """What a state is of, as digests."""

    site: str
    jql: str
    fields: str

    @classmethod
    def of(cls, cloud_id: str, jql: str, fields: Sequence[str]) -> Owner:
        """Return the owner of the state of a query on a site."""
        return cls(_digest(cloud_id), _digest(jql), _digest(json.dumps(list(fields))))


@dataclass(frozen=True, slots=True)
class Census:
    """A count of ids, over the calls that it takes.

    Attributes:
        began_at: when it began, epoch seconds.
        token: of the next page; None before the first and after the last.
        found: the issues that the query finds.
        counted: whether `found` is all of them, so that only the outcome is still to be told.
    """

    began_at: float
    token: str | None = None
    found: Roster = field(default_factory=Roster)
    counted: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What a reader knows between two calls.

    Attributes:
        owner: of which site, query and fields.
        columns: name and type of each column of the last table.
        allowed: digest of the projects that the settings allowed when ids were last counted.
        roster: the issues that were delivered and not taken back.
        delivered: `updated` (epoch milliseconds) of issues that the next read sees again, by id.
        mark_ms: high-water mark, see `window.mark_after`; None before the first whole read.
        chain: the read under way.
        census: the count under way.
        counted_at: when the last count began that came to its end and was told to be whole or not, epoch seconds.
        unsettled: `UNCONFIRMED` or `UNANSWERED`, where the last count that ended has not settled what is gone; or None.
    """

    owner: Owner
    columns: tuple[tuple[str, str], ...] = ()
    allowed: str = ""
    roster: Roster = field(default_factory=Roster)
    delivered: Mapping[int, int] = field(default_factory=dict)
    mark_ms: int | None = None
    chain: Chain | None = None
    census: Census | None = None
    counted_at: float = 0.0
    unsettled: str | None = None

    def to_text(self) -> str:
        """Return the state as the caller keeps it."""
        ids = sorted(self.delivered)
        data = {
            "owner": [self.owner.site, self.owner.jql, self.owner.fields],
            "columns": self.columns,
            "allowed": self.allowed,
            "roster": self.roster.to_json(),
            "delivered": [packed(array("q", ids)), packed(array("q", map(self.delivered.__getitem__, ids)))],
            "mark": self.mark_ms,
            "chain": self.chain and _chain_json(self.chain),
            "census": self.census and _census_json(self.census),
            "counted": self.counted_at,
            "unsettled": self.unsettled,
        }
        body = zlib.compress(json.dumps(data, separators=(",", ":")).encode(), 9)
        return _PREFIX + base64.urlsafe_b64encode(_checksum(body) + body).decode()

    @classmethod
    def from_text(cls, text: str) -> State:
        """Return the state of a text.

        Raises:
            InputError: it is none, or of another version; `errors` names the input `state`.
        """
        if not text.startswith(_PREFIX):
            raise state_refused("is no state of this version of syncIssues; leave it out to begin with a whole read")
        try:
            raw = base64.b64decode(text[len(_PREFIX) :], altchars=b"-_", validate=True)
            return _state(json.loads(inflated(_checked(raw))))
        except (ValueError, RecursionError):
            raise state_refused("was cut or changed since syncIssues answered it; give it as it was") from None


def state_refused(text: str) -> InputError:
    """Return the refusal of the input `state`."""
    return InputError(f"syncIssues cannot go on: state {text}", errors={"state": [text]})


def digest_of_projects(projects: frozenset[str] | None) -> str:
    """Return a digest of the projects that the settings allow; None stands for all."""
    return _digest(json.dumps(None if projects is None else sorted(projects)))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LETTERS]


def _checked(raw: bytes) -> bytes:
    check, body = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
    if check != _checksum(body):
        raise ValueError("the checksum does not fit")
    return body


def _checksum(body: bytes) -> bytes:
    return sha256(body).digest()[:_CHECK_BYTES]


def _chain_json(chain: Chain) -> list[Any]:
    return [
        chain.kind,
        chain.began_ms,
        chain.from_ms,
        chain.token,
        chain.position_ms,
        chain.newest_ms,
        chain.ordered,
    ]


def _census_json(census: Census) -> list[Any]:
    return [census.began_at, census.token, census.found.to_json(), census.counted]


def _state(data: Any) -> State:
    match data:
        case {
            "owner": [str(site), str(jql), str(fields)],
            "columns": list(columns),
            "allowed": str(allowed),
            "roster": dict(roster),
            "delivered": [str(ids), str(stamps)],
            "mark": int() | None as mark_ms,
            "chain": list() | None as chain,
            "census": list() | None as census,
            "counted": int() | float() as counted_at,
            "unsettled": str() | None as unsettled,
        } if unsettled in {None, UNCONFIRMED, UNANSWERED}:
            return State(
                Owner(site, jql, fields),
                tuple(_column(column) for column in columns),
                allowed,
                Roster.from_json(roster),
                dict(zip(unpacked(ids), unpacked(stamps), strict=True)),
                mark_ms,
                None if chain is None else _chain(chain),
                None if census is None else _census(census),
                counted_at,
                unsettled,
            )
        case _:
            raise ValueError("no state")


def _column(data: Any) -> tuple[str, str]:
    match data:
        case [str(name), str(kind)]:
            return name, kind
        case _:
            raise ValueError("no column")


def _chain(data: list[Any]) -> Chain:
    match data:
        case [
            "whole" | "changes" as kind,
            int(began_ms),
            int() | None as from_ms,
            str() | None as token,
            int() | None as position_ms,
            int() | None as newest_ms,
            bool(ordered),
        ]:
            return Chain(kind, began_ms, from_ms, token, position_ms, newest_ms, ordered)
        case _:
            raise ValueError("no chain")


def _census(data: list[Any]) -> Census:
    match data:
        case [int() | float() as began_at, str() | None as token, dict(found), bool(counted)]:
            return Census(began_at, token, Roster.from_json(found), counted)
        case _:
            raise ValueError("no census")
