from __future__ import annotations

import dataclasses
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.memoryhost import settings_for
from tests.reading.strategies import calm, json_values
from vantage_jira_plugin.errors import SettingsError
from vantage_jira_plugin.settings import Settings, SettingsSchema, load_settings

_EXPIRY = datetime(2026, 1, 31, 9, 30, tzinfo=UTC).timestamp()
_RECORD = {"accessToken": "a-token", "refreshToken": "r-token", "cloudId": "c-1", "tokenExpiry": "2026-01-31T09:30:00Z"}
_NAMES = [
    "encryptedRecord",
    "serviceId",
    "clientId",
    "credentialId",
    "accessToken",
    "tokenExpiry",
    "cloudId",
    "retryAfter",
]


def _closed(sealed):
    """A host that cannot open anything and says too much about it."""
    raise ValueError(sealed)


def _load(open_record=_closed, **values):
    return load_settings(settings_for(None) | values, open_record)


def _refused(open_record=_closed, **values):
    with pytest.raises(SettingsError) as caught:
        _load(open_record, **values)
    return caught.value


# ---- the eight names ------------------------------------------------------------------------


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
        _closed,
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
    assert [field.data_key for field in SettingsSchema().fields.values()][:8] == _NAMES


def test_before_the_first_consent_the_record_is_empty():
    """Its values are null; an empty object says the same."""
    assert _load().seed == _load(encryptedRecord={}).seed
    assert _load().seed.access_token is None


def test_single_values_win_over_the_record():
    """`accessToken`, `tokenExpiry` and `cloudId` seed what the record would."""
    settings = _load(
        encryptedRecord=_RECORD, accessToken="b-token", tokenExpiry=1_769_851_801_000, cloudId="11111111-2222"
    )
    assert settings.seed.access_token == "b-token"
    assert settings.seed.refresh_token == "r-token"
    assert settings.seed.expires_at == _EXPIRY + 1
    assert settings.seed.cloud_id == "11111111-2222"
    empty = _load(encryptedRecord=_RECORD, accessToken="", tokenExpiry="", cloudId="")
    assert empty.seed == _load(encryptedRecord=_RECORD).seed


@pytest.mark.parametrize("value", ["2026-01-31T09:30:00Z", "2026-01-31T10:30:00+01:00", 1_769_851_800_000])
def test_an_expiry_is_a_text_or_epoch_milliseconds(value):
    """Both forms of the contract, in the setting and in the record."""
    assert _load(tokenExpiry=value).seed.expires_at == _EXPIRY
    assert _load(encryptedRecord={"tokenExpiry": value}).seed.expires_at == _EXPIRY


def test_what_else_a_record_carries_is_kept():
    """A host may keep notes of its own in it."""
    assert _load(encryptedRecord={**_RECORD, "owner": {"id": 7}}).seed.notes == {"owner": {"id": 7}}


# ---- our own names --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["https://acme.atlassian.net", "acme.atlassian.net", "http://acme.atlassian.net/jira", "https://acme.example:8443"],
)
def test_a_site_may_be_named_by_its_address(url):
    """With or without scheme and path; it is kept as it was written."""
    assert _load(siteUrl=url).site_url == url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://acme.atlassian.net",
        "https://",
        "https:///jira",
        "https://user:pass@acme.atlassian.net",
        "javascript://acme",
        "https://[",
        "https://[::1",
        "[",
        "https://acme\u2100.atlassian.net",
        5,
    ],
)
def test_what_is_no_address_is_refused(url):
    """The setting is named, and a password in the address is not repeated."""
    error = _refused(siteUrl=url)
    assert list(error.errors) == ["siteUrl"]
    assert "pass@" not in str(error)


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
    assert _load(allowedProjects=value).allowed_projects == allowed


def test_the_other_settings_are_read():
    """Site by name, and read only."""
    settings = _load(siteName=" Acme ", readOnly=True)
    assert (settings.site_name, settings.read_only) == ("Acme", True)


