"""A pull of many issues by one client in a process of its own: what it took and whether it was exact.

Which pulls are compared, and what is said of them, is decided elsewhere.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from benchmarks.clients import KINDS, atlassian_client, failure_of, jira_client, ours
from benchmarks.fresh import fresh
from benchmarks.peak import Peak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from benchmarks.clients import Client
    from benchmarks.workplace import Access, Workplace

__all__ = [
    "ALL_FIELDS",
    "FEW_FIELDS",
    "JQL",
    "PEERS",
    "PROJECT_KEY",
    "SITE_PATH",
    "Ids",
    "Job",
    "Pulled",
    "expected_ids",
    "pulled",
    "statuses",
    "title_of",
    "wanted",
]

JQL = "project = DEV ORDER BY created DESC"
PROJECT_KEY = "DEV"
ALL_FIELDS = ("*all",)
FEW_FIELDS = ("summary", "status", "assignee", "created", "updated")
#: The site's own paths on the gateway.
SITE_PATH = "/ex/jira/"
#: The longest that a call of ours may take.
_TIMEOUT_SECONDS = 3600.0
#: The most that Jira lets a page be asked for. Source: OpenAPI file, POST search/jql, maxResults.
_PAGE_SIZE = 5000


@dataclass(frozen=True)
class _Peer:
    """A peer as it is used here: `kind` is the client's name in `KINDS`, `jira` or `atlassian`."""

    kind: str
    remark: str
    opened: Callable[[Access], Client]


#: With what each reads all issues by itself, and with the largest pages that its interface lets one ask for.
PEERS: Mapping[str, _Peer] = {
    "jira": _Peer("jira", "", jira_client),
    "jira-pages": _Peer("jira", ", own loop, `maxResults=5000`", lambda access: jira_client(access, _PAGE_SIZE)),
    "atlassian": _Peer("atlassian", "", atlassian_client),
    "atlassian-pages": _Peer(
        "atlassian", ", own loop, `limit=5000`", lambda access: atlassian_client(access, _PAGE_SIZE)
    ),
}


@dataclass(frozen=True)
class Job:
    """What is pulled: by `ours`, or by one of `PEERS`; `in_flight` is a setting of ours."""

    client: str
    fields: tuple[str, ...]
    in_flight: int = 8
    jql: str = JQL


@dataclass(frozen=True)
class Ids:
    """Which issues were read: `read` with those that came twice, digests of the set and of the order."""

    read: int
    different: int
    found: str
    order: str

    @classmethod
    def of(cls, ids: Sequence[str]) -> Ids:
        """Return what there is to say of a list of ids."""
        return cls(len(ids), len(set(ids)), _digest(sorted(set(ids))), _digest(ids))

    def exact(self, expected: Ids) -> bool:
        """Tell whether every issue was read, and read once."""
        return self.found == expected.found and self.read == expected.read


@dataclass(frozen=True)
class Pulled:
    """What a pull took.

    Attributes:
        points: Jira's, where the simulator counts them.
        peak_mb: the most memory that the process had at once, above what it had when it was ready.
        log: what the site was asked meanwhile.
    """

    job: Job
    seconds: float
    cpu_seconds: float
    points: int
    peak_mb: float
    failure: str | None
    ids: Ids
    closed: int
    log: list[dict[str, Any]]

    @property
    def requests(self) -> int:
        """How many requests the site was sent."""
        return len(self.log)


def expected_ids(place: Workplace) -> Ids:
    """Return the ids of all issues of the project, as they are stored."""
    stored = place.simulated.control(f"issues?project={PROJECT_KEY}")
    return Ids.of([issue["id"] for issue in stored])


def pulled(place: Workplace, job: Job) -> Pulled:
    """Pull once, in a fresh process that is connected and has made a small call."""
    with fresh(_work, job, place.access) as process:
        process.hear()
        place.simulated.control("requests", delete=True)
        used = place.simulated.control("summary")["points_used"]
        process.say("go")
        said = process.hear()
        summary = place.simulated.control("summary")
    log = [entry for entry in place.simulated.control("requests") if entry["path"].startswith(SITE_PATH)]
    # An hour that ends meanwhile begins to count anew; what was used before is then not taken off.
    points = summary["points_used"] - (used if summary["points_used"] >= used else 0)
    return Pulled(job=job, points=points, closed=summary["closed_window"], log=log, **said)


def title_of(client: str) -> str:
    """Return what a client is called on the page."""
    if client not in PEERS:
        return KINDS[client].title
    peer = PEERS[client]
    return f"{KINDS[peer.kind].title}{peer.remark}"


def wanted(peers: Iterable[str], clients: Iterable[str]) -> list[str]:
    """Return those of the peers whose client is among those to compare."""
    allowed = set(clients)
    return [name for name in peers if PEERS[name].kind in allowed]


def statuses(log: Iterable[Mapping[str, Any]]) -> Counter[int | None]:
    """Count answers by status."""
    return Counter(entry["status"] for entry in log)


def _digest(ids: Iterable[str]) -> str:
    return sha256(",".join(ids).encode()).hexdigest()


# ---- in a process of its own ----------------------------------------------------------------


def _work(pipe: Any, job: Job, access: Access) -> None:
    """Connect, say that everything is ready, pull once told to, and say what it took."""
    client: Client
    if job.client in PEERS:
        client = PEERS[job.client].opened(access)
    else:
        client = ours(access, timeout_seconds=_TIMEOUT_SECONDS, maxInFlight=job.in_flight)
    client.elsewhere()
    pipe.send("ready")
    pipe.recv()
    ids: list[str] = []
    peak = Peak()
    started, cpu_started = time.monotonic(), time.process_time()
    failure = failure_of(lambda: ids.extend(client.search(job.jql, job.fields)))
    seconds, cpu_seconds = time.monotonic() - started, time.process_time() - cpu_started
    pipe.send(
        {
            "seconds": seconds,
            "cpu_seconds": cpu_seconds,
            "peak_mb": peak.megabytes,
            "failure": failure,
            "ids": Ids.of(ids),
        }
    )
