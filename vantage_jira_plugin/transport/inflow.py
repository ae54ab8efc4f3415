"""What flows into a bucket that answers do not show, as its refusals tell. Pure; when a request may go is not here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Inflow"]

#: How many answers are remembered, spread evenly, and how far back.
_KEPT = 24
_HORIZON_SECONDS = 60.0
#: A bucket of which nothing else is known is taken to hold what flows in within a second. Those recorded hold more, so
#: that this guess is on the high side: the next refusal measures it, and a pace too low takes longer to find out.
_GUESSED_FILL_SECONDS = 1.0
#: A first refusal is not taken for less than so many requests per second.
_LEAST_GUESS = 5.0
#: So many requests beyond what the bucket held are counted as inflow at all, and so many measure it to a tenth.
_FEWEST_COUNTED = 3
_EXACT_COUNT = 10
#: Two refusals are taken to be so far apart at least.
_SHORTEST_SECONDS = 1.0
#: A refusal that does not measure well halves what was known before, and no more.
_LEAST_LEFT = 0.5
#: A refusal so soon after the window has opened, with no answer between, belongs to the one before.
_SAME_REFUSAL_SECONDS = 0.5
#: The pace, as a share of the inflow.
_BELOW = 0.98
#: What flows in while the window is closed is in the bucket when it opens; this share of it is spent at once.
_SPARE_SHARE = 0.7
#: A pace that is a guess is held for so many times what a refusal costs, then raised, the slower the more that is.
_GUESS_HELD_WINDOWS = 2.0
_GUESS_GROWTH_PER_WINDOW = 0.10
_MOST_GROWTH_PER_SECOND = 0.10
#: A longer one counts as this, so that any pace recovers.
_MOST_COST_SECONDS = 30.0
#: One that was measured is held longer, each time that it turns out right, so that trying costs a twentieth of the time
#: at most; then it is raised slowly.
_HELD_WINDOWS = 20.0
_HELD_SECONDS = 20.0
_LONGEST_HELD_SECONDS = 300.0
_GROWTH_PER_SECOND = 0.01
#: Two measurements that differ by less are one.
_SAME_RATE = 0.25
#: Growth is counted for so long at most: by then every pace is the documented one, and no number overflows.
_LONGEST_GROWTH_SECONDS = 3600.0
#: What may be unknown.
_MAYBE_NONE = frozenset({"shown", "refused_at"})


@dataclass(slots=True)
class Inflow:
    """What refusals have shown, and how much of it may be asked.

    A bucket is full at first and empty at a refusal. So at a first one, what was let through is its size and what has
    flowed in, of which only the sum is known; at a second one, what was let through since has flowed in, unless the
    bucket was full for a while. What is tried between costs a refusal each time.

    Attributes:
        shown: requests that are known to have flowed in within `shown_seconds`; None while nothing was refused, or
            when that is long ago.
        least: what is taken to flow in at least, per second.
        exact: whether that was measured, not guessed.
        guessed: whether it comes from the first refusal alone.
        size: requests that the bucket is taken to hold.
        refused_at: when it was refused last; None: never.
        opened_at: when the window has opened since, or will.
        answered_when_refused: how many requests had been let through.
        held_seconds: how long the pace stays as it is after that.
        growth_per_second: by what share it is raised then.
        counts: how many requests were let through by when: `(at, count)` of the time since the window has opened.
    """

    shown: float | None = None
    shown_seconds: float = 1.0
    least: float = 0.0
    exact: bool = False
    guessed: bool = False
    size: float = 1.0
    refused_at: float | None = None
    opened_at: float = 0.0
    answered_when_refused: int = 0
    held_seconds: float = 0.0
    growth_per_second: float = 0.0
    counts: list[tuple[float, int]] = field(default_factory=list)

    # ---- what is known --------------------------------------------------------------------------

    @property
    def per_second(self) -> float | None:
        """What flows in, requests per second; None where no refusal says anything."""
        return None if self.shown is None else max(self.least, self.shown / self.shown_seconds)

    def pace(self, now: float) -> float | None:
        """Return how many requests per second may go; None where no refusal says anything."""
        if self.per_second is None:
            return None
        grown_seconds = min(now - self.opened_at - self.held_seconds, _LONGEST_GROWTH_SECONDS)
        grown = float((1 + self.growth_per_second) ** max(0.0, grown_seconds))
        return _BELOW * self.per_second * grown

    @property
    def spare(self) -> float:
        """Return how many requests may go beyond the pace once the window has opened."""
        if self.per_second is None or self.refused_at is None:
            return 0.0
        flowed_in = (self.opened_at - self.refused_at) * self.per_second
        return max(0.0, _SPARE_SHARE * min(self.size, flowed_in) - 1.0)

    def forget(self) -> None:
        """Let what was refused be long ago."""
        self.shown = None

    # ---- what is learnt -------------------------------------------------------------------------

    def answer(self, now: float, count: int) -> None:
        """Take note of a request that was let through after `count` others.

        What is answered before the window opens was let through before it closed: a long answer takes longer than a
        refusal, and another worker may tell late.
        """
        if self.refused_at is None or now >= self.opened_at:
            self._note(now, count)
            return
        self.answered_when_refused += 1
        if self.shown is not None:
            if self.guessed:
                self.size *= (self.shown + 1) / self.shown
            self.shown += 1

    def _note(self, now: float, count: int) -> None:
        if self.counts and now - self.counts[-1][0] < (now - self.counts[0][0]) / _KEPT:
            return
        if len(self.counts) >= _KEPT:
            self.counts = self.counts[::2]
        self.counts = [*(entry for entry in self.counts if now - entry[0] <= _HORIZON_SECONDS), (now, count)]

    def refuse(self, now: float, count: int, *, until: float, pace: float, limit: int | None) -> bool:
        """Take note of a refusal; returns whether it is a new one, and not one of those that were on their way.

        Args:
            now: when it came.
            count: requests that were let through so far.
            until: when the window opens.
            pace: requests per second that were allowed; a first refusal is taken to mean half of it at most.
            limit: the bucket's size, where the refusal tells it: it is that of all who drink from it.
        """
        grace_seconds = _SAME_REFUSAL_SECONDS if count <= self.answered_when_refused else 0.0
        if self.refused_at is not None and now <= self.opened_at + grace_seconds:
            self.opened_at = max(self.opened_at, until)
            return False
        cost_seconds = min(max(0.0, until - now), _MOST_COST_SECONDS)
        if self.shown is None or self.refused_at is None:
            self._guess(now, count, pace / 2, limit)
        else:
            self._measure(now, count, self.refused_at, cost_seconds)
        if not self.exact:
            self.held_seconds = _GUESS_HELD_WINDOWS * cost_seconds
            slowed = _GUESS_GROWTH_PER_WINDOW / max(cost_seconds, _SHORTEST_SECONDS)
            self.growth_per_second = min(_MOST_GROWTH_PER_SECOND, slowed)
        self.refused_at, self.opened_at = now, until
        self.answered_when_refused = count
        self.counts = []
        return True

    def _guess(self, now: float, count: int, most: float, limit: int | None) -> None:
        """Guess: the bucket was full at some moment, and counted from any other the inflow would seem to be less."""
        spans = [(count - number, now - at + _GUESSED_FILL_SECONDS) for at, number in self.counts if at <= now]
        taken, seconds = max(spans, key=lambda span: span[0] / span[1], default=(count, _GUESSED_FILL_SECONDS))
        self.shown = max(1.0, taken)
        size = _GUESSED_FILL_SECONDS * self.shown / seconds
        self.size = max(1.0, min(size, limit or size))
        self.least = min(_LEAST_GUESS, most)
        self.shown_seconds = max(seconds, self.shown / most)
        self.guessed, self.exact = True, False

    def _measure(self, now: float, count: int, refused_at: float, cost_seconds: float) -> None:
        """Measure: what was let through since the refusal before has flowed in, less what ran over meanwhile.

        Counted from any later moment, what flowed in is what was let through less what the bucket held, which is its
        size at most. Each of these figures is too low or right.
        """
        before = self.per_second or 0.0
        between, seconds = count - self.answered_when_refused, max(now - refused_at, _SHORTEST_SECONDS)
        ran_over = (self.opened_at - refused_at) * between / seconds >= self.size
        found = [(float(between), seconds, between >= _EXACT_COUNT and not ran_over)]
        for at, number in self.counts:
            inflow = count - number - self.size
            if inflow >= _FEWEST_COUNTED and now > at:
                found.append((inflow, now - at, inflow >= _EXACT_COUNT))
        self.shown, self.shown_seconds, exact = max(found, key=lambda one: one[0] / one[1])
        self.least = 0.0 if exact else _LEAST_LEFT * before
        if exact:
            alike = self.exact and abs(self.shown / self.shown_seconds - before) <= _SAME_RATE * before
            shortest = max(_HELD_SECONDS, _HELD_WINDOWS * cost_seconds)
            held = max(shortest, 2 * self.held_seconds) if alike else shortest
            self.held_seconds = min(held, _LONGEST_HELD_SECONDS)
            self.growth_per_second = _GROWTH_PER_SECOND
        self.guessed, self.exact = False, exact

    # ---- sharing --------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """Return JSON data."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return the inflow for its JSON data.

        Raises:
            KeyError, TypeError, ValueError: it is not of this form.
        """
        numbers = {name: data[name] for name in cls.__slots__ if name != "counts"}
        inflow = cls(**numbers, counts=[(float(at), int(count)) for at, count in data["counts"]])
        finite = all(math.isfinite(number) for number in numbers.values() if number is not None)
        complete = all(numbers[name] is not None for name in numbers.keys() - _MAYBE_NONE)
        plausible = inflow.shown_seconds > 0 and (inflow.shown is None or inflow.shown >= 0)
        if not (finite and complete and plausible):
            raise ValueError("no inflow is like that")
        return inflow
