"""What is known of one keyed write, and how that moves on: under way, in doubt, done. Pure; nothing is stored here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from vantage_jira_plugin.transport.budget import READ_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DOUBT_SECONDS", "LEASE_SECONDS", "SEND_SECONDS", "SETTLE_SECONDS", "SKEW_SECONDS", "Entry"]

State = Literal["sending", "unknown", "done"]

#: How long after its reservation a write may still be sent: longer than a wait for a 429 and an answer.
SEND_SECONDS = 100.0
#: What is seen of a write comes so much later, at most, than the write itself; it takes a second or two.
SETTLE_SECONDS = 30.0
#: What the clocks of two workers may differ.
SKEW_SECONDS = 30.0
#: So long after it began to be sent a write has either happened or never will, for every worker: Jira may be at it for
#: as long as an answer is waited for, also where its caller has given up sooner.
DOUBT_SECONDS = READ_TIMEOUT_SECONDS + SETTLE_SECONDS + SKEW_SECONDS
#: How long a reservation keeps others from sending the same: until its last moment to send is past all doubt.
LEASE_SECONDS = SEND_SECONDS + DOUBT_SECONDS


@dataclass(frozen=True, slots=True)
class Entry:
    """One keyed write.

    Attributes:
        state: `sending` (somebody is at it, or was killed), `unknown` (sent, and no answer told), `done`.
        digest: of the inputs, to tell when a key comes again with others.
        place: where it was to be made: key of a project, or the issue that a comment is for, as it was named.
        sent_at: nothing was sent under this key before, epoch seconds.
        settled_at: from then on, what is not found in Jira was not made; of a `sending` one, the end of its lease.
        owner: names the call that reserved the key.
        after: number of an issue of the same project that was there before anything was sent, where one is known.
        made_id: Jira's id of what was made; None unless done.
        made_key: key of the issue that was made, or that a comment was added to.
    """

    state: State
    digest: str
    place: str
    sent_at: float
    settled_at: float
    owner: str = ""
    after: int | None = None
    made_id: str | None = None
    made_key: str | None = None

    @classmethod
    def reserved(cls, *, owner: str, digest: str, place: str, now: float, after: int | None = None) -> Self:
        """Return the entry of a write that is about to be sent for the first time."""
        return cls("sending", digest, place, sent_at=now, settled_at=now + LEASE_SECONDS, owner=owner, after=after)

    def taken_over(self, *, owner: str, digest: str, now: float) -> Self:
        """Return the entry of a write that is about to be sent again, because it turned out not to have happened.

        What earlier attempts left behind is still looked for: `sent_at` stays.
        """
        return replace(self, state="sending", owner=owner, digest=digest, settled_at=now + LEASE_SECONDS)

    def lost(self, *, began_at: float, now: float) -> Self:
        """Return the entry of a write that began to be sent then, and whose answer is lost by now."""
        settled_at = max(now + SETTLE_SECONDS + SKEW_SECONDS, began_at + DOUBT_SECONDS)
        return replace(self, state="unknown", owner="", settled_at=settled_at)

    def done(self, *, made_id: str, made_key: str | None, now: float) -> Self:
        """Return the entry of a write whose result is known."""
        return replace(self, state="done", owner="", after=None, settled_at=now, made_id=made_id, made_key=made_key)

    @property
    def send_by(self) -> float:
        """Until when whoever has reserved it may send it, epoch seconds."""
        return self.settled_at - DOUBT_SECONDS

    def is_due(self, now: float) -> bool:
        """Tell whether nobody can be at it any more, so that it may be settled by looking in Jira."""
        return now >= self.settled_at

    def to_json(self) -> dict[str, Any]:
        """Return JSON data: `{state, digest, place, sentAt, settledAt, owner?, after?, id?, key?}`."""
        more = {"owner": self.owner or None, "after": self.after, "id": self.made_id, "key": self.made_key}
        return {
            "state": self.state,
            "digest": self.digest,
            "place": self.place,
            "sentAt": round(self.sent_at, 3),
            "settledAt": round(self.settled_at, 3),
            **{name: value for name, value in more.items() if value is not None},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read an entry.

        Raises:
            ValueError: it is none.
        """
        state: Any = data.get("state")
        made_id, made_key, after = data.get("id"), data.get("key"), data.get("after")
        if state not in get_args(State) or (state == "done" and not isinstance(made_id, str)):
            raise ValueError("no entry of a write")
        return cls(
            state=state,
            digest=str(data.get("digest")),
            place=str(data.get("place")),
            sent_at=_seconds(data.get("sentAt")),
            settled_at=_seconds(data.get("settledAt")),
            owner=str(data.get("owner") or ""),
            after=after if isinstance(after, int) else None,
            made_id=made_id if isinstance(made_id, str) else None,
            made_key=made_key if isinstance(made_key, str) else None,
        )


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("no moment")  # noqa: TRY004 - unreadable data has one error
    return float(value)
