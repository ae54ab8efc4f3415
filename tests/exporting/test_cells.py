from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.strategies import json_values
from vantage_jira_plugin.exporting.cells import as_text, fitted, printable

_KINDS = ["string", "integer", "number", "boolean", "datetime", "date", "list"]


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("string", "a", "a"),
        ("string", 5, "5"),
        ("string", True, "true"),
        ("string", {"a": ["ü"]}, '{"a":["ü"]}'),
        ("integer", 3.0, 3),
        ("integer", 2**63 - 1, 2**63 - 1),
        ("number", 2, 2.0),
        ("number", 2**60 + 1, float(2**60)),
        ("boolean", False, False),
        ("datetime", "2026-01-31T09:30:00.000Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("datetime", "2026-01-31T09:30:00+02:00", datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
        ("datetime", "2026-01-31T09:30:00", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("date", "2026-01-31", date(2026, 1, 31)),
        ("list", ["a", 1, None, 0.5], ["a", "1", None, "0.5"]),
        ("list", "a", ["a"]),
        ("list", None, []),
    ],
)
def test_a_cell_that_fits_becomes_what_the_column_stores(kind, value, cell):
    """Texts take anything as text, lists the text of their members, times become moments."""
    assert fitted(value, kind) == (cell, True)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 1.5),
        ("integer", 2**63),
        ("integer", True),
        ("integer", "5"),
        ("number", float("nan")),
        ("number", float("inf")),
        ("number", 10**400),
        ("number", False),
        ("boolean", 1),
        ("datetime", "yesterday"),
        ("datetime", 5),
        ("datetime", "0001-01-01T00:00:00+14:00"),
        ("date", "2026-02-30"),
        ("date", 5),
    ],
)
def test_a_cell_that_does_not_fit_is_nothing_and_says_so(kind, value):
    """Nothing is cut, rounded or guessed."""
    assert fitted(value, kind) == (None, False)


@given(json_values(), st.sampled_from(_KINDS))
def test_any_json_is_a_cell_of_any_column(value, kind):
    """Whatever stands in a row, no column fails on it."""
    cell, fits = fitted(value, kind)
    assert fits or cell is None


def test_half_characters_are_replaced():
    """A lone surrogate, which JSON can hold, becomes the replacement character; pairs stay."""
    assert printable("a\ud800b\udfff😀") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}😀"
    assert as_text({"a": "\ud800"}) == '{"a":"\N{REPLACEMENT CHARACTER}"}'
