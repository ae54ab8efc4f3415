"""How made-up issues live: what happens to one, and when. Pure, but for the dice; no site is known here."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["DAY_SECONDS", "ROUND_SECONDS", "Event", "Rounds", "Setting", "life"]

DAY_SECONDS = 86_400.0
#: A sprint, in seconds.
ROUND_SECONDS = 14 * DAY_SECONDS
#: Sprints through which an issue is dragged at most.
_MOST_ROUNDS = 4
#: How likely each thing is. All of it is made up.
_NEVER_STARTED, _STUCK, _REVIEWED, _SENT_BACK, _REOPENED, _REPRIORITIZED = 0.08, 0.05, 0.75, 0.2, 0.12, 0.08
#: How long things take on average, days.
_UNTIL_START, _WORK, _REVIEW, _UNTIL_REOPENED = 5.0, 3.0, 1.5, 4.0


class Event(NamedTuple):
    """A change of an issue; `at` is epoch seconds, `values` by field."""

    at: float
    author_id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Sprints that follow each other: the first one's beginning (epoch seconds) and their ids."""

    begin_at: float
    ids: tuple[int, ...]

    def after(self, at: float) -> int:
        """Return the place of the first sprint that begins after a moment; beyond the last where there is none."""
        starts = [self.begin_at + ROUND_SECONDS * place for place in range(len(self.ids))]
        return bisect_right(starts, at)

    def end_at(self, place: int) -> float:
        """Return when a sprint ends."""
        return self.begin_at + ROUND_SECONDS * (place + 1)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where issues live: statuses before, during and after the work; who works; sprints and their field, if any."""

    to_do_id: str
    working_ids: tuple[str, ...]
    done_id: str
    people: tuple[str, ...]
    resolution_ids: tuple[str, ...]
    priority_ids: tuple[str, ...]
    sprint_field_id: str = ""
    rounds: Rounds | None = None


def life(
    chance: random.Random, setting: Setting, values: Mapping[str, Any], created_at: float, now: float
) -> Sequence[Event]:
    """Return what happens to an issue until now, in order.

    Args:
        chance: the dice.
        setting: where it lives.
        values: what it was created with.
        created_at: when, epoch seconds.
        now: what would happen later does not happen yet.
    """
    owner_id = values.get("assignee") or chance.choice(setting.people)
    events = list(_worked(chance, setting, values, owner_id, created_at))
    if chance.random() < _REPRIORITIZED:
        at = created_at + chance.expovariate(1 / (_UNTIL_START * DAY_SECONDS))
        events.append(Event(at, chance.choice(setting.people), {"priority": chance.choice(setting.priority_ids)}))
    if setting.rounds is not None and setting.sprint_field_id in values:
        done_at = next((event.at for event in events if event.values.get("status") == setting.done_id), now)
        events.extend(_dragged(setting, setting.rounds, values[setting.sprint_field_id], done_at))
    return sorted((event for event in events if event.at < now), key=lambda event: event.at)


def _worked(
    chance: random.Random, setting: Setting, values: Mapping[str, Any], owner_id: str, created_at: float
) -> Iterator[Event]:
    """Tell how the issue is started, reviewed, finished, and started again."""
    if chance.random() < _NEVER_STARTED:
        return
    at = created_at

    def after(mean_days: float) -> float:
        nonlocal at
        at += 60 + chance.expovariate(1 / (mean_days * DAY_SECONDS))
        return at

    working_id, review_id = setting.working_ids[0], setting.working_ids[-1]
    start: dict[str, Any] = {"status": working_id}
    yield Event(after(_UNTIL_START), owner_id, start if "assignee" in values else {**start, "assignee": owner_id})
    if chance.random() < _STUCK:
        return
    if review_id != working_id and chance.random() < _REVIEWED:
        yield Event(after(_WORK), owner_id, {"status": review_id})
        if chance.random() < _SENT_BACK:
            yield Event(after(_REVIEW), chance.choice(setting.people), {"status": working_id})
            yield Event(after(_WORK), owner_id, {"status": review_id})
    yield _finished(chance, setting, after(_REVIEW), owner_id)
    if chance.random() < _REOPENED:
        reopened = {"status": working_id, "resolution": None, "resolutiondate": None}
        yield Event(after(_UNTIL_REOPENED), chance.choice(setting.people), reopened)
        yield _finished(chance, setting, after(_WORK), owner_id)


def _finished(chance: random.Random, setting: Setting, at: float, owner_id: str) -> Event:
    # Most things are simply done; the others have their reasons.
    (resolution_id,) = chance.choices(setting.resolution_ids, (8, *(1 for _ in setting.resolution_ids[1:])))
    return Event(at, owner_id, {"status": setting.done_id, "resolution": resolution_id, "resolutiondate": at})


def _dragged(setting: Setting, rounds: Rounds, planned: tuple[int, ...], done_at: float) -> Iterator[Event]:
    """Tell how an issue that is not done goes on into the next sprint; it keeps those that it was in."""
    held, place = planned, rounds.ids.index(planned[-1])
    while rounds.end_at(place) < done_at and place + 1 < len(rounds.ids) and len(held) < _MOST_ROUNDS:
        held = (*held, rounds.ids[place + 1])
        yield Event(rounds.end_at(place), setting.people[0], {setting.sprint_field_id: held})
        place += 1
