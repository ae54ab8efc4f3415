from __future__ import annotations

import pytest

from tests.simulator.tiny_jira import FIRST, SECOND, send


def control(simulator, name, method="GET", body=None, **headers):
    """Send a control request."""
    return send(f"{simulator.api_url}/_simulator/{name}", method, body=body, headers=headers)


def test_app_tells_where_and_who(tiny):
    """A client in another process learns URLs and credentials."""
    assert control(tiny, "app").json() == {
        "authUrl": tiny.auth_url,
        "apiUrl": tiny.api_url,
        "clientId": tiny.client_id,
        "clientSecret": tiny.client_secret,
        "serviceClientId": "simulated-service-id",
        "serviceClientSecret": "simulated-service-secret",
    }


def test_grant_gives_tokens_that_work(tiny, client):
    """A grant over HTTP is one as the test's own."""
    answer = control(tiny, "grant", "POST", {"scopes": "read:jira-work", "sites": [SECOND]})
    client.grant = answer.json()
    assert client.grant["scope"] == "read:jira-work"
    assert client.call("issue/OPS-1", cloud_id=SECOND).status == 200
    assert client.call("issue/OPS-1", cloud_id=FIRST).status == 404
    assert control(tiny, "grant", "POST").status == 200


def test_requests_lists_the_log(tiny, client):
    """The log over HTTP has what a test looks at."""
    client.call("issue?x=1", "POST", body={"a": 1})
    (entry,) = control(tiny, "requests").json()
    assert (entry["method"], entry["status"], entry["body"]) == ("POST", 201, '{"a": 1}')
    assert entry["query"] == {"x": ["1"]}
    assert entry["closed_window"] is False


def test_faults_are_added_and_lifted(tiny, client):
    """One fault or a list of them, and DELETE for none."""
    added = control(tiny, "faults", "POST", [{"kind": "answer", "status": 500, "times": None}, {"kind": "reset"}])
    assert added.json() == {"added": 2}
    assert client.call("myself").status == 500
    control(tiny, "faults", "DELETE")
    assert client.call("myself").status == 200
    assert control(tiny, "faults", "POST", {"kind": "answer"}).json() == {"added": 1}


def test_clock_jumps(tiny, client):
    """Time can be moved from outside: the token expires."""
    assert control(tiny, "clock", "POST", {"advance_seconds": 3600}).json()["now"] > tiny.clock() - 5
    assert client.call("myself").status == 401


def test_settings_turn_the_knobs(tiny):
    """Every setting reaches its knob."""
    wanted = {
        "access_token_seconds": 7,
        "reuse_seconds": 0.5,
        "expired_token_status": 403,
        "auto_consent": True,
        "points_per_hour": 9,
        "index_lag_seconds": 2.5,
        "limits_on": False,
    }
    assert control(tiny, "settings", "POST", wanted).json() == wanted
    assert tiny.authorization.grants.reuse_seconds == 0.5
    assert (tiny.access_token_seconds, tiny.expired_token_status, tiny.auto_consent) == (7, 403, True)
    assert (tiny.limits.points_per_hour, tiny.limits.burst_on, tiny.limits.points_on) == (9, False, False)
    assert [site.index_lag_seconds for site in tiny.sites] == [2.5, 2.5]


def test_authorization_tells_about_refreshes(tiny, client):
    """Grants, refreshes and replays can be counted from outside; no token is shown."""
    client.refresh()
    answer = control(tiny, "authorization")
    told = answer.json()
    assert (told["refreshes"], told["reuses"], told["replays"]) == (1, 0, 0)
    assert told["families"][0]["refreshes"] == 1
    assert client.grant["refresh_token"].encode() not in answer.body


def test_reset_brings_everything_back(tiny, client):
    """After a reset old tokens, settings and the log are gone."""
    control(tiny, "settings", "POST", {"points_per_hour": 9})
    control(tiny, "reset", "POST")
    assert client.call("myself").status == 401
    assert len(tiny.requests) == 1
    assert tiny.limits.points_per_hour == 65_000


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("faults", {"kind": "explode"}, "unknown kind"),
        ("faults", {"kind": "reset", "colour": 1}, "unknown: colour"),
        ("faults", {}, "kind"),
        ("faults", {"kind": "reset", "path": "("}, "regular expression"),
        ("faults", {"kind": "answer", "status": "abc"}, "status has the wrong type"),
        ("faults", {"kind": "answer", "status": True}, "status has the wrong type"),
        ("faults", {"kind": "answer", "status": 42}, "from 200 to 599"),
        ("faults", {"kind": "answer", "method": 5}, "method has the wrong type"),
        ("faults", {"kind": "answer", "path": 5}, "path has the wrong type"),
        ("faults", {"kind": "answer", "times": "2"}, "times has the wrong type"),
        ("faults", {"kind": "answer", "headers": []}, "headers has the wrong type"),
        ("faults", {"kind": "answer", "headers": {"Retry-After": 5}}, "headers have names"),
        ("faults", [{"kind": "reset"}, {"kind": "slow", "delay_seconds": None}], "delay_seconds has the wrong type"),
        ("clock", {"advance_seconds": -1}, "advance_seconds"),
        ("clock", {"advance_seconds": "1"}, "advance_seconds"),
        ("settings", {"expired_token_status": 500}, "401, 403, 404"),
        ("settings", {"auto_consent": "yes"}, "auto_consent"),
        ("settings", {"colour": 1}, "unknown: colour"),
        ("settings", [], "object"),
        ("grant", b"not json", "Expecting value"),
    ],
)
def test_unusable_control_is_refused(tiny, name, body, told):
    """A wrong control request is answered with what is wrong."""
    answer = control(tiny, name, "POST", body)
    assert answer.status == 400
    assert told in answer.json()["error"]
    assert tiny.faults.pending == []


def test_only_clients_on_this_machine_control(tiny):
    """A page in a browser gets nowhere, neither by another name for loopback nor across origins."""
    assert control(tiny, "app", Host="evil.example").status == 403
    assert control(tiny, "app", Origin="http://evil.example").status == 403
    assert control(tiny, "app", Host="localhost:1").status == 200


def test_unknown_control_is_not_found(tiny):
    """There is nothing under other names or methods."""
    assert control(tiny, "nope").status == 404
    assert control(tiny, "app", "POST").status == 404
