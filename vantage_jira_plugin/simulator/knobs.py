"""What can be changed while the simulator runs, by name, and what each may be. Keeps no state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.gateway import EXPIRED_MESSAGES
from vantage_jira_plugin.simulator.given import is_amount, is_flag, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.simulator.embedded import Simulator

__all__ = ["KNOBS", "turn"]


@dataclass(frozen=True, slots=True)
class _Knob:
    """What a setting may be, as a test and in words."""

    fits: Callable[[Any], bool]
    words: str


_FLAG = _Knob(is_flag, "true or false")
_COUNT = _Knob(lambda value: is_whole(value) and is_amount(value), "a whole number, not below 0")
_SECONDS = _Knob(is_amount, "a number of seconds, not below 0")

#: Settings that are attributes of `Limits`.
_LIMITS: Mapping[str, _Knob] = {
    "burst_on": _FLAG,
    "per_issue_on": _FLAG,
    "points_on": _FLAG,
    "points_enforced": _FLAG,
    "points_per_hour": _COUNT,
    "points_scope": _Knob(lambda value: value in ("global", "tenant"), "global or tenant"),
}

#: Every setting, by its name in `POST /_simulator/settings`; in this order they are put in force, so that
#: `limits_on` together with one limit means: all but that one.
KNOBS: Mapping[str, _Knob] = {
    "access_token_seconds": _SECONDS,
    "reuse_seconds": _SECONDS,
    "expired_token_status": _Knob(
        lambda value: is_whole(value) and value in EXPIRED_MESSAGES,
        f"one of {', '.join(map(str, EXPIRED_MESSAGES))}",
    ),
    "auto_consent": _FLAG,
    "index_lag_seconds": _SECONDS,
    "latency_seconds": _SECONDS,
    "embedded_comments": _COUNT,
    "limits_on": _FLAG,
    **_LIMITS,
}


def turn(simulator: Simulator, settings: Mapping[str, Any]) -> None:
    """Put settings in force: all of them, or none where one is wrong.

    Raises:
        ValueError: with what is wrong.
    """
    for name, value in settings.items():
        if name not in KNOBS:
            raise ValueError(f"unknown: {name}; known: {', '.join(sorted(KNOBS))}")
        if not KNOBS[name].fits(value):
            raise ValueError(f"{name} is {KNOBS[name].words}")
    for name in KNOBS:
        if name in settings:
            _put(simulator, name, settings[name])


def _put(simulator: Simulator, name: str, value: Any) -> None:
    match name:
        case "reuse_seconds":
            simulator.authorization.grants.reuse_seconds = value
        case "latency_seconds":
            simulator.gateway.latency_seconds = value
        case "index_lag_seconds" | "embedded_comments":
            for site in simulator.sites:
                setattr(site, name, value)
        case "limits_on":
            limits = simulator.limits
            limits.burst_on = limits.per_issue_on = limits.points_on = value
        case _:
            setattr(simulator.limits if name in _LIMITS else simulator, name, value)
