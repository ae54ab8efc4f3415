"""exportIssues against the simulator: whole files, ends before the end, what is refused before anything is sent."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vantage_jira_plugin.reading import chain
from vantage_jira_plugin.simulator import Fault

_JQL = "project = DEV ORDER BY key ASC"
_FIELDS = ["summary", "status", "created", "labels"]


def _searched(run, jql=_JQL):
    return run("searchIssues", jql=jql, fields=_FIELDS)["output1"]["data"]


def _exported(run, target, **more):
    envelope = run("exportIssues", **{"jql": _JQL, "fields": _FIELDS, "target": str(target), **more})
    assert "error" not in envelope, envelope
    [row] = envelope["output1"]["data"]
    return row, envelope["output1"]["metadata"]


def test_the_file_holds_what_a_search_answers(run, tmp_path):
    """The same rows in the same order; the row tells the size and the digest of the file."""
    path = tmp_path / "issues.ndjson"
    row, metadata = _exported(run, path)
    data = path.read_bytes()
    assert [json.loads(line) for line in data.splitlines()] == _searched(run)
    assert row == {
        "target": str(path.resolve()),
        "format": "ndjson",
        "finished": True,
        "rows": len(data.splitlines()),
        "resumedRows": 0,
        "sizeBytes": len(data),
        "sha256": sha256(data).hexdigest(),
    }
    assert (metadata["complete"], metadata["count"], metadata["warnings"]) == (True, 1, [])


def test_csv_has_the_tables_columns(run, tmp_path):
    """The header names the columns of the search, and each row has all of them."""
    _exported(run, tmp_path / "issues.csv")
    text = (tmp_path / "issues.csv").read_text(encoding="utf-8")
    expected = _searched(run)
    records = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [record["key"] for record in records] == [made["key"] for made in expected]
    assert list(records[0]) == list(expected[0])


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
@pytest.mark.parametrize("jql", [_JQL, 'project = DEV AND summary ~ "nosuchword"'], ids=["rows", "empty"])
def test_typed_files_have_the_same_schema_with_and_without_rows(run, tmp_path, suffix, jql):
    """Moments are moments, lists are lists, also where nothing was found."""
    path = tmp_path / f"issues.{suffix}"
    row, _ = _exported(run, path, jql=jql)
    table = pq.read_table(path) if suffix == "parquet" else pa.ipc.open_file(path).read_all()
    assert table.num_rows == row["rows"] == len(_searched(run, jql))
    assert table.schema.field("created").type == pa.timestamp("ms", tz="UTC")
    assert table.schema.field("labels").type == pa.list_(pa.string())
    assert table.schema.field("summary").type == pa.string()


def test_a_url_gets_the_file(run):
    """What fsspec knows is written to, compressed where the name says so."""
    row, _ = _exported(run, "memory://exports/issues.jsonl.gz")
    with fsspec.open("memory://exports/issues.jsonl.gz", "rt", compression="gzip", encoding="utf-8") as file:
        assert [json.loads(line) for line in file] == _searched(run)
    assert row["target"] == "memory://exports/issues.jsonl.gz"


def test_a_cut_export_says_so(run, tmp_path):
    """maxRows gives the first rows and a table that is not complete."""
    row, metadata = _exported(run, tmp_path / "issues.ndjson", maxRows=5)
    lines = (tmp_path / "issues.ndjson").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == _searched(run)[:5]
    assert (row["rows"], row["finished"]) == (5, True)
    assert (metadata["complete"], metadata["incompleteReason"]) == (False, "maxRows")


def test_only_allowed_projects_are_exported(connect, tmp_path):
    """The setting confines an export as it does a search."""
    connection = connect(allowedProjects=["OPS"])
    inputs = {"jql": "created is not EMPTY", "fields": "summary", "target": str(tmp_path / "issues.ndjson")}
    [row] = connection.execute("exportIssues", inputs, {}, {})["output1"]["data"]
    lines = (tmp_path / "issues.ndjson").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["key"].partition("-")[0] for line in lines} == {"OPS"}
    assert row["rows"] == len(lines)


def test_points_run_out_and_the_next_hour_goes_on(connect, sim, tmp_path):
    """No file until all is read; what the first run read is not read again by the second."""
    path = tmp_path / "issues.ndjson"
    inputs = {"jql": _JQL, "fields": _FIELDS, "target": str(path)}
    connection = connect(pointsPerHour=12)
    begun = connection.execute("exportIssues", inputs, {}, {})["output1"]
    assert begun["metadata"]["incompleteReason"] == "points"
    assert (begun["data"][0]["finished"], begun["data"][0]["sizeBytes"]) == (False, None)
    assert "goes on from there" in begun["metadata"]["warnings"][0]
    kept = begun["data"][0]["rows"]
    assert kept > 0
    assert not path.exists()
    before = len(sim.requests)
    run = connect().execute
    ended = run("exportIssues", inputs, {}, {})["output1"]
    assert (ended["metadata"]["complete"], ended["data"][0]["resumedRows"]) == (True, kept)
    sent = [json.loads(entry.body) for entry in sim.requests[before:] if entry.path.endswith("/search/jql")]
    assert sent
    whole = run("searchIssues", {"jql": _JQL, "fields": _FIELDS}, {}, {})["output1"]["data"]
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == whole


def test_a_failure_on_the_way_is_gone_on_with(connect, sim, tmp_path):
    """A page that failed for good fails the action; the next one reads what is missing."""
    path = tmp_path / "issues.ndjson"
    inputs = {"jql": _JQL, "fields": _FIELDS, "target": str(path)}
    first = connect(pointsPerHour=12).execute("exportIssues", inputs, {}, {})["output1"]["data"][0]
    sim.faults.add(Fault("answer", path="/search/jql", status=400, body={"errorMessages": ["no"]}))
    assert connect().execute("exportIssues", inputs, {}, {})["error"]["code"] == "jira_invalid"
    assert not path.exists()
    again = connect().execute("exportIssues", inputs, {}, {})["output1"]["data"][0]
    assert (again["finished"], again["resumedRows"]) == (True, first["rows"])


def test_a_query_that_jira_refuses_leaves_nothing(run, tmp_path):
    """Neither a file nor a spool."""
    error = run("exportIssues", jql="nonsense ==== 1", target=str(tmp_path / "issues.ndjson"))["error"]
    assert error["code"] == "jira_invalid"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_refused_before_anything_is_sent(connect, sim, tmp_path):
    """It stays as it is, in a dry run as well; on request it is replaced."""
    path = tmp_path / "issues.ndjson"
    path.write_text("mine", encoding="utf-8")
    inputs = {"jql": _JQL, "target": str(path)}
    connection = connect()
    for dry_run in (False, True):
        error = connection.execute("exportIssues", {**inputs, "dryRun": dry_run}, {}, {})["error"]
        assert (error["code"], list(error["errors"])) == ("input_invalid", ["target"])
    assert sim.requests == []
    assert path.read_text(encoding="utf-8") == "mine"
    assert "error" not in connection.execute("exportIssues", {**inputs, "overwrite": True}, {}, {})
    assert path.read_text(encoding="utf-8").startswith("{")


def test_the_settings_say_where_files_may_be(connect, sim, tmp_path):
    """exportFolder keeps targets inside; relative ones start there."""
    (tmp_path / "exports").mkdir()
    connection = connect(exportFolder=str(tmp_path / "exports"))
    for target in (f"{tmp_path}/issues.csv", "../issues.csv", "memory://exports/issues.csv"):
        error = connection.execute("exportIssues", {"jql": _JQL, "target": target}, {}, {})["error"]
        assert (error["code"], list(error["errors"])) == ("input_invalid", ["target"])
        assert "exportFolder" in error["message"]
    assert sim.requests == []
    assert "error" not in connection.execute("exportIssues", {"jql": _JQL, "target": "issues.csv"}, {}, {})
    assert (tmp_path / "exports" / "issues.csv").exists()


def test_credentials_of_a_target_are_told_to_nobody(connect, sim):
    """A URL with a password appears without it in failures."""
    target = "nosuchscheme://user:CANARY@host/issues.csv?sig=CANARY"
    envelope = connect().execute("exportIssues", {"jql": _JQL, "target": target}, {}, {})
    assert envelope["error"]["code"] == "input_invalid"
    assert "CANARY" not in json.dumps(envelope)
    assert sim.requests == []


def test_a_dry_run_says_what_it_would_cost_and_writes_nothing(run, tmp_path):
    """All rows are counted where no maxRows is given."""
    counted = len(_searched(run))
    metadata = run("exportIssues", jql=_JQL, fields=_FIELDS, target=str(tmp_path / "issues.csv"), dryRun=True)
    estimate = metadata["output1"]["metadata"]["estimate"]
    assert estimate["points"] > counted
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told(run, services, monkeypatch, tmp_path):
    """Rows read, then rows written."""
    messages = []
    monkeypatch.setattr(type(services), "progress", lambda _, done, total, message: messages.append(message))
    _exported(run, tmp_path / "issues.ndjson")
    assert "rows read" in messages
    assert messages[-1] == "rows written"


def test_another_login_does_not_go_on_with_what_it_may_not_see(connect, sim, tmp_path):
    """Rows that were kept under one credential are in no file of another."""
    path = tmp_path / "issues.ndjson"
    inputs = {"jql": "created is not EMPTY ORDER BY created ASC", "fields": "summary", "target": str(path)}
    begun = connect(pointsPerHour=20).execute("exportIssues", inputs, {}, {})["output1"]["data"][0]
    assert (begun["finished"], begun["rows"] > 0) == (False, True)
    account_id = list(sim.site.accounts)[2]
    sim.site.deny(account_id, "BROWSE_PROJECTS", "DEV")
    other = connect(grant=sim.grant(account_id=account_id), credentialId="other")
    ended = other.execute("exportIssues", inputs, {}, {})["output1"]["data"][0]
    assert (ended["finished"], ended["resumedRows"]) == (True, 0)
    assert {json.loads(line)["key"].partition("-")[0] for line in path.read_bytes().splitlines()} == {"OPS"}


def test_a_warning_of_jira_counts_in_the_run_that_goes_on(connect, sim, tmp_path, monkeypatch):
    """Where an answer may lack something, the file is not called whole by a later run either."""
    inputs = {"jql": _JQL, "fields": _FIELDS, "target": str(tmp_path / "issues.ndjson")}
    with monkeypatch.context() as patched:
        patched.setattr(chain, "warnings_of", lambda jira, data: True)
        begun = connect(pointsPerHour=12).execute("exportIssues", inputs, {}, {})["output1"]
    assert begun["data"][0]["finished"] is False
    ended = connect().execute("exportIssues", inputs, {}, {})["output1"]
    assert ended["data"][0]["resumedRows"] > 0
    assert (ended["metadata"]["complete"], ended["metadata"]["incompleteReason"]) == (False, "jira_warning")
