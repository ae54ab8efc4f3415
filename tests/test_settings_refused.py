"""Settings that are refused, and how they are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.givensettings import NAMES, closed, refused
from tests.memoryhost import settings_for
from tests.reading.strategies import json_values
from vantage_jira_plugin.errors import SettingsError
from vantage_jira_plugin.settings import Settings, SettingsSchema, load_settings


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
    error = refused(siteUrl=url)
    assert list(error.errors) == ["siteUrl"]
    assert "pass@" not in str(error)


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
            closed,
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
        load_settings(raw, closed)
    assert caught.value.errors == {"settings": ["must be an object"]}


def test_nothing_given_names_what_is_required():
    """Four settings have no default."""
    with pytest.raises(SettingsError) as caught:
        load_settings({}, closed)
    assert caught.value.errors == {name: ["is missing"] for name in NAMES[:4]}


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
    assert refused(**{name: "x"}).errors == {name: [f"is unknown; did you mean {nearest}?"]}


@pytest.mark.parametrize("name", ["serviceId", "clientId", "credentialId"])
@pytest.mark.parametrize("value", [None, "", " ", 5, True, [], {}, "x" * 256, "a\nb", "a\x00b"])
def test_a_required_name_is_one_line_of_text(name, value):
    """Each is refused alone, by its name."""
    assert list(refused(**{name: value}).errors) == [name]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, 1e300, True, [], "soon", "2026-02-30"])
def test_an_expiry_that_is_none_is_refused(value):
    """In the setting, in an open record and in a sealed one."""
    assert list(refused(tokenExpiry=value).errors) == ["tokenExpiry"]
    assert list(refused(encryptedRecord={"tokenExpiry": value}).errors) == ["encryptedRecord"]
    sealed = refused(lambda _: {"tokenExpiry": value}, encryptedRecord="sealed")
    assert list(sealed.errors) == ["encryptedRecord"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -0.1, 3601, True, "5"])
def test_a_wait_that_is_none_is_refused(value):
    """A number of seconds, up to an hour."""
    assert list(refused(retryAfter=value).errors) == ["retryAfter"]


@pytest.mark.parametrize("name", ["pointsPerHour", "pointsPerRun"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "many", [], 10**8])
def test_a_budget_that_is_none_is_refused(name, value):
    """A whole number of points, at least one."""
    assert list(refused(**{name: value}).errors) == [name]


@pytest.mark.parametrize("value", [-0.1, 1.1, 80, "0.8", True, float("nan")])
def test_a_share_that_is_none_is_refused(value):
    """A part of the whole, not a percentage."""
    assert list(refused(backgroundShare=value).errors) == ["backgroundShare"]


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
    assert list(refused(encryptedRecord=record).errors) == ["encryptedRecord"]


def test_every_problem_of_a_record_is_told():
    """By the names inside it."""
    error = refused(encryptedRecord={"accessToken": 5, "refreshToken": [], "tokenExpiry": "soon"})
    assert error.errors["encryptedRecord"] == [
        "accessToken must be text or null",
        "refreshToken must be text or null",
        "tokenExpiry must be ISO 8601 text, epoch milliseconds or null",
    ]


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
        settings = load_settings(raw, closed)
    except SettingsError as error:
        names = set(error.errors)
    if names is None:
        assert isinstance(settings, Settings)
        assert settings.seed.to_json()
    else:
        assert names
        assert names <= set(raw)
