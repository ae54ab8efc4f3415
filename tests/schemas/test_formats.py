from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import Schema

from tests.reading.strategies import json_values
from vantage_jira_plugin.schemas import Base64, Moment, json_schema, load


class _Example(Schema):
    moment = Moment()
    file = Base64(max_bytes=100)


def _loaded(**values):
    loaded, errors = load(_Example, values)
    assert errors == {}
    return next(iter(loaded[name] for name in values))


def _error(**values):
    loaded, errors = load(_Example, values)
    assert (loaded, list(errors)) == ({}, list(values))
    return errors[next(iter(values))]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T09:30:00+01:00", datetime(2026, 1, 31, 8, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00.123+0100", datetime(2026, 1, 31, 8, 30, 0, 123_000, tzinfo=UTC)),
        (" 2026-01-31 09:30Z ", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00.123456789Z", datetime(2026, 1, 31, 9, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_moments_load_in_utc(text, moment):
    """With a zone, written in any of ISO 8601's usual ways."""
    loaded = _loaded(moment=text)
    assert (loaded, loaded.utcoffset()) == (moment, moment.utcoffset())


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T09:30:00",
        "2026-01-31",
        "2026-02-30T09:30:00Z",
        "2026-01-31T25:00:00Z",
        "0001-01-01T00:00:00+05:00",
        "now",
        "2026-W05-6T09:30:00Z",
        "20260131T093000Z",
    ],
)
def test_a_moment_has_a_zone_and_is_in_the_calendar(text):
    """What could be meant in two ways, or in none, is refused with what would be right."""
    assert _error(moment=text) == ["must be a moment with its time zone, such as 2026-01-31T09:30:00+01:00"]


@given(st.binary(min_size=1, max_size=100))
def test_files_load_as_bytes(content):
    """With line breaks or without."""
    assert _loaded(file=base64.b64encode(content).decode()) == content
    assert _loaded(file=base64.encodebytes(content).decode()) == content


@pytest.mark.parametrize("text", ["YQ", "YQ==YQ==", "Y Q=", "ab_-", "grüße===", "===="])
def test_what_is_no_base64_is_refused(text):
    """Neither the alphabet of addresses nor missing ends are taken."""
    assert _error(file=text) == ["must be base64"]


def test_a_file_has_a_largest_size():
    """To the byte, and text that cannot be smaller is not even read."""
    assert _loaded(file=base64.b64encode(bytes(100)).decode()) == bytes(100)
    for text in (base64.b64encode(bytes(101)).decode(), "x" * 1_000):
        assert _error(file=text) == ["must not be a file of more than 100 bytes"]


@pytest.mark.parametrize("name", ["moment", "file"])
@pytest.mark.parametrize(("value", "kind"), [(7, "a number"), (True, "true or false"), ({}, "an object")])
def test_only_texts_are_taken(name, value, kind):
    """The error says what came instead."""
    assert _error(**{name: value}) == [f"must be text, not {kind}"]


@pytest.mark.parametrize("value", ["", "  ", None])
def test_nothing_counts_as_not_given(value):
    """As everywhere."""
    assert load(_Example, {"moment": value, "file": value}) == ({"moment": None, "file": None}, {})


@given(json_values())
def test_what_loads_is_allowed_by_the_json_schema(value):
    """The published schema is not stricter than the code."""
    for name in ("moment", "file"):
        if load(_Example, {name: value})[1] == {}:
            assert Draft202012Validator(json_schema(_Example)).is_valid({name: value})
    assert json_schema(_Example)["properties"]["file"]["contentEncoding"] == "base64"
