"""Actions whose rows go into a file, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.exporting.export import prepared
from vantage_jira_plugin.exporting.formats import SUFFIXES
from vantage_jira_plugin.fields.system import needs_catalogue
from vantage_jira_plugin.jql import confined
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, COUNT_ISSUES, LIST_FIELDS, SEARCH_ISSUES
from vantage_jira_plugin.reading.pull import pull_into
from vantage_jira_plugin.reading.rows import issue_table
from vantage_jira_plugin.schemas import Flag, Text, WholeNumber

from . import _estimates, _inputs
from ._action import ActionGroup, row_maker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.exporting.export import Export, Exported
    from vantage_jira_plugin.reading.columns import TextFormat
    from vantage_jira_plugin.rehearsal import Estimate

group = ActionGroup("exports")

#: Longest path or URL. Source: PATH_MAX of Linux.
_MAX_TARGET_LENGTH = 4096
#: More issues than any site has.
_ALL_ROWS = 1_000_000_000

_COLUMNS: tuple[Column, ...] = (
    {"name": "target", "type": "string", "title": "Target"},
    {"name": "format", "type": "string", "title": "Format"},
    {"name": "finished", "type": "boolean", "title": "Finished"},
    {"name": "rows", "type": "integer", "title": "Rows"},
    {"name": "resumedRows", "type": "integer", "title": "Rows kept by an earlier run"},
    {"name": "sizeBytes", "type": "integer", "title": "Size (bytes)"},
    {"name": "sha256", "type": "string", "title": "SHA-256"},
)


class ExportIssuesInputs(Schema):
    """Inputs of exportIssues."""

    jql = _inputs.jql("Issues to export: a query in JQL, with at least one restriction.")
    fields_ = _inputs.field_names()
    text_format = _inputs.text_format()
    target = Text(
        required=True,
        max_length=_MAX_TARGET_LENGTH,
        metadata={
            "description": "File to write: a path, or a URL that fsspec knows, such as s3://bucket/issues.parquet.",
            "examples": ["/data/issues.parquet"],
        },
    )
    format_ = Text(
        max_length=16,
        pattern="|".join(SUFFIXES),
        right=f"one of {', '.join(SUFFIXES)}",
        data_key="format",
        metadata={"description": "ndjson, csv, parquet or arrow; by default the end of the target's name tells."},
    )
    max_rows = WholeNumber(
        minimum=1,
        maximum=_ALL_ROWS,
        data_key="maxRows",
        metadata={"description": "Most rows to export; null: all."},
    )
    overwrite = Flag(metadata={"description": "Replace a file that is there; it stays until the new one is whole."})
    resume = Flag(
        load_default=True,
        metadata={"description": "Go on with what an earlier run of the same export had read when it ended early."},
    )


def _estimate(jira: JiraClient, parameters: Mapping[str, Any]) -> Estimate:
    """Return the cost of reading everything; what an earlier run has kept is not taken off."""
    _prepared(jira, **{name: parameters[name] for name in ("target", "format_", "overwrite", "resume")})
    return _estimates.of_search(jira, {**parameters, "max_rows": parameters["max_rows"] or _ALL_ROWS})


@group.action(
    "exportIssues",
    title="Export issues",
    inputs=ExportIssuesInputs,
    operations=[SEARCH_ISSUES, LIST_FIELDS, COUNT_ISSUES, BULK_FETCH_ISSUES],
    columns=_COLUMNS,
    estimate=_estimate,
)
def export_issues(
    jira: JiraClient,
    *,
    jql: str,
    fields_: Sequence[str],
    text_format: TextFormat,
    target: str,
    format_: str | None,
    max_rows: int | None,
    overwrite: bool,
    resume: bool,
) -> Table:
    """Write the issues that a JQL query finds to a file, in its order, however many there are.

    The file appears when it is whole. A run that ends before, for lack of time or points, by a failure or a kill, is
    gone on with by the next one of the same inputs; see docs/exports.md.

    Raises:
        JiraInvalidError: Jira does not understand the query.
        TargetError: the file could not be written.
        WriteUnderWayError: another export to the same target is running.

    Source: POST /rest/api/3/search/jql
    """
    export = _prepared(jira, target=target, format_=format_, overwrite=overwrite, resume=resume)
    catalogue = jira.catalogue() if needs_catalogue(fields_) else None
    table = issue_table(fields_, catalogue, text_format=text_format)
    query = confined(jql, jira.settings.allowed_projects)
    exported = export.run(
        table.columns,
        # Another login may not see what an earlier run has kept.
        [jira.site()["cloudId"], jira.settings.credential_id, query, list(table.request_fields), text_format],
        lambda keeper: pull_into(
            jira,
            jql,
            table.request_fields,
            max_rows=max_rows,
            make=row_maker(table.row, jira.site()["url"], raw=False),
            keeper=keeper,
        ),
        max_rows=max_rows,
        progress=lambda rows: jira.progress(rows, None, "rows written"),
    )
    jira.warnings += _warnings(exported)
    return Table(_COLUMNS, [_row(export, exported)], exported.incomplete_reason)


def _prepared(jira: JiraClient, *, target: str, format_: str | None, overwrite: bool, resume: bool) -> Export:
    return prepared(target, format_, jira.settings.export_folder, overwrite=overwrite, resume=resume)


def _row(export: Export, exported: Exported) -> dict[str, Any]:
    return {
        "target": export.target.shown,
        "format": export.target.format,
        "finished": exported.finished,
        "rows": exported.rows,
        "resumedRows": exported.resumed_rows,
        "sizeBytes": exported.size_bytes,
        "sha256": exported.sha256,
    }


def _warnings(exported: Exported) -> list[str]:
    """Say what the file lacks, or that there is none yet."""
    warnings = [
        f"column {name}: {count} values could not be written as they are" for name, count in exported.lost.items()
    ]
    if not exported.finished:
        kept = f"{exported.rows} rows are kept" if exported.rows else "nothing was read"
        warnings.append(f"no file was written yet; {kept}, and the next run of the same export goes on from there")
    return warnings
