from __future__ import annotations

import dataclasses
import pickle
from datetime import UTC, datetime

import pytest

from tests.givensettings import NAMES, closed, loaded, refused
from vantage_jira_plugin.settings import SettingsSchema, load_settings

_EXPIRY = datetime(2026, 1, 31, 9, 30, tzinfo=UTC).timestamp()
_RECORD = {"accessToken": "a-token", "refreshToken": "r-token", "cloudId": "c-1", "tokenExpiry": "2026-01-31T09:30:00Z"}


def test_the_eight_settings_are_read():
    """The product's names, in camelCase, make one frozen value."""
    settings = load_settings(
        {
            "encryptedRecord": _RECORD,
            "serviceId": "jira_service_001",
            "clientId": "client",
            "credentialId": "credential_123456",
            "accessToken": None,
            "tokenExpiry": None,
            "cloudId": None,
            "retryAfter": 5,
        },
        closed,
    )
    assert (settings.service_id, settings.client_id, settings.credential_id) == (
        "jira_service_001",
        "client",
        "credential_123456",
    )
    assert (settings.seed.access_token, settings.seed.refresh_token) == ("a-token", "r-token")
    assert (settings.seed.cloud_id, settings.seed.expires_at) == ("c-1", _EXPIRY)
    assert settings.retry_after_seconds == 5
    assert (settings.site_url, settings.site_name) == (None, None)
    assert (settings.read_only, settings.allowed_projects) == (False, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.client_id = "other"


def test_the_schema_begins_with_the_eight():
    """Nothing else may come before them or in their place."""
    assert [field.data_key for field in SettingsSchema().fields.values()][:8] == NAMES


def test_before_the_first_consent_the_record_is_empty():
    """Its values are null; an empty object says the same."""
    assert loaded().seed == loaded(encryptedRecord={}).seed
    assert loaded().seed.access_token is None


def test_single_values_win_over_the_record():
    """`accessToken`, `tokenExpiry` and `cloudId` seed what the record would."""
    settings = loaded(
        encryptedRecord=_RECORD, accessToken="b-token", tokenExpiry=1_769_851_801_000, cloudId="11111111-2222"
    )
    assert settings.seed.access_token == "b-token"
    assert settings.seed.refresh_token == "r-token"
    assert settings.seed.expires_at == _EXPIRY + 1
    assert settings.seed.cloud_id == "11111111-2222"
    empty = loaded(encryptedRecord=_RECORD, accessToken="", tokenExpiry="", cloudId="")
    assert empty.seed == loaded(encryptedRecord=_RECORD).seed


@pytest.mark.parametrize("value", ["2026-01-31T09:30:00Z", "2026-01-31T10:30:00+01:00", 1_769_851_800_000])
def test_an_expiry_is_a_text_or_epoch_milliseconds(value):
    """Both forms of the contract, in the setting and in the record."""
    assert loaded(tokenExpiry=value).seed.expires_at == _EXPIRY
    assert loaded(encryptedRecord={"tokenExpiry": value}).seed.expires_at == _EXPIRY


def test_what_else_a_record_carries_is_kept():
    """A host may keep notes of its own in it."""
    assert loaded(encryptedRecord={**_RECORD, "owner": {"id": 7}}).seed.notes == {"owner": {"id": 7}}


@pytest.mark.parametrize(
    "url",
    ["https://acme.atlassian.net", "acme.atlassian.net", "http://acme.atlassian.net/jira", "https://acme.example:8443"],
)
def test_a_site_may_be_named_by_its_address(url):
    """With or without scheme and path; it is kept as it was written."""
    assert loaded(siteUrl=url).site_url == url


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        (None, None),
        ("", None),
        (["dev", "OPS", "DEV"], {"DEV", "OPS"}),
        ("dev, ops", {"DEV", "OPS"}),
        ([], set()),
    ],
)
def test_projects_may_be_limited(value, allowed):
    """Null means all; an empty list means none."""
    assert loaded(allowedProjects=value).allowed_projects == allowed


def test_the_other_settings_are_read():
    """Site by name, and read only."""
    settings = loaded(siteName=" Acme ", readOnly=True)
    assert (settings.site_name, settings.read_only) == ("Acme", True)


def test_points_may_be_budgeted():
    """By hour and by run, each whole; without a word there is no budget, and a fifth is kept for people."""
    settings = loaded(pointsPerHour=20_000, pointsPerRun="500", backgroundShare=0.5)
    assert (settings.points_per_hour, settings.points_per_run, settings.background_share) == (20_000, 500, 0.5)
    for nothing in ({}, {"pointsPerHour": None, "pointsPerRun": "", "backgroundShare": None}):
        settings = loaded(**nothing)
        assert (settings.points_per_hour, settings.points_per_run, settings.background_share) == (None, None, 0.8)
    assert (loaded(backgroundShare=0).background_share, loaded(backgroundShare=1).background_share) == (0, 1)


def test_a_sealed_record_is_opened_by_the_host():
    """The text goes to the host as it is, once, and what comes back is the record."""
    opened = []

    def open_record(sealed):
        opened.append(sealed)
        return _RECORD

    assert loaded(open_record, encryptedRecord="v1:sealed ").seed == loaded(encryptedRecord=_RECORD).seed
    assert opened == ["v1:sealed "]


def test_a_sealed_record_is_opened_last():
    """Where another setting is wrong, nothing is opened."""

    def open_record(sealed):
        pytest.fail("must not be opened")

    assert list(refused(open_record, encryptedRecord="sealed", serviceId="").errors) == ["serviceId"]


def test_settings_are_values():
    """Equal settings are equal, and can be sent to a worker process."""
    assert loaded(readOnly=True) == loaded(readOnly=True)
    assert pickle.loads(pickle.dumps(loaded(allowedProjects=["DEV"]))) == loaded(allowedProjects=["DEV"])  # noqa: S301 - own data
