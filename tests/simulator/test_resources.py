from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.simulator.tiny_jira import ADA, FIRST, SECOND, Client, send

RECORDED = Path(__file__).parents[3] / "shared" / "jira" / "recorded" / "cloud-v3-oauth-gateway"


def get(client, path):
    """Ask for a path beside the sites."""
    headers = {"Authorization": f"Bearer {client.grant['access_token']}"}
    return send(f"{client.simulator.api_url}{path}", headers=headers)


def resources(client):
    """Return the accessible resources."""
    return get(client, "/oauth/token/accessible-resources").json()


def test_site_with_confluence_is_listed_twice(client):
    """Both products of a site have its id; only the scopes tell which is Jira."""
    listed = resources(client)
    assert [entry["id"] for entry in listed] == [FIRST, SECOND, SECOND]
    assert listed[0]["scopes"] == ["read:jira-user", "read:jira-work", "write:jira-work"]
    assert listed[1]["scopes"] == ["read:confluence-space.summary"]
    assert listed[2]["scopes"] == listed[0]["scopes"]
    assert listed[0]["url"] == "https://acme.atlassian.net"


def test_only_granted_sites_and_scopes_are_listed(tiny):
    """A resource-level grant shows its sites, with the scopes of each product."""
    scopes = "read:jira-work read:page:confluence offline_access"
    listed = resources(Client(tiny, scopes=scopes, sites=[SECOND]))
    assert [(entry["id"], entry["scopes"]) for entry in listed] == [
        (SECOND, ["read:page:confluence"]),
        (SECOND, ["read:jira-work"]),
    ]
    assert resources(Client(tiny, scopes="read:me", sites=[FIRST])) == []


@pytest.mark.skipif(not RECORDED.exists(), reason="Atlassian's recorded answers are not in ../shared/jira")
def test_entries_have_the_recorded_shape(client):
    """Names and types of an entry are those of a recorded answer."""
    recorded = json.loads((RECORDED / "nango-get-edit-issue-metadata.json").read_text())[0]
    answer = get(client, "/oauth/token/accessible-resources")
    assert answer.headers["content-type"] == recorded["headers"]["content-type"]
    shapes = [{name: type(value) for name, value in entry.items()} for entry in answer.json()]
    expected = {name: type(value) for name, value in recorded["body"][0].items()}
    assert shapes == [expected] * 3


def test_profile_needs_its_scope(tiny, client):
    """`/me` tells the account's name and address, to those who were granted `read:me`."""
    me = get(client, "/me").json()
    assert (me["account_id"], me["name"], me["email"]) == (ADA, "Ada Byron", "ada@example.com")
    refused = get(Client(tiny, scopes="read:jira-work"), "/me")
    assert refused.status == 401
    assert refused.json() == {"code": 401, "message": "Unauthorized; scope does not match"}


@pytest.mark.parametrize("path", ["/oauth/token/accessible-resources", "/me"])
def test_dead_token_opens_nothing(tiny, client, path):
    """Without a good token both paths answer 401; other methods are not allowed."""
    tiny.clock.advance(3600)
    assert get(client, path).status == 401
    assert send(f"{tiny.api_url}{path}").status == 401
    assert send(f"{tiny.api_url}{path}", "POST").status == 405
