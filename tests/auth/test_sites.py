from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.strategies import json_values
from vantage_jira_plugin.auth.record import CredentialRecord
from vantage_jira_plugin.auth.sites import choose_site, jira_sites, same_site_url
from vantage_jira_plugin.errors import ChooseSiteError
from vantage_jira_plugin.settings import Settings

_JIRA = ["read:jira-work", "write:jira-work"]
_CONFLUENCE = ["read:confluence-content.all", "search:confluence"]


def _entry(cloud_id, name, scopes=None, **more):
    scopes = _JIRA if scopes is None else scopes
    return {
        "id": cloud_id,
        "name": name,
        "url": f"https://{name}.atlassian.net",
        "scopes": scopes,
        "avatarUrl": "x",
        **more,
    }


def _settings(**chosen):
    return Settings(service_id="s", client_id="c", credential_id="i", seed=CredentialRecord(), **chosen)


SITES = jira_sites([_entry("c-1", "acme"), _entry("c-2", "acme-sandbox"), _entry("c-3", "Umbrella")])


# ---- which entries are Jira sites -----------------------------------------------------------


def test_a_jira_site_is_told_by_its_scopes():
    """Confluence's entry has the same id and is not taken for Jira."""
    resources = [_entry("c-1", "acme", _CONFLUENCE), _entry("c-1", "acme"), _entry("c-9", "wiki", _CONFLUENCE)]
    assert jira_sites(resources) == [
        {"cloudId": "c-1", "name": "acme", "url": "https://acme.atlassian.net", "scopes": _JIRA}
    ]


@pytest.mark.parametrize(
    ("scope", "is_jira"),
    [
        ("read:jira-work", True),
        ("manage:jira-configuration", True),
        ("read:issue:jira", True),
        ("write:comment.property:jira", True),
        ("read:sprint:jira-software", True),
        ("read:confluence-content.summary", False),
        ("read:page:confluence", False),
        ("read:servicedesk-request", False),
        ("read:me", False),
        ("offline_access", False),
        ("jira", False),
        ("", False),
    ],
)
def test_classic_and_granular_scopes_are_known(scope, is_jira):
    """Both kinds of Jira scopes make a Jira site, others do not."""
    assert bool(jira_sites([_entry("c-1", "acme", [scope])])) is is_jira


def test_entries_of_one_site_are_one():
    """A site that is listed twice is no choice; its scopes are those of both."""
    resources = [_entry("c-1", "acme", ["read:jira-work"]), _entry("c-1", "acme", ["read:jira-user"])]
    assert [(site["cloudId"], site["scopes"]) for site in jira_sites(resources)] == [
        ("c-1", ["read:jira-user", "read:jira-work"])
    ]


def test_sites_are_in_the_order_of_their_names():
    """What people choose from does not depend on the order of the answer."""
    resources = [_entry("c-3", "beta"), _entry("c-2", "Alpha"), _entry("c-1", "alpha")]
    assert [site["cloudId"] for site in jira_sites(resources)] == ["c-1", "c-2", "c-3"]
    assert jira_sites(list(reversed(resources))) == jira_sites(resources)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "c-1",
        7,
        [],
        {},
        {"id": None, "scopes": _JIRA},
        {"id": 7, "scopes": _JIRA},
        {"id": "c-1"},
        {"id": "c-1", "scopes": None},
        {"id": "c-1", "scopes": 5},
        {"id": "c-1", "scopes": True},
        {"id": "c-1", "scopes": "read:jira-work"},
        {"id": "c-1", "scopes": {"read:jira-work": 1}},
    ],
)
def test_an_entry_of_another_shape_is_passed_over(entry):
    """One odd entry does not hide the site beside it."""
    assert [site["cloudId"] for site in jira_sites([entry, _entry("c-2", "acme")])] == ["c-2"]


def test_name_and_url_may_be_missing():
    """A site without a name can still be chosen by its id."""
    assert jira_sites([{"id": "c-1", "scopes": ["read:jira-work"], "name": None}]) == [
        {"cloudId": "c-1", "name": "", "url": "", "scopes": ["read:jira-work"]}
    ]


@given(st.lists(json_values("id", "name", "url", "scopes"), max_size=4), st.none() | st.text(max_size=10))
def test_any_resources_make_a_site_or_a_choice(resources, site_url):
    """Whatever is listed, one Jira site is chosen or the candidates are."""
    sites = jira_sites([_entry("c-1", "acme"), *resources])
    assert all(isinstance(value, (str, list)) for site in sites for value in site.values())
    chosen, candidates = None, None
    try:
        chosen = choose_site(sites, _settings(site_url=site_url), None)
    except ChooseSiteError as error:
        candidates = error.sites
    assert candidates == sites if chosen is None else chosen in sites


