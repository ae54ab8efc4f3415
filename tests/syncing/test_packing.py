"""Numbers as short text, and back."""

from __future__ import annotations

import base64
import zlib
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.syncing import packing
from vantage_jira_plugin.syncing.packing import inflated, packed, unpacked

_NUMBERS = st.lists(st.integers(min_value=-(2**62), max_value=2**62))


@given(_NUMBERS)
def test_what_is_packed_comes_back(numbers):
    """Any numbers come back as they were, in their order."""
    assert unpacked(packed(array("q", numbers))) == array("q", numbers)


def test_rising_numbers_are_short():
    """Ids of a site take less than a byte each where most follow each other."""
    assert len(packed(array("q", range(10_000, 110_000)))) < 2000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not base64!",
        base64.b64encode(b"not deflated").decode(),
        base64.b64encode(zlib.compress(b"1234567")).decode(),
        base64.b64encode(zlib.compress(b"12345678")[:-2]).decode(),
        base64.b64encode(zlib.compress(b"12345678") + b"more").decode(),
        base64.b64encode(zlib.compress(b"\xff" * 14 + b"\x7f\x7f")).decode(),
    ],
    ids=["empty", "letters", "plain", "odd length", "cut off", "longer", "too large"],
)
def test_anything_else_is_refused(text):
    """A text that is not packed numbers is a ValueError, never another one."""
    with pytest.raises(ValueError, match=r".*"):
        unpacked(text)


def test_a_bomb_does_not_unfold(monkeypatch):
    """Deflated data are not unfolded beyond the limit."""
    monkeypatch.setattr(packing, "MAX_BYTES", 1000)
    with pytest.raises(ValueError, match="too long"):
        inflated(zlib.compress(b"0" * 1001))
    assert len(inflated(zlib.compress(b"0" * 999))) == 999
