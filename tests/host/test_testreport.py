from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.host.conftest import REPOSITORY
from vantage_jira_plugin.host.testreport import COLUMNS, read_test_report

REPORT = b"""<?xml version="1.0"?>
<testsuites>
  <testsuite name="outer">
    <testcase name="good" classname="a.B" file="a.py" line="7" time="0.25"/>
    <testcase name="bad" classname="a.B"><failure message="m &lt; n">details</failure></testcase>
    <testcase name="broken"><error message="e">trace</error></testcase>
    <testcase name="later" line="x" time="nan"><skipped message="no"/></testcase>
    <testcase name="both"><failure message="f"/><error message="e"/></testcase>
    <testsuite name="inner"><testcase name="deep"/></testsuite>
  </testsuite>
</testsuites>"""


def test_each_test_is_a_row():
    """Suites may be nested; outcome, place, message and time are read, null where unknown."""
    rows = read_test_report(REPORT)
    assert all(list(row) == list(COLUMNS) for row in rows)
    assert [(row["suite"], row["name"], row["outcome"], row["message"]) for row in rows] == [
        ("outer", "good", "passed", None),
        ("outer", "bad", "failed", "m < n"),
        ("outer", "broken", "error", "e"),
        ("outer", "later", "skipped", "no"),
        ("outer", "both", "error", "e"),
        ("inner", "deep", "passed", None),
    ]
    assert (rows[0]["file"], rows[0]["line"], rows[0]["timeSeconds"]) == ("a.py", 7, 0.25)
    assert (rows[1]["details"], rows[1]["line"], rows[3]["line"], rows[3]["timeSeconds"]) == (
        "details",
        None,
        None,
        None,
    )


def test_a_single_suite_may_be_the_root():
    """Some tools write one suite without the list around it."""
    assert [row["suite"] for row in read_test_report(b'<testsuite name="s"><testcase name="t"/></testsuite>')] == ["s"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        b"<html/>",
        b"<testsuite>",
        b'<?xml version="1.0" encoding="nope"?><testsuite/>',
        b'<!DOCTYPE x [<!ENTITY a "b">]><testsuite name="&a;"/>',
    ],
)
def test_anything_else_is_refused(content):
    """What is no report, or declares entities, is a ValueError."""
    with pytest.raises(ValueError, match="report"):
        read_test_report(content)


@given(st.binary())
def test_no_bytes_bring_another_error(content):
    """Any input is rows or a ValueError."""
    with contextlib.suppress(ValueError):
        read_test_report(content)


def test_the_shipped_report_is_the_examples():
    """examples/junit-report.xml is a real report without a trace of the machine that made it."""
    content = (REPOSITORY / "examples" / "junit-report.xml").read_bytes()
    rows = read_test_report(content)
    source = (REPOSITORY / "examples" / "checkout" / "test_checkout.py").read_text(encoding="utf-8")
    assert [row["name"] for row in rows if row["outcome"] == "failed"] == [
        "test_a_discount_is_rounded_to_the_nearest_cent"
    ]
    assert all(f"def {row['name']}(" in source for row in rows)
    assert b'hostname="localhost"' in content
    assert b"/home" not in content
    assert b"/tmp" not in content
