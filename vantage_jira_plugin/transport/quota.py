"""What answers say of the hourly points, and how background work spreads over what is left. Pure.

Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (2026-10-09), "Points-based quota".
`RateLimit: "global-app-quota";r=11000;t=600` says that 11,000 points are left for 600 s; `r` is there only below about
a fifth of the quota. `RateLimit-Policy: "global-app-quota";q=65000;w=3600` says how many there are. Headers with
`Beta-` before their name are not enforced and not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["QuotaLeft", "quota_left", "quota_size"]

#: Policies that are about points; the others count requests per second.
_QUOTA_NAME = re.compile(r"-app-quota$")
_ITEM = re.compile(r'"(?P<name>[^"]{1,100})"(?P<attributes>(?:\s*;\s*[a-z]+\s*=\s*[^;,"\s]+)*)')
_ATTRIBUTE = re.compile(r"([a-z]+)\s*=\s*([^;,\"\s]+)")
#: Where an answer only says that a quota is near its end: the share that is left at most. Source: page above.
_NEAR_SHARE = 0.2
#: No quota lasts longer than a clock hour, whatever `t` says; it has been seen wrong. Source: page above.
_LONGEST_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class QuotaLeft:
    """Points that are left of a quota until it begins anew, at an epoch second."""

    name: str
    points: int
    resets_at: float

    @property
    def of_app(self) -> bool:
        """Whether all sites of the app share it."""
        return self.name.startswith("global-")

    def background_pause_seconds(self, points: int, now: float) -> float:
        """Return how long background work rests after it has spent so many points, to last until the reset."""
        return points * max(0.0, self.resets_at - now) / max(self.points, 1)


def quota_left(headers: Mapping[str, str], *, now: float) -> QuotaLeft | None:
    """Return what is left of the scarcest quota, or None while there is plenty."""
    left = []
    for name, attributes in _items(headers.get("RateLimit", "")):
        seconds = attributes.get("t")
        if seconds is None or not _QUOTA_NAME.search(name):
            continue
        points = attributes.get("r")
        if points is None and headers.get("X-RateLimit-NearLimit", "").strip().lower() == "true":
            whole = dict(_items(headers.get("RateLimit-Policy", ""))).get(name, {}).get("q")
            points = None if whole is None else whole * _NEAR_SHARE
        if points is not None:
            left.append(QuotaLeft(name, int(points), now + min(seconds, _LONGEST_SECONDS)))
    return min(left, key=lambda quota: quota.points, default=None)


def quota_size(headers: Mapping[str, str]) -> int | None:
    """Return the points of an hour under the smallest quota in force that an answer tells of, or None."""
    sizes = [
        int(attributes["q"])
        for name, attributes in _items(headers.get("RateLimit-Policy", ""))
        if _QUOTA_NAME.search(name) and "q" in attributes
    ]
    return min(sizes, default=None)


def _items(text: str) -> Iterator[tuple[str, dict[str, float]]]:
    """Read a list such as `"name";q=1;w=2, "other";q=3`; what is not of that form is passed over."""
    for item in _ITEM.finditer(text):
        numbers = {}
        for name, value in _ATTRIBUTE.findall(item["attributes"]):
            if re.fullmatch(r"\d{1,12}(\.\d{1,6})?", value):
                numbers[name] = float(value)
        yield item["name"], numbers
