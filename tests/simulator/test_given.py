from __future__ import annotations

import math

import pytest

from vantage_jira_plugin.simulator.given import is_amount, is_flag, is_number, is_whole, is_word


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (0, {is_number, is_whole, is_amount}),
        (2.5, {is_number, is_amount}),
        (-1, {is_number, is_whole}),
        (10**400, {is_number, is_whole}),
        (math.nan, set()),
        (math.inf, set()),
        (True, {is_flag}),
        ("jira-cost-based", {is_word}),
        ("a b", set()),
        ("", set()),
        (None, set()),
        ([1], set()),
    ],
)
def test_each_value_is_of_its_kinds_only(value, kinds):
    """A truth value is no number, infinity no amount, a text with a blank no word."""
    assert {check for check in (is_number, is_whole, is_amount, is_flag, is_word) if check(value)} == kinds
