from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.strategies import json_values
from vantage_jira_plugin.reading.values import (
    boolean,
    integer,
    iso_date,
    listed,
    member,
    number,
    plain_text,
    text,
    utc_datetime,
)


def _document(words):
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": words}]}],
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("h3. wiki text", "h3. wiki text"),
        (True, "true"),
        (3, "3"),
        (3.0, "3"),
        (2.5, "2.5"),
        ([], None),
        ({}, None),
        ({"name": "To Do", "id": "1"}, "To Do"),
        ({"value": "High", "id": "1"}, "High"),
        ({"value": "EU", "child": {"value": "France"}}, "EU > France"),
        ({"value": "EU", "child": None}, "EU"),
        ({"displayName": "Ann Lee", "name": "alee"}, "Ann Lee"),
        ({"accountId": "5b10", "active": False}, "5b10"),
        ({"displayName": "", "accountId": "5b10"}, "5b10"),
        ({"id": "10001", "self": "https://x"}, "10001"),
        ({"key": "DEV-1", "fields": {"summary": "s"}}, "DEV-1"),
        ({"name": {"nested": 1}}, '{"name":{"nested":1}}'),
        ({"a": 1, "b": ["é"]}, '{"a":1,"b":["é"]}'),
        ([{"value": "A"}, None, {"value": "B"}], "A, B"),
        ([[1, 2], "x"], "[1,2], x"),
    ],
)
def test_any_value_has_a_readable_text(value, expected):
    """Objects are named as people see them, and nothing stays nested."""
    assert text(value) == expected


def test_rich_text_becomes_markdown():
    """A document is read as markdown wherever it stands."""
    assert text(_document("It broke")).strip() == "It broke"
    assert text({"type": "doc", "version": 1, "content": []}) is None


def test_deeply_nested_values_are_read():
    """Nesting neither overflows the stack nor escapes."""
    value = []
    for _ in range(200_000):
        value = [value]
    assert text(value) == "..."
    while value:  # taken apart by hand: freeing it at once would overflow
        value = value.pop()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, 3.0),
        (5, 5),
        ("14.0", 14.0),
        ("nan", None),
        (float("inf"), None),
        (True, None),
        ("many", None),
        ({"value": 3}, None),
        (None, None),
    ],
)
def test_numbers_are_finite_numbers(value, expected):
    """Digits count, whatever holds no number is nothing."""
    assert number(value) == expected
    assert not isinstance(number(value), bool)


@pytest.mark.parametrize(("value", "expected"), [(3.0, 3), (2.6, 3), ("60", 60), (-1, -1), ("x", None)])
def test_integers_are_whole(value, expected):
    """An integer column holds ints alone."""
    assert integer(value) == expected
    assert isinstance(integer(value), int | None)


def test_booleans_are_booleans():
    """A text or number is no boolean."""
    assert [boolean(value) for value in (True, False, "true", 1, None)] == [True, False, None, None, None]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-04-28T15:31:13.533+0200", "2026-04-28T13:31:13.533Z"),
        ("2022-12-09T00:00:00.000-0800", "2022-12-09T08:00:00.000Z"),
        ("2026-01-31T09:30:00,250+0100", "2026-01-31T08:30:00.250Z"),
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31T09:30:00+05:30", "2026-01-31T04:00:00.000Z"),
        ("2026-01-31T09:30:00.1234567", "2026-01-31T09:30:00.123Z"),
        (1_769_851_800_000, "2026-01-31T09:30:00.000Z"),
        (1_769_851_800, "2026-01-31T09:30:00.000Z"),
        ("2026-01-31", None),
        ("2026-02-30T09:30:00Z", None),
        ("0001-01-01T00:00:00+0100", None),
        ("9999-12-31T23:59:59-0100", None),
        (10**30, None),
        (float("nan"), None),
        ("Tue Jul 30 22:06:22 UTC 2019", None),
        (True, None),
        ({}, None),
        (None, None),
    ],
)
def test_times_are_utc_in_milliseconds(value, expected):
    """Every form of a time that Jira writes comes out the same, and what is no time is nothing."""
    assert utc_datetime(value) == expected


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_time_is_the_same_moment(moment):
    """Whatever the offset, the moment is kept to the millisecond."""
    written = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}" + moment.strftime("%z")
    read = datetime.fromisoformat(utc_datetime(written))
    assert read == moment.replace(microsecond=moment.microsecond // 1000 * 1000).astimezone(UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T23:30:00.000-0800", "2026-01-31"),
        ("2026-02-30", None),
        ("2026-01-311", None),
        ("٢٠٢٦-01-31", None),
        ("31/Jan/26", None),
        (20260131, None),
    ],
)
def test_days_are_days(value, expected):
    """A day stays the day as written; a wrong one is nothing."""
    assert iso_date(value) == expected


def test_lists_drop_the_empty_and_wrap_the_lone():
    """A list column holds a list, whatever Jira sends."""
    read = listed(text)
    assert read(None) == []
    assert read([]) == []
    assert read("one") == ["one"]
    assert read(["a", None, "", {"name": "b"}]) == ["a", "b"]


@given(json_values())
def test_any_value_is_read_as_any_type(value):
    """No reader raises, each keeps to its type, and the result is JSON without nesting."""
    assert isinstance(text(value), str | None)
    assert text(value) != ""
    assert isinstance(integer(value), int | None)
    assert isinstance(number(value), int | float | None)
    assert isinstance(iso_date(value), str | None)
    moment = utc_datetime(value)
    assert moment is None or utc_datetime(moment) == moment
    cells = listed(text)(value)
    assert all(isinstance(cell, str) for cell in cells)
    json.dumps([text(value), integer(value), number(value), cells], allow_nan=False)


@given(
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 28)),  # noqa: DTZ001 - the zone follows
    st.sampled_from(["+0200", "-0700", "+0000", "+0530", "-0945", "+1400", "+0060", "+2400", "?0200"]),
    st.sampled_from(
        [lambda text: text, lambda text: text.replace("T", " "), lambda text: text[:11] + "24" + text[13:]]
    ),
)
def test_a_time_of_jiras_is_read_as_any_other(moment, offset, change):
    """The form that Jira writes is read by a shorter way, which a colon in the offset keeps a time from."""
    written = change(f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}{offset}")
    written = change(f"{moment.date().isoformat()}T{written}")
    assert utc_datetime(written) == utc_datetime(f"{written[:-2]}:{written[-2:]}")


@pytest.mark.parametrize(
    "wrong",
    [
        "2026-04-28T15:61:13.533+0200",
        "2026-W17-2T15:31:13.533+0200",
        "2026-02-30T15:31:13.533+0200",
        "2026-04-28T15:31:13.5x3+0200",
        "x" * 19 + ".123+0200",
    ],
)
def test_a_time_that_is_none_is_dropped(wrong):
    """A text as long as a time of Jira's is no time."""
    assert utc_datetime(wrong) is None


def test_plain_text_has_no_marks():
    """Rich text loses its marks, everything else reads as ever."""
    assert plain_text(_document("a*b*")) == "a*b*"
    assert plain_text({"name": "x"}) == "x"
    assert plain_text(_document("")) is None


def test_a_member_is_the_text_of_an_object():
    """The key that is expected wins; an object without it is read as any other."""
    read = member("name")
    assert read({"name": "Done", "value": "x"}) == "Done"
    assert read({"name": "", "value": "x"}) == "x"
    assert read("Done") == "Done"
    assert read(None) is None
