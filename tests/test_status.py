"""What `vantage_authenticate` answers, for records and settings of any kind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vantage_jira_plugin.auth.record import CredentialRecord
from vantage_jira_plugin.errors import ChooseSiteError, ReconnectError
from vantage_jira_plugin.settings import Settings
from vantage_jira_plugin.status import connected, not_connected

_NOW = 1_769_851_800.0
_DAY = 86_400
_SETTINGS = Settings("service", "client", "credential", seed=None)
_SITE = {"cloudId": "c-1", "name": "Acme", "url": "https://acme.atlassian.net", "scopes": []}
_RECORD = CredentialRecord(access_token="access", refresh_token="refresh", obtained_at=_NOW, expires_at=_NOW + 3600)


def _warnings(settings=_SETTINGS, *, now=_NOW, **changes):
    return connected(settings, replace(_RECORD, **changes), _SITE, {}, message=None, now=now)["warnings"]


def test_a_connection_that_works_is_told_with_its_site_and_account():
    """Site and account are those of the call that proved it, not what the record remembers."""
    record = replace(_RECORD, cloud_id="another", site_url="https://another.atlassian.net")
    account = {"accountId": "a-1", "displayName": "Ada", "timeZone": "Europe/London"}
    answer = connected(_SETTINGS, record, _SITE, account, message="but", now=_NOW)
    assert (answer["status"], answer["cloudId"], answer["siteUrl"]) == ("connected", "c-1", _SITE["url"])
    assert (answer["accountId"], answer["displayName"], answer["timeZone"]) == ("a-1", "Ada", "Europe/London")
    assert (answer["message"], answer["warnings"], answer["sites"]) == ("but", [], [])


def test_scopes_that_are_not_known_are_not_called_missing():
    """A record without scopes tells nothing of them; one with some names what lacks."""
    unknown = not_connected(_SETTINGS, _RECORD, ReconnectError("gone"), now=_NOW)
    assert (unknown["scopes"], unknown["missingScopes"], unknown["actions"]) == ([], [], [])
    few = replace(_RECORD, scopes=("read:jira-work",))
    assert "write:jira-work" in not_connected(_SETTINGS, few, ReconnectError("gone"), now=_NOW)["missingScopes"]


def test_whoever_has_to_do_something_is_told_what():
    """Sites are listed where one has to be chosen, a reason is named where one has to connect again."""
    choose = not_connected(_SETTINGS, _RECORD, ChooseSiteError("which?", sites=[_SITE]), now=_NOW)
    assert (choose["status"], choose["sites"], choose["reason"]) == ("choose_site", [_SITE], None)
    error = ReconnectError("gone")
    error.reason = "grant_refused"
    again = not_connected(_SETTINGS, _RECORD, error, now=_NOW)
    assert (again["status"], again["reason"], again["message"]) == ("reconnect", "grant_refused", "gone")


@pytest.mark.parametrize(("days", "told"), [(68, None), (75, "15 days"), (89, "1 days"), (100, "0 days")])
def test_the_end_of_a_grant_at_rest_is_warned_about(days, told):
    """Three weeks before the ninety days are over, and not earlier."""
    warnings = _warnings(now=_NOW + days * _DAY)
    assert [told in warning for warning in warnings] == ([] if told is None else [True])


def test_a_login_that_cannot_be_renewed_is_warned_about():
    """Without a refresh token it ends with its access token; a service account's does not."""
    assert "offline_access" in _warnings(refresh_token=None)[0]
    assert _warnings(replace(_SETTINGS, service_account=True), refresh_token=None) == []


def test_a_grant_that_is_refused_already_is_not_warned_about():
    """What has ended ends no more."""
    assert _warnings(now=_NOW + 80 * _DAY, refused="no") == []