# ---- addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.atlassian.net",
        "https://acme.atlassian.net/",
        "https://ACME.Atlassian.net",
        "http://acme.atlassian.net",
        "acme.atlassian.net",
        "acme.atlassian.net/jira/your-work",
        "https://acme.atlassian.net/jira/software/projects/DEV/boards/1?x=//y#z",
        "https://acme.atlassian.net:443",
        "//acme.atlassian.net",
    ],
)
def test_an_address_in_any_form_is_the_same_site(url):
    """Scheme, case, path and closing slash do not matter."""
    assert same_site_url("https://acme.atlassian.net", url)
    assert same_site_url(url, "acme.atlassian.net")
    assert choose_site(SITES, _settings(site_url=url), None)["cloudId"] == "c-1"


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://",
        "https://acme-sandbox.atlassian.net",
        "https://acme.atlassian.net.evil.example",
        "https://acme",
        "https://x/acme.atlassian.net",
        "https://[",
        "https://[acme.atlassian.net",
        "https://acme.atlassian.net\u2100",
    ],
)
def test_another_address_is_another_site(url):
    """Only the whole host counts; what is no address matches nothing, itself included."""
    assert not same_site_url("https://acme.atlassian.net", url)
    assert not same_site_url(url, "https://acme.atlassian.net")


def test_two_missing_addresses_are_not_the_same_site():
    """Nothing known is no match."""
    assert not same_site_url(None, None)
    assert not same_site_url("", "")
    assert not same_site_url("https://[", "https://[")


# ---- the choice -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "cloud_id", "expected"),
    [
        ({"site_url": "https://acme-sandbox.atlassian.net"}, None, "c-2"),
        ({"site_name": "umbrella"}, None, "c-3"),
        ({"site_name": "ACME"}, None, "c-1"),
        ({}, "c-2", "c-2"),
        ({"site_url": "acme.atlassian.net", "site_name": "ACME"}, "c-2", "c-1"),
        ({"site_name": "Umbrella"}, "c-2", "c-3"),
    ],
)
def test_the_settings_choose_the_site(chosen, cloud_id, expected):
    """Address and name win over the cloud id of the record."""
    assert choose_site(SITES, _settings(**chosen), cloud_id)["cloudId"] == expected


@pytest.mark.parametrize("sites", [SITES, SITES[:2], list(reversed(SITES))])
def test_of_several_sites_none_is_guessed(sites):
    """Without a choice the first is as wrong as any other."""
    with pytest.raises(ChooseSiteError) as caught:
        choose_site(sites, _settings(), None)
    assert caught.value.sites == list(sites)
    assert caught.value.code == "choose_site"
    assert "several" in caught.value.message
    assert "siteUrl" in caught.value.hint
    for site in sites:
        assert site["url"] in caught.value.message


def test_an_address_and_a_name_that_differ_choose_nothing():
    """Settings that contradict each other are not resolved by guessing."""
    with pytest.raises(ChooseSiteError):
        choose_site(SITES, _settings(site_url="acme.atlassian.net", site_name="Umbrella"), None)


def test_a_single_site_needs_no_choice():
    """There is nothing to mistake it for."""
    assert choose_site(SITES[:1], _settings(), None)["cloudId"] == "c-1"


@pytest.mark.parametrize(
    ("chosen", "cloud_id", "wanted"),
    [
        ({"site_url": "https://other.atlassian.net"}, "c-1", "siteUrl https://other.atlassian.net"),
        ({"site_name": "Other"}, "c-1", "siteName Other"),
        ({}, "c-9", "cloudId c-9"),
    ],
)
@pytest.mark.parametrize("sites", [SITES, SITES[:1]])
def test_a_site_that_is_not_reached_is_said_so(sites, chosen, cloud_id, wanted):
    """Another site is no substitute for the one that is meant, even where it is the only one."""
    with pytest.raises(ChooseSiteError) as caught:
        choose_site(sites, _settings(**chosen), cloud_id)
    assert wanted in caught.value.message
    assert "https://acme.atlassian.net" in caught.value.message
    assert caught.value.sites == list(sites)


def test_a_name_that_two_sites_have_is_no_choice():
    """The address tells them apart."""
    twins = jira_sites([_entry("c-1", "acme"), _entry("c-2", "acme", url="https://acme-eu.atlassian.net")])
    with pytest.raises(ChooseSiteError, match="several"):
        choose_site(twins, _settings(site_name="acme"), None)
    assert choose_site(twins, _settings(site_url="acme-eu.atlassian.net"), None)["cloudId"] == "c-2"


def test_a_login_without_a_jira_site_is_said_so():
    """There is nothing to choose from, whatever the settings want."""
    for chosen in ({}, {"site_url": "acme.atlassian.net"}):
        with pytest.raises(ChooseSiteError, match="reaches no Jira site") as caught:
            choose_site([], _settings(**chosen), "c-1")
        assert caught.value.sites == []
        assert caught.value.hint
