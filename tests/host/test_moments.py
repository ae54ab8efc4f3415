from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.host.moments import iso_moment, iso_text

ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


def test_a_moment_is_utc_with_milliseconds_and_a_z():
    """The form is that of the contract's times."""
    assert iso_moment(1_790_000_000.5) == "2026-09-21T14:13:20.500Z"


@pytest.mark.parametrize(
    "value",
    [1_790_000_000, 1_790_000_000_000, "2026-09-21T14:13:20", "2026-09-21T16:13:20+02:00", "2026-09-21T14:13:20Z"],
)
def test_a_time_has_one_form_whatever_it_was(value):
    """Epoch seconds, milliseconds and ISO 8601 become the same text."""
    assert iso_text(value) == "2026-09-21T14:13:20.000Z"


@given(ANYTHING)
def test_what_is_no_time_is_none(value):
    """Anything else is None; what is a text can be read back and stays as it is."""
    text = iso_text(value)
    if text is not None:
        assert datetime.fromisoformat(text).tzinfo is not None
        assert iso_text(text) == text