def test_points_may_be_budgeted():
    """By hour and by run, each whole; without a word there is no budget, and a fifth is kept for people."""
    settings = _load(pointsPerHour=20_000, pointsPerRun="500", backgroundShare=0.5)
    assert (settings.points_per_hour, settings.points_per_run, settings.background_share) == (20_000, 500, 0.5)
    for nothing in ({}, {"pointsPerHour": None, "pointsPerRun": "", "backgroundShare": None}):
        settings = _load(**nothing)
        assert (settings.points_per_hour, settings.points_per_run, settings.background_share) == (None, None, 0.8)
    assert (_load(backgroundShare=0).background_share, _load(backgroundShare=1).background_share) == (0, 1)


# ---- what is wrong --------------------------------------------------------------------------


def test_every_bad_setting_is_told_at_once():
    """Missing, wrong and unknown ones, each by its name; the message lists them all."""
    with pytest.raises(SettingsError) as caught:
        load_settings(
            {
                "encryptedRecord": None,
                "serviceId": "",
                "clientID": "client",
                "credentialId": 7,
                "accessToken": "two words",
                "tokenExpiry": "soon",
                "cloudId": "../x",
                "retryAfter": -1,
                "siteUrl": "ftp://x",
                "siteName": [],
                "readOnly": "yes",
                "allowedProjects": ["DEV", "no key"],
            },
            _closed,
        )
    errors = caught.value.errors
    assert errors == {
        "clientID": ["is unknown; did you mean clientId?"],
        "encryptedRecord": ["must not be null; before the first consent its values are"],
        "serviceId": ["must not be empty"],
        "clientId": ["is missing"],
        "credentialId": ["must be text, not a number"],
        "accessToken": ["must be one word without spaces"],
        "tokenExpiry": ["must be ISO 8601 text or epoch milliseconds"],
        "cloudId": ["must be a cloud id: letters, digits and hyphens"],
        "retryAfter": ["must be between 0 and 3600"],
        "siteUrl": ["must be the address of a Jira site, such as https://acme.atlassian.net"],
        "siteName": ["must be text, not a list"],
        "readOnly": ["must be true or false, not text"],
        "allowedProjects": [
            "entry 2: must be a project key such as DEV: a letter, then letters, digits or underscores"
        ],
    }
    assert all(name in caught.value.message for name in errors)
    assert caught.value.code == "settings_invalid"


@pytest.mark.parametrize("raw", [None, [], "settings", 7, [("serviceId", "s")]])
def test_settings_are_an_object(raw):
    """Anything else is told as such."""
    with pytest.raises(SettingsError) as caught:
        load_settings(raw, _closed)
    assert caught.value.errors == {"settings": ["must be an object"]}


def test_nothing_given_names_what_is_required():
    """Four settings have no default."""
    with pytest.raises(SettingsError) as caught:
        load_settings({}, _closed)
    assert caught.value.errors == {name: ["is missing"] for name in _NAMES[:4]}


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("client_id", "clientId"),
        ("RetryAfter", "retryAfter"),
        ("encryptedrecord", "encryptedRecord"),
        ("cloudID", "cloudId"),
        ("readonly", "readOnly"),
        ("siteURL", "siteUrl"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_name(name, nearest):
    """A misspelt setting is never passed over."""
    assert _refused(**{name: "x"}).errors == {name: [f"is unknown; did you mean {nearest}?"]}


@pytest.mark.parametrize("name", ["serviceId", "clientId", "credentialId"])
@pytest.mark.parametrize("value", [None, "", " ", 5, True, [], {}, "x" * 256, "a\nb", "a\x00b"])
def test_a_required_name_is_one_line_of_text(name, value):
    """Each is refused alone, by its name."""
    assert list(_refused(**{name: value}).errors) == [name]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, 1e300, True, [], "soon", "2026-02-30"])
