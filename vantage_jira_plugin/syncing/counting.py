"""What a count of ids shows: what Jira answers of those that came or went. What that means is decided in `census`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.reading.fetched import fetched_issues
from vantage_jira_plugin.reading.foreign import confined_issue
from vantage_jira_plugin.reading.rows import utc_datetime
from vantage_jira_plugin.reading.sizes import LEAN_ISSUES, RICH_ISSUES

from .census import Answer, fate_of, project_of, suspicious
from .items import ARCHIVED_FIELDS, identity
from .lookups import matching_ids, project_states
from .roster import compared
from .state import UNANSWERED, UNCONFIRMED
from .tally import counted_on

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .census import Fate
    from .items import Item, Plan
    from .roster import Roster
    from .state import Census

__all__ = ["Counting", "Outcome", "warn_of_unsettled"]

#: An issue is fetched, may be found by a search, and its project is asked for.
_POINTS_OF_A_FATE = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a count has shown.

    Attributes:
        found: issues that the query finds and that were not known, or under another key.
        gone: id and row of issues that it does not find any more.
        census: where the count goes on; None where it cannot, or has come to its end.
        incomplete_reason: why it has not, or why something is not told; None otherwise.
        counted_at: when it began, epoch seconds, where it has come to its end; None where it has not.
    """

    census: Census | None
    incomplete_reason: str | None
    counted_at: float | None = None
    found: list[Item] = field(default_factory=list)
    gone: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Gone:
    """An issue that was not found: its last known key, what became of it, and what Jira answers of it now."""

    id: int
    key: str
    fate: Fate
    issue: dict[str, Any] | None


