from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from vantage_jira_plugin.host.errors import HostError
from vantage_jira_plugin.host.services import BaseUrls


def test_atlassian_is_where_the_endpoints_point():
    """Without a word from the environment the endpoints are Atlassian's."""
    assert BaseUrls.from_environment({}) == BaseUrls("https://auth.atlassian.com", "https://api.atlassian.com")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost", "https://a.example"])
def test_loopback_and_https_are_taken_without_their_slash(url):
    """Plain http is for loopback; a slash at the end goes."""
    environ = {"VANTAGE_JIRA_AUTH_URL": f"{url}/", "VANTAGE_JIRA_API_URL": f"{url}//"}
    assert BaseUrls.from_environment(environ) == BaseUrls(url, url)


@pytest.mark.parametrize(
    "url",
    [
        "http://jira.example",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "jira.example",
        "https://",
        "https://u:CANARY@a.example",
        "https://a.example?x=CANARY",
        "http://[::1",
        "http://0.0.0.0",
    ],
)
def test_anything_else_is_refused(url):
    """A URL that would send tokens in the clear, or is no base URL, is refused and not repeated."""
    with pytest.raises(HostError, match="VANTAGE_JIRA_API_URL") as caught:
        BaseUrls.from_environment({"VANTAGE_JIRA_API_URL": url})
    assert "CANARY" not in str(caught.value)


def test_the_client_secret_comes_from_the_environment(host, environ):
    """The secret is the environment's, None where it is not set, and never shown."""
    assert host.services("c1").client_secret("s1", "app1") is None
    environ["VANTAGE_JIRA_CLIENT_SECRET"] = "CANARY"
    services = host.services("c1")
    assert services.client_secret("s1", "app1") == "CANARY"
    assert "CANARY" not in repr(services)
    assert "CANARY" not in repr(host)


def test_a_sealed_record_opens_for_its_own_credential_only(host):
    """`open_record` refuses what was sealed for another credential."""
    sealed = host.sealer.seal("c1", {"accessToken": "a"})
    assert host.services("c1").open_record(sealed) == {"accessToken": "a"}
    with pytest.raises(ValueError, match="another credential"):
        host.services("c2").open_record(sealed)


def test_progress_goes_to_the_display_and_ends_with_the_action(host):
    """What a plugin tells is shown, and the display is told when the action has ended, however it ends."""
    told = []
    services = host.services("c1")
    display = SimpleNamespace(show=lambda *given: told.append(given), end=lambda: told.append("end"))
    replace(services, display=display).progress(5, 9, "rows read")
    assert told == [(5, 9, "rows read")]
    replace(host.link("c1"), display=display).execute("echo", {}, {})
    assert told[1:] == ["end"]


def test_what_workers_share_is_given_to_every_plugin(host):
    """Both optional services are there, the same ones for each credential."""
    services = host.services("c1")
    assert (services.shared, services.usage) == (host.shared, host.usage)
    assert services.shared.replace("a", {"n": 1}, version=0, keep_seconds=60.0)
    assert host.services("c2").shared.read(["a"])["a"].value == {"n": 1}
