from __future__ import annotations

import pytest

from vantage_jira_plugin.simulator.clock import Clock
from vantage_jira_plugin.simulator.grants import Grants, InvalidRefreshTokenError

DAY = 86_400


@pytest.fixture
def clock():
    """Return a clock to move."""
    return Clock()


@pytest.fixture
def grants(clock):
    """Return an empty book of grants."""
    return Grants(clock)


def give(grants, *scopes):
    """Give a grant."""
    return grants.give(
        client_id="app",
        account_id="ada",
        scopes=frozenset(scopes or ("read:jira-work", "offline_access")),
        cloud_ids=frozenset({"c1"}),
    )


def refresh(grants, pair):
    """Exchange a pair's refresh token."""
    return grants.refresh(pair.refresh_token, client_id="app")


def is_good(grants, pair):
    """Return whether a pair's access token opens anything."""
    return grants.is_good(grants.standing(pair.access_token))


def test_refresh_token_needs_offline_access(grants):
    """Without `offline_access` there is no refresh token."""
    assert give(grants, "read:jira-work").refresh_token is None
    assert give(grants).refresh_token is not None


def test_refresh_gives_a_new_pair(grants):
    """Both tokens are new, and both access tokens work."""
    first = give(grants)
    second = refresh(grants, first)
    assert second.access_token != first.access_token
    assert second.refresh_token != first.refresh_token
    assert is_good(grants, first)
    assert is_good(grants, second)
    assert (grants.refreshes, grants.families[0].refreshes) == (1, 1)


def test_spent_token_works_within_the_reuse_interval(grants, clock):
    """For ten minutes the same refresh token may be exchanged again; each pair works on."""
    first = give(grants)
    second = refresh(grants, first)
    clock.advance(590)
    third = refresh(grants, first)
    assert refresh(grants, second).refresh_token != refresh(grants, third).refresh_token
    assert (grants.refreshes, grants.reuses, grants.replays) == (4, 1, 0)


def test_the_reuse_interval_can_be_shorter(grants, clock):
    """A run with short tokens has a short interval, too."""
    grants.reuse_seconds = 5
    first = give(grants)
    refresh(grants, first)
    clock.advance(6)
    with pytest.raises(InvalidRefreshTokenError):
        refresh(grants, first)
    assert grants.replays == 1


def test_replay_after_the_interval_revokes_the_family(grants, clock):
    """A spent refresh token that comes back later ends every token of its family, access tokens too."""
    first, other = give(grants), give(grants)
    second = refresh(grants, first)
    clock.advance(601)
    with pytest.raises(InvalidRefreshTokenError):
        refresh(grants, first)
    assert grants.replays == 1
    assert not is_good(grants, second)
    with pytest.raises(InvalidRefreshTokenError):
        refresh(grants, second)
    assert grants.replays == 1
    assert [family.revoked for family in grants.families] == [True, False]
    assert refresh(grants, other)


def test_idle_token_dies_after_ninety_days(grants, clock):
    """Each rotation starts the ninety days anew; a token not used so long is dead, without a replay."""
    pair = give(grants)
    clock.advance(89 * DAY)
    pair = refresh(grants, pair)
    clock.advance(89 * DAY)
    pair = refresh(grants, pair)
    clock.advance(90 * DAY)
    with pytest.raises(InvalidRefreshTokenError):
        refresh(grants, pair)
    assert grants.replays == 0


def test_family_dies_after_a_year(grants, clock):
    """However often it rotates, a family ends 365 days after the consent."""
    pair = give(grants)
    for _ in range(4):
        clock.advance(80 * DAY)
        pair = refresh(grants, pair)
    clock.advance(45 * DAY)
    with pytest.raises(InvalidRefreshTokenError):
        refresh(grants, pair)


def test_access_token_expires(grants, clock):
    """An access token is good for its life; tokens issued later may have another."""
    grants.access_token_seconds = 10
    short = give(grants)
    grants.access_token_seconds = 100
    long = give(grants)
    assert (short.expires_in_seconds, long.expires_in_seconds) == (10, 100)
    clock.advance(10)
    assert not is_good(grants, short)
    assert is_good(grants, long)


def test_all_access_tokens_can_be_made_to_expire(grants):
    """Expiring the access tokens leaves the refresh tokens good."""
    pair = give(grants)
    grants.expire_access_tokens()
    assert not is_good(grants, pair)
    assert is_good(grants, refresh(grants, pair))


def test_older_access_tokens_die_where_asked(grants):
    """With `one_access_token` a refresh ends the access tokens before it."""
    grants.one_access_token = True
    first = give(grants)
    second = refresh(grants, first)
    assert not is_good(grants, first)
    assert is_good(grants, second)


def test_revoked_grant_is_dead(grants):
    """Revoking by either token ends both; an unknown token is an error of the test."""
    by_access, by_refresh = give(grants), give(grants)
    grants.revoke(by_access.access_token)
    grants.revoke(by_refresh.refresh_token)
    for pair in (by_access, by_refresh):
        assert not is_good(grants, pair)
        with pytest.raises(InvalidRefreshTokenError):
            refresh(grants, pair)
    with pytest.raises(KeyError):
        grants.revoke("never issued")


def test_later_consent_overrides_the_scopes_of_the_earlier(grants):
    """Tokens given before lose what is not granted again, and gain the rest; other accounts and apps do not."""
    first = give(grants, "read:jira-work", "write:jira-work", "offline_access")
    other = {"scopes": frozenset({"write:jira-work"}), "cloud_ids": frozenset({"c1"})}
    account = grants.give(client_id="app", account_id="grace", **other)
    app = grants.give(client_id="service", account_id="ada", **other)
    give(grants, "read:jira-work", "read:jira-user")
    narrowed = {"read:jira-work", "read:jira-user", "offline_access"}
    assert grants.standing(first.access_token).family.scopes == narrowed
    again = refresh(grants, first)
    assert again.scopes == narrowed
    assert again.refresh_token is not None
    for pair in (account, app):
        assert grants.standing(pair.access_token).family.scopes == {"write:jira-work"}


def test_token_of_another_app_is_refused(grants):
    """A refresh token is bound to the app that got it."""
    pair = give(grants)
    with pytest.raises(InvalidRefreshTokenError):
        grants.refresh(pair.refresh_token, client_id="other")
    with pytest.raises(InvalidRefreshTokenError):
        grants.refresh("unknown", client_id="app")
