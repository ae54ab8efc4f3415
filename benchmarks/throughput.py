"""Measures issues per second at different latencies, with more and fewer requests in flight, beside a peer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import pulls
from benchmarks.pulls import Job, pulled
from benchmarks.table import Table
from benchmarks.workplace import running_workplace

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

_LATENCIES_SECONDS = (0.02, 0.05, 0.1, 0.15, 0.3)
_IN_FLIGHT = (1, 2, 4, 8, 16)
_PEER = "jira"
#: The Vega-Lite that the drawing is written in.
_VEGA_LITE = "5.21"
#: The drawing has a ground of its own, so that it can be read on a dark page, too.
_GROUND, _INK, _LINES = "#ffffff", "#24292f", "#d0d7de"
#: From light to dark, for one request in flight to many; the peer.
_BLUES = ("#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08306b")
_PEER_COLOUR = "#d95f02"


@dataclass(frozen=True)
class Outcome:
    """One pull: by ours with so many in flight, or by the peer, which sends one request after the other."""

    client: str
    latency_seconds: float
    in_flight: int
    issues: int
    seconds: float
    exact: bool

    @property
    def per_second(self) -> float:
        """Issues per second."""
        return self.issues / self.seconds

    @property
    def series(self) -> str:
        """Which line it is a point of."""
        return f"{self.in_flight} in flight" if self.client == "ours" else self.client

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": "throughput",
            "series": self.series,
            "latencyMs": self.latency_seconds * 1000,
            "perSecond": round(self.per_second),
            "exact": self.exact,
        }


def measure(clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Pull with every latency and number in flight."""
    latencies, in_flight = ((0.02, 0.15), (1, 8)) if quick else (_LATENCIES_SECONDS, _IN_FLIGHT)
    jobs = [Job("ours", pulls.ALL_FIELDS, number) for number in in_flight if "ours" in clients]
    jobs += [Job(_PEER, pulls.ALL_FIELDS, 1)] if _PEER in clients else []
    outcomes = []
    with running_workplace("--issues", str(1_500 if quick else 5_000)) as place:
        expected = pulls.expected_ids(place)
        pulled(place, Job("ours", pulls.ALL_FIELDS))  # once for nothing: whoever comes first waits for the simulator
        for job in jobs:
            for latency_seconds in latencies:
                place.simulated.control("settings", {"latency_seconds": latency_seconds})
                run = pulled(place, job)
                exact = run.failure is None and run.ids.exact(expected)
                outcomes.append(
                    Outcome(job.client, latency_seconds, job.in_flight, run.ids.different, run.seconds, exact)
                )
    return outcomes


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## Throughput against latency and requests in flight

Issues per second of a pull of {issues:,} issues with `*all` into a table in memory, once each, beside `jira`
(`enhanced_search_issues(maxResults=False)`).

![Issues per second against latency, by requests in flight](throughput.svg)

{table}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    latencies = sorted({one.latency_seconds for one in outcomes})
    table = Table(("", *(f"{seconds * 1000:g} ms" for seconds in latencies)))
    found = {(one.series, one.latency_seconds): one for one in outcomes}
    for series in _series(outcomes):
        row = [found[series, seconds] for seconds in latencies]
        table.add(series, *(f"{one.per_second:,.0f}{'' if one.exact else ' (not whole)'}" for one in row))
    return _TEXT.format(issues=max((one.issues for one in outcomes), default=0), table=table)


def draw(outcomes: Sequence[Outcome], path: Path) -> None:
    """Draw the figures into an SVG file."""
    import vl_convert  # noqa: PLC0415 - the other parts do without it

    svg: str = vl_convert.vegalite_to_svg(_specification(outcomes), vl_version=_VEGA_LITE, allowed_base_urls=[])
    path.write_text(svg + "\n", encoding="utf-8")


def _series(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the lines, the one with most in flight first, as they lie above each other."""
    ours = sorted({one.in_flight for one in outcomes if one.client == "ours"}, reverse=True)
    return [*(f"{number} in flight" for number in ours), *{one.client for one in outcomes if one.client != "ours"}]


def _specification(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the drawing in Vega-Lite: a line for each number in flight, both scales logarithmic."""
    series = _series(outcomes)
    colours = [*_BLUES[::-1][: len(series) - 1], _PEER_COLOUR] if _PEER in series else list(_BLUES[::-1])
    dashes = [[5, 4] if name == _PEER else [1, 0] for name in series]
    axis = {"labelColor": _INK, "titleColor": _INK, "gridColor": _LINES, "domainColor": _LINES, "tickColor": _LINES}
    values = [
        {"series": one.series, "latency": one.latency_seconds * 1000, "perSecond": round(one.per_second)}
        for one in outcomes
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": _GROUND,
        "padding": 16,
        "width": 520,
        "height": 300,
        "title": {
            "text": "Issues per second, all fields",
            "subtitle": "this connector by requests in flight, and jira from PyPI",
            "anchor": "start",
            "color": _INK,
            "subtitleColor": _INK,
        },
        "data": {"values": values},
        "mark": {"type": "line", "point": {"filled": True, "size": 45}, "strokeWidth": 2},
        "encoding": {
            "x": {
                "field": "latency",
                "type": "quantitative",
                "title": "latency of an answer (ms)",
                "scale": {"type": "log", "nice": False},
                "axis": {**axis, "values": sorted({value["latency"] for value in values}), "format": "~g"},
            },
            "y": {
                "field": "perSecond",
                "type": "quantitative",
                "title": "issues per second",
                "scale": {"type": "log"},
                "axis": {**axis, "values": [100, 200, 500, 1000, 2000, 5000, 10_000], "format": ","},
            },
            "color": {
                "field": "series",
                "type": "nominal",
                "title": None,
                "scale": {"domain": series, "range": colours},
                "legend": {"labelColor": _INK},
            },
            "strokeDash": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": series, "range": dashes},
                "legend": None,
            },
        },
        "config": {"view": {"stroke": None}, "font": "system-ui, -apple-system, 'Segoe UI', sans-serif"},
    }
