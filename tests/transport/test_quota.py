from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from vantage_jira_plugin.transport.quota import QuotaLeft, quota_left, quota_size

_NOW = 1_790_000_000.0
_POLICY = '"global-app-quota";q=65000;w=3600'


def _left(**headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return quota_left(CaseInsensitiveDict(names), now=_NOW)


def test_what_is_left_is_read_as_documented():
    """`r` points are left for `t` seconds."""
    left = _left(RateLimit='"global-app-quota";r=11000;t=600', RateLimit_Policy=_POLICY)
    assert left == QuotaLeft("global-app-quota", points=11_000, resets_at=_NOW + 600)


@pytest.mark.parametrize(
    "value",
    [
        '"global-app-quota";t=600;r=11000',
        '"global-app-quota" ; r=11000 ; t=600',
        '"jira-burst-based";r=3;t=1, "global-app-quota";r=11000;t=600',
        '"global-app-quota";r=11000;t=600,"tenant-app-quota";t=600',
        '"global-app-quota";r=11000;t=600;pk="c2l0ZQ"',
        '"global-app-quota";x=1;r=11000;t=600',
        '"global-app-quota";r=11000.0;t=600',
    ],
)
def test_policies_and_attributes_come_in_any_order(value):
    """Several policies, attributes in any order and number, spaces; the one about requests per second is not points."""
    assert _left(RateLimit=value) == QuotaLeft("global-app-quota", 11_000, _NOW + 600)


def test_the_scarcest_quota_counts():
    """Of the app's and the tenant's points, the fewer."""
    left = _left(RateLimit='"global-app-quota";r=9000;t=600, "tenant-app-quota";r=12;t=60')
    assert left == QuotaLeft("tenant-app-quota", 12, _NOW + 60)


def test_without_r_there_is_plenty():
    """`r` is absent until about a fifth is left."""
    assert _left(RateLimit='"global-app-quota";t=600', RateLimit_Policy=_POLICY) is None
    assert _left(RateLimit_Policy=_POLICY) is None
    assert _left() is None


def test_nothing_left_is_zero_not_plenty():
    """At `r=0` the policy header has been missing; that is no reason to go on."""
    assert _left(RateLimit='"global-app-quota";r=0;t=600') == QuotaLeft("global-app-quota", 0, _NOW + 600)


def test_near_the_limit_without_r_a_fifth_is_left():
    """`X-RateLimit-NearLimit` alone says below 20 % of the quota that the policy names."""
    left = _left(RateLimit='"global-app-quota";t=600', RateLimit_Policy=_POLICY, X_RateLimit_NearLimit="true")
    assert left == QuotaLeft("global-app-quota", 13_000, _NOW + 600)
    assert _left(RateLimit='"global-app-quota";t=600', X_RateLimit_NearLimit="true") is None
    assert _left(RateLimit='"global-app-quota";t=600', RateLimit_Policy=_POLICY, X_RateLimit_NearLimit="false") is None


def test_what_is_not_enforced_is_not_looked_at():
    """`Beta-` headers say what would be; nothing slows down for them, alone or beside the final ones."""
    beta = {"Beta_RateLimit": '"global-app-quota";r=5;t=600', "Beta_RateLimit_Policy": _POLICY}
    assert _left(**beta) is None
    assert _left(**beta, RateLimit='"global-app-quota";t=600', X_RateLimit_NearLimit="true") is None
    assert _left(**beta, RateLimit='"global-app-quota";r=900;t=60') == QuotaLeft("global-app-quota", 900, _NOW + 60)


def test_a_wrong_time_is_not_longer_than_an_hour():
    """`t` has been seen wrong; a quota never lasts longer than its clock hour."""
    assert _left(RateLimit='"global-app-quota";r=5;t=99999999') == QuotaLeft("global-app-quota", 5, _NOW + 3600)


def test_background_work_spreads_over_what_is_left():
    """With 1,000 points for 600 s, ten points are worth six seconds; with none left, the whole time."""
    assert QuotaLeft("global-app-quota", 1000, _NOW + 600).background_pause_seconds(10, _NOW) == pytest.approx(6.0)
    assert QuotaLeft("global-app-quota", 0, _NOW + 600).background_pause_seconds(1, _NOW) == 600.0
    assert QuotaLeft("global-app-quota", 1000, _NOW - 1).background_pause_seconds(10, _NOW) == 0.0


def test_a_quota_is_the_apps_or_the_sites():
    """The name of the policy says whose points they are."""
    assert QuotaLeft("global-app-quota", 1, _NOW).of_app
    assert not QuotaLeft("tenant-app-quota", 1, _NOW).of_app


@pytest.mark.parametrize(
    ("policy", "size"),
    [
        (_POLICY, 65_000),
        ('"tenant-app-quota";q=130000;w=3600, "global-app-quota";q=65000;w=3600', 65_000),
        ('"jira-burst-based";q=100;w=1, "tenant-app-quota";w=3600;q=130000', 130_000),
        ('"jira-burst-based";q=100;w=1', None),
        ('"global-app-quota";w=3600', None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_size_of_the_quota_in_force_is_known(policy, size):
    """The smallest one that counts points; requests per second are none."""
    assert quota_size({"RateLimit-Policy": policy}) == size


def test_a_quota_that_is_not_enforced_has_no_size():
    """`Beta-` headers say what would be."""
    assert quota_size({"Beta-RateLimit-Policy": _POLICY}) is None
    assert quota_size({}) is None


_junk = st.text(max_size=60) | st.lists(
    st.sampled_from(['"global-app-quota"', '"x"', ";", ",", "=", "r", "t", "q", "1", "-1", "9" * 400, "nan", " ", '"']),
    max_size=12,
).map("".join)


@given(_junk, _junk, _junk)
def test_whatever_the_headers_hold_it_is_a_quota_or_nothing(limit, policy, near):
    """A header that is nonsense is passed over, never a failure, and never a pause longer than an hour."""
    left = _left(RateLimit=limit, RateLimit_Policy=policy, X_RateLimit_NearLimit=near)
    assert left is None or (left.points >= 0 and _NOW <= left.resets_at <= _NOW + 3600)
    assert quota_size({"RateLimit-Policy": policy}) is None or quota_size({"RateLimit-Policy": policy}) >= 0