def test_an_expiry_that_is_none_is_refused(value):
    """In the setting, in an open record and in a sealed one."""
    assert list(_refused(tokenExpiry=value).errors) == ["tokenExpiry"]
    assert list(_refused(encryptedRecord={"tokenExpiry": value}).errors) == ["encryptedRecord"]
    sealed = _refused(lambda _: {"tokenExpiry": value}, encryptedRecord="sealed")
    assert list(sealed.errors) == ["encryptedRecord"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -0.1, 3601, True, "5"])
def test_a_wait_that_is_none_is_refused(value):
    """A number of seconds, up to an hour."""
    assert list(_refused(retryAfter=value).errors) == ["retryAfter"]


@pytest.mark.parametrize("name", ["pointsPerHour", "pointsPerRun"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "many", [], 10**8])
def test_a_budget_that_is_none_is_refused(name, value):
    """A whole number of points, at least one."""
    assert list(_refused(**{name: value}).errors) == [name]


@pytest.mark.parametrize("value", [-0.1, 1.1, 80, "0.8", True, float("nan")])
def test_a_share_that_is_none_is_refused(value):
    """A part of the whole, not a percentage."""
    assert list(_refused(backgroundShare=value).errors) == ["backgroundShare"]


@pytest.mark.parametrize(
    "record",
    [
        7,
        True,
        [],
        "",
        " ",
        {"accessToken": 5},
        {"refreshToken": ["x"]},
        {"cloudId": {}},
        {"accessToken": 5, "refreshToken": 5, "tokenExpiry": "soon"},
        {"obtainedAt": "soon"},
        {"obtainedAt": 1e300},
    ],
    ids=str,
)
def test_a_record_of_another_shape_is_refused(record):
    """It is told by the one name that it has in the settings."""
    assert list(_refused(encryptedRecord=record).errors) == ["encryptedRecord"]


def test_every_problem_of_a_record_is_told():
    """By the names inside it."""
    error = _refused(encryptedRecord={"accessToken": 5, "refreshToken": [], "tokenExpiry": "soon"})
    assert error.errors["encryptedRecord"] == [
        "accessToken must be text or null",
        "refreshToken must be text or null",
        "tokenExpiry must be ISO 8601 text, epoch milliseconds or null",
    ]


# ---- the sealed record ----------------------------------------------------------------------


def test_a_sealed_record_is_opened_by_the_host():
    """The text goes to the host as it is, once, and what comes back is the record."""
    opened = []

    def open_record(sealed):
        opened.append(sealed)
        return _RECORD

    assert _load(open_record, encryptedRecord="v1:sealed ").seed == _load(encryptedRecord=_RECORD).seed
    assert opened == ["v1:sealed "]


def test_a_sealed_record_is_opened_last():
    """Where another setting is wrong, nothing is opened."""

    def open_record(sealed):
        pytest.fail("must not be opened")

    assert list(_refused(open_record, encryptedRecord="sealed", serviceId="").errors) == ["serviceId"]


def test_settings_are_values():
    """Equal settings are equal, and can be sent to a worker process."""
    assert _load(readOnly=True) == _load(readOnly=True)
    assert pickle.loads(pickle.dumps(_load(allowedProjects=["DEV"]))) == _load(allowedProjects=["DEV"])  # noqa: S301 - own data


@calm
@given(
    st.dictionaries(
        st.sampled_from([field.data_key for field in SettingsSchema().fields.values()]) | st.text(max_size=3),
        json_values("accessToken", "refreshToken", "cloudId", "tokenExpiry", "obtainedAt", "scopes"),
    )
)
def test_any_settings_load_or_are_refused_by_name(changes):
    """Nothing else than `SettingsError` comes out, and what loads can be stored."""
    raw = settings_for(None) | changes
    settings, names = None, None
    try:
        settings = load_settings(raw, _closed)
    except SettingsError as error:
        names = set(error.errors)
    if names is None:
        assert isinstance(settings, Settings)
        assert settings.seed.to_json()
    else:
        assert names
        assert names <= set(raw)
