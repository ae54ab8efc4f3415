from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.simulator.tiny_jira import FIRST, SECOND, send
from vantage_jira_plugin.simulator import Fault, Simulator
from vantage_jira_plugin.simulator.control import Control
from vantage_jira_plugin.simulator.faultkinds import KINDS
from vantage_jira_plugin.simulator.knobs import KNOBS

_PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")

#: A bucket as `POST /_simulator/limits` takes it.
BUCKET = {"method": "GET", "template": "/rest/api/3/myself", "rate_per_second": 1, "capacity": 1}


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
    """Settings over HTTP are put in force and told back."""
    wanted = {"access_token_seconds": 7, "points_scope": "tenant", "burst_on": False}
    assert control(tiny, "settings", "POST", wanted).json() == wanted
    assert (tiny.access_token_seconds, tiny.limits.points_scope, tiny.limits.burst_on) == (7, "tenant", False)


def test_limits_sets_one_bucket(tiny, client):
    """A bucket over HTTP has all its options, and burst limits are on, whatever was before."""
    tiny.limits.off()
    wanted = {
        "method": "GET",
        "template": "/rest/api/3/issue/{issueIdOrKey}",
        "rate_per_second": 10,
        "capacity": 1,
        "retry_after_seconds": 5,
        "announces": False,
        "other_traffic_per_second": 2.5,
        "reason": "jira-cost-based",
    }
    assert control(tiny, "limits", "POST", wanted).json() == wanted
    answer, refused = client.call("issue/OPS-1"), client.call("issue/OPS-2")
    assert (answer.status, "x-ratelimit-limit" in answer.headers) == (200, False)
    assert (refused.status, refused.headers["ratelimit-reason"]) == (429, "jira-cost-based")
    assert refused.headers["retry-after"] == "5"
    assert [client.call("myself").status for _ in range(2)] == [200, 200]


def test_summary_counts_by_operation(tiny, client):
    """Counts say which operation was asked how often and how it ended; `since` begins later."""
    tiny.limits.burst("GET", "/rest/api/3/issue/{issueIdOrKey}", 0.01, 1)
    for path in ("issue/OPS-1", "issue/OPS-2", "issue/OPS-3", "nowhere"):
        client.call(path)
    tiny.clock.advance(10)
    client.refresh()
    told = control(tiny, "summary").json()
    assert told["now"] == pytest.approx(tiny.clock(), abs=5)
    assert (told["requests"], told["points_used"]) == (5, 2)
    assert {name: counts["by_status"] for name, counts in told["by_operation"].items()} == {
        "GET (unknown)": {"404": 1},
        "GET /rest/api/3/issue/{issueIdOrKey}": {"200": 1, "429": 2},
        "POST /oauth/token": {"200": 1},
    }
    assert told["by_operation"]["GET /rest/api/3/issue/{issueIdOrKey}"]["closed_window"] == 1
    later = control(tiny, f"summary?since={told['now'] - 5}").json()
    assert list(later["by_operation"]) == ["POST /oauth/token"]


def test_log_can_be_cleared_alone(tiny, client):
    """DELETE forgets the requests; tokens, faults and buckets stay."""
    client.call("issue/OPS-1")
    tiny.faults.add(Fault("answer", status=500))
    assert control(tiny, "requests", "DELETE").json() == {}
    assert control(tiny, "requests").json() == []
    assert [client.call("issue/OPS-1").status for _ in range(2)] == [500, 200]


def test_issues_are_listed_as_stored():
    """What is stored can be seen over HTTP, by project and site."""
    with Simulator() as simulator:
        listed = control(simulator, "issues?project=dev").json()
        assert (listed[0]["key"], listed[0]["comments"], len(listed)) == ("DEV-1", 0, 24)
        assert len(control(simulator, "issues").json()) > 24
        same = control(simulator, f"issues?project=DEV&site={simulator.site.cloud_id}").json()
        assert same == listed
        for wrong in ("issues?project=NOPE", "issues?site=nope", "issues?colour=1"):
            assert control(simulator, wrong).status == 400


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
        ("faults", {"kind": "answer", "times": -1}, "times is not below 0"),
        ("faults", {"kind": "answer", "probability": 1.1}, "probability is from 0 to 1"),
        ("faults", b'{"kind": "slow", "delay_seconds": NaN}', "delay_seconds is not below 0"),
        ("faults", {"kind": "answer", "headers": []}, "headers has the wrong type"),
        ("faults", {"kind": "answer", "headers": {"Retry-After": 5}}, "headers have names"),
        ("faults", [{"kind": "reset"}, {"kind": "slow", "delay_seconds": None}], "delay_seconds has the wrong type"),
        ("clock", {"advance_seconds": -1}, "advance_seconds"),
        ("clock", {"advance_seconds": "1"}, "advance_seconds"),
        ("settings", {"expired_token_status": 500}, "401, 403, 404"),
        ("settings", {"auto_consent": "yes"}, "auto_consent"),
        ("settings", {"colour": 1}, "unknown: colour"),
        ("settings", {"points_per_hour": True}, "points_per_hour is a whole number"),
        ("limits", {"method": "GET", "capacity": 1}, "missing: rate_per_second, template"),
        ("limits", {**BUCKET, "template": "/rest/api/3/nope"}, "no operation"),
        ("limits", {**BUCKET, "method": "DELETE"}, "no operation"),
        ("limits", {**BUCKET, "template": 5}, "no operation"),
        ("limits", {**BUCKET, "capacity": "5"}, "capacity is a whole number"),
        ("limits", {**BUCKET, "colour": 1}, "unknown: colour"),
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


def test_summary_needs_a_time(tiny):
    """A `since` that is no number is refused."""
    assert "epoch seconds" in control(tiny, "summary?since=yesterday").json()["error"]


def _shown(heading):
    """Return the name in the first cell of each row of a table of the page."""
    rows = _PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [re.match(r"\| `([^`]+)` \|", row)[1] for row in rows]


def test_page_shows_every_control(tiny):
    """The tables of docs/simulator.md have each control, setting and kind of fault, and no other."""
    operations = [f"{method} /_simulator/{name}" for method, name in Control(tiny)._operations]
    assert sorted(_shown("request")) == sorted(operations)
    assert _shown("setting") == list(KNOBS)
    assert _shown("kind") == list(KINDS)
