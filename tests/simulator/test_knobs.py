from __future__ import annotations

import math

import pytest

from vantage_jira_plugin.simulator.knobs import KNOBS

#: For each setting a value that is not the one at the start.
CHANGED = {
    "access_token_seconds": 7,
    "reuse_seconds": 0.5,
    "expired_token_status": 403,
    "auto_consent": True,
    "index_lag_seconds": 2.5,
    "latency_seconds": 0.25,
    "embedded_comments": 5,
    "limits_on": False,
    "burst_on": False,
    "per_issue_on": False,
    "points_on": False,
    "points_enforced": False,
    "points_per_hour": 9,
    "points_scope": "tenant",
}


def state(simulator):
    """Return what the settings have made of a simulator."""
    limits = simulator.limits
    return {
        "access_token_seconds": simulator.access_token_seconds,
        "reuse_seconds": simulator.authorization.grants.reuse_seconds,
        "expired_token_status": simulator.expired_token_status,
        "auto_consent": simulator.auto_consent,
        "index_lag_seconds": [site.index_lag_seconds for site in simulator.sites],
        "latency_seconds": simulator.gateway.latency_seconds,
        "embedded_comments": [site.embedded_comments for site in simulator.sites],
        "burst_on": limits.burst_on,
        "per_issue_on": limits.per_issue_on,
        "points_on": limits.points_on,
        "points_enforced": limits.points_enforced,
        "points_per_hour": limits.points_per_hour,
        "points_scope": limits.points_scope,
    }


@pytest.mark.parametrize("name", KNOBS)
def test_every_setting_reaches_its_own_knob_and_no_other(tiny, name):
    """One setting changes one thing, all limits at once being the exception; reset brings it back."""
    before = state(tiny)
    tiny.change_settings({name: CHANGED[name]})
    after = state(tiny)
    changed = {one: value for one, value in after.items() if value != before[one]}
    if name == "limits_on":
        assert changed == {"burst_on": False, "per_issue_on": False, "points_on": False}
    else:
        of_sites = name in {"index_lag_seconds", "embedded_comments"}
        assert changed == {name: [CHANGED[name]] * 2 if of_sites else CHANGED[name]}
    tiny.reset()
    assert state(tiny) == before


def test_one_limit_of_many(tiny):
    """`limits_on` with one limit means all but that one, in whatever order they are written."""
    tiny.change_settings({"burst_on": True, "limits_on": False})
    assert (tiny.limits.burst_on, tiny.limits.per_issue_on, tiny.limits.points_on) == (True, False, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("access_token_seconds", True),
        ("access_token_seconds", -1),
        ("latency_seconds", math.nan),
        ("latency_seconds", "1"),
        ("index_lag_seconds", math.inf),
        ("points_per_hour", 1.5),
        ("points_per_hour", True),
        ("points_scope", "app"),
        ("points_scope", ["global"]),
        ("expired_token_status", 500),
        ("expired_token_status", [401]),
        ("burst_on", 1),
        ("colour", 1),
    ],
)
def test_one_wrong_setting_changes_nothing(tiny, name, value):
    """What is wrong is told by name, and the good settings beside it are not put in force either."""
    before = state(tiny)
    with pytest.raises(ValueError, match=name):
        tiny.change_settings({"auto_consent": True, name: value})
    assert state(tiny) == before
