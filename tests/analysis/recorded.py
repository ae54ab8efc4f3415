"""Real issues of Jira Cloud with their changelogs, recorded by the authors of jirametrics (Apache-2.0)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vantage_jira_plugin.analysis.history import IssueHistory, issue_history

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["recorded_issues"]


def recorded_issues(shared_jira: Path, *names: str, sample: bool = False) -> list[IssueHistory]:
    """Return the histories of recorded issues such as `SP-13`; the sample is of another day than the rest."""
    folder, prefix = shared_jira / "recorded" / "cloud-v2", "jirametrics-sample-" if sample else "jirametrics-"
    statuses = json.loads((folder / f"{prefix}sample_statuses.json").read_text(encoding="utf-8"))
    categories = {status["id"]: status["statusCategory"]["key"] for status in statuses}
    issues = [json.loads((folder / f"{prefix}{name}.json").read_text(encoding="utf-8")) for name in names]
    return [issue_history(issue, issue["changelog"]["histories"], categories) for issue in issues]
