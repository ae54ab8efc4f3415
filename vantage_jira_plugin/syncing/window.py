"""Where a read begins, how far it has come, and from when the next one reads: times, decided. No Jira, no JQL.

Times are epoch milliseconds (`_ms`), as JQL takes them whatever the time zone of site and account.
A read, and each page of it, may show an issue as it is now at the place that it had when the read began.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Chain",
    "advanced",
    "bound_ms",
    "fallen_back",
    "is_ahead",
    "kept_from_ms",
    "mark_after",
    "milliseconds",
    "next_chain",
]

_MINUTE_MS = 60_000
#: How far the clock here may be ahead of Jira's before the order of a read is not believed: an issue that changed
#: while it is read stands where it was, with a time that is no position.
_CLOCK_DOUBT_MS = 10 * _MINUTE_MS
#: How old the beginning of a read must be to count as seen where nothing in it is newer, or where the read was long:
#: an hour, so that a clock here that is wrong by less loses nothing.
_CLOCK_TRUST_MS = 60 * _MINUTE_MS
#: A read that takes longer is long: what changes meanwhile may be newer than its pages, and older than its end.
_SHORT_READ_MS = _MINUTE_MS


@dataclass(frozen=True, slots=True)
class Chain:
    """A read under way, over the calls that it takes.

    Attributes:
        kind: `whole` reads every issue by `created`, `changes` those that changed by `updated`.
        began_ms: when it began, by the clock here.
        from_ms: the bound of its query, a whole minute; None for no bound.
        token: of the next page; None before the first.
        position_ms: no issue that is still to come is older than this; None where that is not known.
        newest_ms: the newest `updated` in it.
        ordered: whether issues came in the order asked for.
    """

    kind: Literal["whole", "changes"]
    began_ms: int
    from_ms: int | None = None
    token: str | None = None
    position_ms: int | None = None
    newest_ms: int | None = None
    ordered: bool = True


def milliseconds(text: object) -> int | None:
    """Return the epoch milliseconds of a time such as `2026-04-28T15:31:13.533+0200`; None of anything else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def bound_ms(mark_ms: int, look_back_minutes: int) -> int:
    """Return from when changes are read, a whole minute: the precision of dates in JQL.

    Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/, "Updated".
    """
    return _minute(mark_ms) - look_back_minutes * _MINUTE_MS


def is_ahead(mark_ms: int | None, now_ms: int) -> bool:
    """Tell whether a mark is of a time that has not come: what changes until then would never be read."""
    return mark_ms is not None and mark_ms > now_ms + _CLOCK_TRUST_MS


def next_chain(mark_ms: int | None, look_back_minutes: int, now_ms: int) -> Chain:
    """Return the read that follows a finished one; None for the mark is the first."""
    if mark_ms is None:
        return Chain("whole", now_ms)
    return Chain("changes", now_ms, from_ms=bound_ms(mark_ms, look_back_minutes))


def advanced(chain: Chain, stamps: Iterable[tuple[int | None, int | None]]) -> Chain:
    """Return a read after further issues, given as `(created, updated)` in their order."""
    position, newest, ordered = chain.position_ms, chain.newest_ms, chain.ordered
    for created, updated in stamps:
        if updated is not None:
            newest = updated if newest is None else max(newest, updated)
        place = created if chain.kind == "whole" else updated
        # What changed since the read began stands at its old place: its new time says nothing of what follows.
        if place is None or (chain.kind == "changes" and place >= chain.began_ms - _CLOCK_DOUBT_MS):
            continue
        ordered = ordered and (position is None or position <= place)
        position = place if ordered else None
    return replace(chain, position_ms=position, newest_ms=newest, ordered=ordered)


def fallen_back(chain: Chain) -> Chain:
    """Return a read that goes on from its position, since its token is not taken any more."""
    begin = chain.from_ms if chain.position_ms is None else _minute(chain.position_ms)
    return replace(chain, token=None, from_ms=begin, position_ms=begin, ordered=True)


def mark_after(chain: Chain, mark_ms: int | None, ended_ms: float) -> int | None:
    """Return the high-water mark after a read: whatever changed before it, less the lag of the index, was delivered.

    It is the newest change that was seen, but not newer than the beginning of the read: a change after that may have
    come to a page that was read before. The beginning is told by the clock here; of a long read it is taken to be an
    hour earlier, since the newest change does not tell that the clock is ahead. None where there was nothing to see, so
    that the next read is whole again.
    """
    marks = [] if mark_ms is None else [mark_ms]
    if chain.newest_ms is not None:
        doubt_ms = 0 if ended_ms - chain.began_ms <= _SHORT_READ_MS else _CLOCK_TRUST_MS
        marks.append(min(chain.newest_ms, chain.began_ms - doubt_ms))
    return max(*marks, chain.began_ms - _CLOCK_TRUST_MS) if marks else None


def kept_from_ms(chain: Chain | None, mark_ms: int | None, look_back_minutes: int) -> int | None:
    """Return from which `updated` on it must be remembered what was delivered; None for all of it.

    That is what the next read sees again, or this one where it falls back to its position.
    """
    if chain is None:
        return None if mark_ms is None else bound_ms(mark_ms, look_back_minutes)
    reached = mark_after(chain, mark_ms, math.inf)
    if reached is None:
        return None
    again = bound_ms(reached, look_back_minutes)
    if chain.kind == "whole":
        return again
    begin = fallen_back(chain).from_ms
    return again if begin is None else min(again, begin)


def _minute(at_ms: int) -> int:
    return at_ms - at_ms % _MINUTE_MS
