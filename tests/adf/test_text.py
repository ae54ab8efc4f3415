from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adf.documents import doc, paragraph, text
from vantage_jira_plugin.adf import from_markdown, text_length
from vantage_jira_plugin.adf.text import clean, iso_date, leaves


@given(st.text())
def test_clean_text_can_be_sent(value):
    """Clean text is UTF-8, holds no control character but tab and line feed, and cleaning is final."""
    cleaned = clean(value)
    cleaned.encode()
    assert not [char for char in cleaned if ord(char) < 32 and char not in "\t\n"]
    assert clean(cleaned) == cleaned


def test_terminal_sequences_go_as_a_whole():
    """Colours of a test runner leave no litter."""
    assert clean("\x1b[1;31mFAILED\x1b[0m x\x1b[2K") == "FAILED x"


@pytest.mark.parametrize(
    ("timestamp", "date"),
    [
        ("0", "1970-01-01"),
        ("-1", "1969-12-31"),
        ("1767225599999", "2025-12-31"),
        ("99999999999999", "5138-11-16"),
        ("-999999999999999", "-999999999999999"),
        ("999999999999999", "999999999999999"),
        ("x", "x"),
        ("", ""),
    ],
)
def test_dates(timestamp, date):
    """Milliseconds become a date; anything else stays what it is."""
    assert iso_date(timestamp) == date


def test_leaves_are_in_reading_order():
    """Texts come in the order that people read them."""
    status = {"type": "status", "attrs": {"text": "c", "color": "red"}}
    assert list(leaves(doc(paragraph("a", text("b", "em"), status), paragraph("d")))) == ["a", "b", "c", "d"]


def test_length():
    """Visible characters count, in UTF-16 units, and the end of each block."""
    assert text_length(None) == 0
    assert text_length("ab😀") == 4
    assert text_length(from_markdown("")) == 0
    assert text_length(from_markdown("**ab**\ncd\n\n- 😀")) == 5 + 1 + 2 + 1
    assert text_length(from_markdown("[a](https://example.com/long)")) == 2
