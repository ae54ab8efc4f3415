"""Measures whether an export that is killed again and again, through faults and expiring tokens, is exact at last."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import pulls
from benchmarks.clients import ours
from benchmarks.faulty_reads import FAULTS, FIELDS
from benchmarks.fresh import fresh, outcome_of
from benchmarks.pulls import JQL, SITE_PATH
from benchmarks.spooled import SpooledPages
from benchmarks.table import Table
from benchmarks.workplace import running_workplace

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from benchmarks.workplace import Access, Workplace

_LATENCY_SECONDS = 0.1
_TOKEN_SECONDS = 20.0
#: Each kind of fault meets so many of the requests.
_PROBABILITY = 0.02
_PAGE_SIZE = 100
_IN_FLIGHT = 8
_TIMEOUT_SECONDS = 600.0
#: How often it is looked whether so many pages have come that it is time to kill.
_LOOK_SECONDS = 0.005
#: The same kills in every run, as far as the machine lets them be.
_SEED = 5
#: Faults that are logged with the status of the answer that they spoilt.
_SPOILT = frozenset({"truncate", "cut_json"})


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        missing, twice: issues of which the file has none, or more than one.
        same: whether the file is byte by byte that of an export without faults and kills.
        again: requests for pages that were kept when an earlier run was killed.
        under_way: good answers that a kill lost.
    """

    issues: int
    kills: int
    missing: int
    twice: int
    same: bool
    again: int
    under_way: int
    requests: int
    faults: int
    refreshes: int
    kept_rows: tuple[int, ...]
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether the aim is reached."""
        return self.same and not (self.missing or self.twice or self.again)

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": "resume",
            "issues": self.issues,
            "kills": self.kills,
            "missing": self.missing,
            "twice": self.twice,
            "same": self.same,
            "again": self.again,
            "underWay": self.under_way,
            "requests": self.requests,
            "faults": self.faults,
            "refreshes": self.refreshes,
            "keptRows": list(self.kept_rows),
            "seconds": round(self.seconds, 1),
        }


def measure(clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Export once undisturbed and once through everything; only ours can go on."""
    if "ours" not in clients:
        return []
    issues, kills = (2_000, 5) if quick else (20_000, 8)
    with (
        running_workplace("--issues", str(issues), token_seconds=_TOKEN_SECONDS) as place,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
    ):
        calm, disturbed = Path(folder) / "calm.ndjson", Path(folder) / "disturbed.ndjson"
        outcome_of(_export, place.access, str(calm))
        return [_disturbed(place, calm, disturbed, kills)]


def _disturbed(place: Workplace, calm: Path, target: Path, kills: int) -> Outcome:
    simulated = place.simulated
    stored = {issue["id"] for issue in simulated.control(f"issues?project={pulls.PROJECT_KEY}")}
    faults = [
        {**fault, "probability": _PROBABILITY, "path": "/search/|/bulkfetch$", "times": None, "delay_seconds": 1.0}
        for _, fault in FAULTS
    ]
    simulated.control("faults", faults)
    simulated.control("settings", {"latency_seconds": _LATENCY_SECONDS})
    simulated.control("requests", delete=True)
    dice = random.Random(_SEED)  # noqa: S311 - moments of kills
    pages = SpooledPages(target)
    most = max(1, len(stored) // _PAGE_SIZE // (kills + 1))
    kept_rows = []
    killed = 0
    started = time.monotonic()
    while killed < kills and _killed(place, target, dice.randint(1, most), dice.uniform(0, 2 * _LATENCY_SECONDS)):
        killed += 1
        kept_rows.append(pages.note(after=len(_log(place))))
    if not target.exists():
        outcome_of(_export, place.access, str(target))
    seconds = time.monotonic() - started
    log = _log(place)
    again = pages.asked_again(log)
    good = sum(_is_page(entry) for entry in log)
    counts = Counter(json.loads(line)["id"] for line in target.read_text(encoding="utf-8").splitlines())
    return Outcome(
        issues=len(stored),
        kills=killed,
        missing=len(stored - counts.keys()),
        twice=sum(count > 1 for count in counts.values()),
        same=_sha256(calm) == _sha256(target),
        again=again,
        under_way=good - len({(entry["body"]) for entry in log if _is_page(entry)}),
        requests=len(log),
        faults=sum(entry["fault"] is not None for entry in log),
        refreshes=simulated.control("authorization")["refreshes"],
        kept_rows=tuple(kept_rows),
        seconds=seconds,
    )


def _killed(place: Workplace, target: Path, pages: int, after_seconds: float) -> bool:
    """Export until so many more pages have come and a moment has passed; False where it came to its end before."""
    before = sum(map(_is_page, _log(place)))
    with fresh(_export, place.access, str(target)) as process:
        while sum(map(_is_page, _log(place))) < before + pages:
            if process.has_said():
                process.hear()
                return False
            time.sleep(_LOOK_SECONDS)
        time.sleep(after_seconds)
        process.kill()
        return not target.exists()


def _log(place: Workplace) -> list[dict[str, Any]]:
    return [entry for entry in place.simulated.control("requests") if entry["path"].startswith(SITE_PATH)]


def _is_page(entry: dict[str, Any]) -> bool:
    """Tell whether a request was answered with a page of the search."""
    good = entry["status"] == HTTPStatus.OK and entry["fault"] not in _SPOILT
    return good and entry["path"].endswith("/search/jql")


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


# ---- in a process of its own ----------------------------------------------------------------


def _export(pipe: Any, access: Access, target: str) -> None:
    """Export everything, and say that it is done."""
    client = ours(access, timeout_seconds=_TIMEOUT_SECONDS, maxInFlight=_IN_FLIGHT)
    output = client.output("exportIssues", jql=JQL, fields=list(FIELDS), target=target)
    if not output["metadata"]["complete"]:
        raise RuntimeError(output["metadata"]["incompleteReason"])
    pipe.send("done")


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## An export through faults and kills

`exportIssues` of {issues:,} issues with their comments to NDJSON, {in_flight} in flight, {latency:g} ms an answer.
Each of these meets {probability:.0%} of the requests: {faults}.
Access tokens live for {token:g} s. The process is killed (SIGKILL) again and again, after a random number of pages and
a random moment, and a new one goes on. *Asked again* are requests for pages that were kept when an earlier process was
killed; *lost under way* good answers that a process had not kept yet when it was.

Aim: the file has every issue once and is byte by byte that of an undisturbed export; no page that was kept is asked
for again.

{table}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    table = Table(
        (
            "kills",
            "missing",
            "twice",
            "same bytes",
            "asked again",
            "lost under way",
            "requests",
            "faults",
            "refreshes",
            "seconds",
        )
    )
    for outcome in outcomes:
        table.add(
            outcome.kills,
            outcome.missing,
            outcome.twice,
            f"{'yes' if outcome.same else 'no'}{'' if outcome.exact else ' (aim missed)'}",
            outcome.again,
            outcome.under_way,
            f"{outcome.requests:,}",
            outcome.faults,
            outcome.refreshes,
            f"{outcome.seconds:.0f}",
        )
    return _TEXT.format(
        issues=outcomes[0].issues,
        in_flight=_IN_FLIGHT,
        latency=_LATENCY_SECONDS * 1000,
        faults=", ".join(title for title, _ in FAULTS),
        probability=_PROBABILITY,
        token=_TOKEN_SECONDS,
        table=table,
    )