class Counting:
    """One count, as far as a call takes it."""

    def __init__(self, jira: JiraClient, clauses: str, plan: Plan, census: Census) -> None:
        self._jira = jira
        self._clauses = clauses
        self._plan = plan
        self._census = census
        self._failed: set[int] = set()
        self._doubted = False

    def outcome(self, known: Roster, *, room: int, confirmed: bool) -> Outcome:
        """Count, compare with what is known, and tell the differences in so many rows at most.

        Nothing is told before the count is whole.
        """
        reason = None
        if not self._census.counted:
            self._census, reason = counted_on(self._jira, self._clauses, self._census)
        if reason is not None:
            return Outcome(self._census if self._census.token else None, reason)
        differences = compared(known, self._census.found)
        came = sorted(differences.extra + differences.renamed)
        found, reason = self._found(came[:room])
        if reason is None and len(came) > room:
            reason = "maxRows"
        if reason is not None:
            return Outcome(self._census, reason, found=found)
        missing = {issue_id: known.key_of(issue_id) or "" for issue_id in differences.missing}
        gone, reason = self._gone(missing, len(known), room - len(found), confirmed=confirmed)
        rows = [(one.id, self._row(one)) for one in gone]
        if reason is not None:
            return Outcome(self._census, reason, found=found, gone=rows)
        return Outcome(None, self._untold(), self._census.began_at, found=found, gone=rows)

    def _found(self, ids: Sequence[int]) -> tuple[list[Item], str | None]:
        """Return issues that came, as they are now; one that is not answered, or not allowed, did not come."""
        fetched = fetched_issues(self._jira, ids, self._plan.request_fields, RICH_ISSUES)
        may_tell = self._jira.may_touch
        items = [self._plan.item(confined_issue(issue, may_tell)) for issue in fetched.issues]
        items = [item for item in items if may_tell(project_of(item.key))]
        if fetched.stopped is None:
            keys = {item.id: item.key for item in items}
            self._census = replace(self._census, found=self._census.found.changed(keys, {*ids} - keys.keys()))
            self._failed |= fetched.failed
        return items, fetched.stopped

    def _gone(
        self, known: Mapping[int, str], total: int, room: int, *, confirmed: bool
    ) -> tuple[list[_Gone], str | None]:
        """Return what became of issues that were not found, given with their last known keys, and why that is not all.

        What Jira answers is told piece by piece, so that a call with little time or few points gets on as well. What it
        does not answer is told when all were asked for, since it may be too much to be believed.
        """
        ids, place = [*known], 0
        gone: list[_Gone] = []
        unanswered: dict[int, str] = {}
        while place < len(ids) and len(gone) <= room:
            some = ids[place : place + self._piece(room)]
            place += len(some)
            fetched = fetched_issues(self._jira, some, ARCHIVED_FIELDS, LEAN_ISSUES)
            if fetched.stopped is not None:
                return gone, fetched.stopped
            issues = {identity(issue)[0]: issue for issue in fetched.issues}
            answered, stopped = self._fates({one: known[one] for one in some if one in issues}, issues)
            if stopped is not None:
                return gone, stopped
            gone += answered
            self._failed |= fetched.failed
            unanswered |= {one: known[one] for one in some if one not in issues and one not in fetched.failed}
        if len(gone) <= room and self._believed(unanswered, total, confirmed=confirmed):
            silent, stopped = self._fates(unanswered, {})
            if stopped is not None:
                return gone, stopped
            gone += silent
        return gone[:room], "maxRows" if len(gone) > room else None

    def _piece(self, room: int) -> int:
        """Return how many issues are asked for at once: one costs up to three points until its fate is known."""
        size = min(LEAN_ISSUES * self._jira.settings.max_in_flight, max(LEAN_ISSUES, room))
        return max(1, self._jira.rows_afforded(_POINTS_OF_A_FATE * size) // _POINTS_OF_A_FATE)

    def _fates(self, known: Mapping[int, str], issues: Mapping[int, dict[str, Any]]) -> tuple[list[_Gone], str | None]:
        """Return what became of issues, given with their last known keys and with what Jira answers of them."""
        archived = {issue_id for issue_id in known if issue_id in issues and _is_archived(issues[issue_id])}
        matching, reason = matching_ids(self._jira, self._clauses, sorted(known.keys() & issues.keys() - archived))
        if reason is not None:
            return [], reason
        doubted = sorted({project_of(known[issue_id]) for issue_id in known.keys() - archived - matching})
        projects, reason = project_states(self._jira, doubted)
        if reason is not None:
            return [], reason
        gone = []
        for issue_id, key in known.items():
            issue = issues.get(issue_id)
            answer = issue and Answer(identity(issue)[1], issue_id in archived, issue_id in matching)
            fate = fate_of(key, answer or None, projects.get(project_of(key)))
            if fate is not None:
                gone.append(_Gone(issue_id, key, fate, issue))
        return gone, None

    def _believed(self, unanswered: Collection[int], known: int, *, confirmed: bool) -> bool:
        """Tell whether what is not answered is told as gone; warn where it is not."""
        if confirmed or not suspicious(unanswered, known):
            return True
        self._doubted = True
        self._jira.warnings.append(
            f"{len(unanswered)} of {known} issues are not to be seen any more, which looks like a lost permission: "
            "they are not told as deleted or lost. If they are gone, call again with census and confirmDeletions"
        )
        return False

    def _untold(self) -> str | None:
        """Return why something is not told though all are counted, or None; warn of issues that Jira did not answer."""
        if self._failed:
            self._jira.warnings.append(
                f"Jira could not answer {len(self._failed)} issues, which may have come or gone: "
                "the next count asks again"
            )
        return UNCONFIRMED if self._doubted else UNANSWERED if self._failed else None

    def _row(self, one: _Gone) -> dict[str, Any]:
        """Return the row of an issue that is gone; it tells nothing of what is in a project that is not allowed."""
        now = datetime.fromtimestamp(self._jira.now, UTC).isoformat()
        key = identity(one.issue)[1] if one.issue else one.key
        allowed = self._jira.may_touch(project_of(key))
        fields = _fields_of(one.issue) if one.issue and allowed else {"updated": now}
        row = self._plan.gone(
            one.id,
            key if allowed else one.key,
            change=one.fate,
            changed_at=utc_datetime(fields.get("archiveddate") or fields.get("updated")),
            visible=one.fate in {"moved", "left"} and allowed,
        )
        row["previousKey"] = one.key if row["key"] != one.key else None
        return row


def warn_of_unsettled(jira: JiraClient, reason: str | None) -> None:
    """Warn of what an earlier count has not settled, if anything: only another one does."""
    if reason == UNCONFIRMED:
        jira.warnings.append(
            "an earlier count missed more than half of the issues, which is still neither confirmed nor refuted: call "
            "with census, and with confirmDeletions as well if they are gone"
        )
    elif reason is not None:
        jira.warnings.append(
            "Jira could not answer some issues of an earlier count, which may have come or gone: call with census to "
            "ask again before the next one is due"
        )


def _is_archived(issue: dict[str, Any]) -> bool:
    """Tell whether an issue says that it is archived: `{"fields": {"archiveddate", "archivedby"}}`."""
    fields = _fields_of(issue)
    return any(fields.get(name) is not None for name in ARCHIVED_FIELDS[1:])


def _fields_of(issue: dict[str, Any]) -> dict[str, Any]:
    fields = issue.get("fields")
    return fields if isinstance(fields, dict) else {}
