from __future__ import annotations

import pytest

from tests.simulator.tiny_jira import SECOND, Client
from vantage_jira_plugin.simulator.clock import iso_at

ISSUE = "/rest/api/3/issue/{issueIdOrKey}"


@pytest.mark.parametrize(
    ("path", "method", "capacity"),
    [
        ("myself", "GET", 350),
        ("issue/OPS-1", "GET", 400),
        ("issue", "POST", 200),
        ("issue/OPS-1", "PUT", 300),
    ],
)
def test_answers_carry_the_bucket(client, path, method, capacity):
    """An answered request shows the recorded bucket size and one less remaining, and no reset time."""
    answer = client.call(path, method, body=None if method == "GET" else {})
    assert answer.headers["x-ratelimit-limit"] == str(capacity)
    assert answer.headers["x-ratelimit-remaining"] == str(capacity - 1)
    assert "x-ratelimit-reset" not in answer.headers


def test_burst_is_refused_per_endpoint_and_tenant(tiny, client):
    """An empty bucket refuses with Atlassian's headers; other endpoints, methods and tenants go on."""
    tiny.limits.burst("GET", ISSUE, 0.5, 2)
    now = tiny.clock()
    statuses = [client.call(f"issue/OPS-{number}").status for number in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.call("issue/OPS-1")
    assert refused.headers["retry-after"] == "2"
    assert refused.headers["ratelimit-reason"] == "jira-burst-based"
    assert refused.headers["x-ratelimit-limit"] == "2"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert iso_at(now + 2) <= refused.headers["x-ratelimit-reset"] <= iso_at(now + 5)
    assert refused.headers["ratelimit-policy"] == '"global-app-quota";q=65000;w=3600, "jira-burst-based";q=2;w=1'
    assert client.call("myself").status == 200
    assert client.call("issue/OPS-1", "PUT", body={}).status == 204
    assert client.call("issue/OPS-1", cloud_id=SECOND).status == 200


def test_bucket_can_be_set_while_it_is_in_use(tiny, client):
    """New numbers hold at once, and only for their endpoint."""
    assert client.call("issue/OPS-1").headers["x-ratelimit-remaining"] == "399"
    tiny.limits.burst("GET", ISSUE, 10, 7)
    assert client.call("issue/OPS-1").headers["x-ratelimit-remaining"] == "6"
    assert client.call("myself").headers["x-ratelimit-limit"] == "350"


def test_burst_opens_after_the_announced_wait(tiny, client):
    """A request that waited as told is let through; one that did not is refused again and marked."""
    tiny.limits.burst("GET", ISSUE, 1, 1)
    assert [client.call("issue/OPS-1").status for _ in range(2)] == [200, 429]
    tiny.clock.advance(0.5)
    assert client.call("issue/OPS-1").status == 429
    tiny.clock.advance(0.6)
    assert client.call("issue/OPS-1").status == 200
    assert [entry.closed_window for entry in tiny.requests] == [False, False, True, False]


def test_refusals_announce_at_least_what_they_are_told_to(tiny, client):
    """The window stays closed for the whole Retry-After, though there would be a token; repeats say what is left."""
    tiny.limits.burst("GET", ISSUE, 10, 1, 5)
    began = tiny.clock()
    assert [client.call("issue/OPS-1").status for _ in range(2)] == [200, 429]
    tiny.clock.advance(2.5)
    early = client.call("issue/OPS-1")
    assert (early.status, early.headers["retry-after"]) == (429, "3")
    assert early.headers["ratelimit-reason"] == "jira-burst-based"
    assert (early.headers["x-ratelimit-limit"], early.headers["x-ratelimit-remaining"]) == ("1", "0")
    assert iso_at(began + 5) <= early.headers["x-ratelimit-reset"] <= iso_at(began + 7)
    tiny.clock.advance(2.3)
    assert client.call("issue/OPS-1").status == 429
    tiny.clock.advance(0.4)
    assert client.call("issue/OPS-1").status == 200
    assert [entry.closed_window for entry in tiny.requests] == [False, False, True, True, False]


def test_refusals_never_announce_less_than_it_takes(tiny, client):
    """Where the next token comes later than the Retry-After that was set, the token decides."""
    tiny.limits.burst("GET", ISSUE, 0.1, 1, 2)
    client.call("issue/OPS-1")
    assert client.call("issue/OPS-1").headers["retry-after"] == "10"


def test_a_window_that_was_closed_opens_with_new_numbers(tiny, client):
    """Setting a bucket makes it full and open."""
    tiny.limits.burst("GET", ISSUE, 1, 1, 600)
    assert [client.call("issue/OPS-1").status for _ in range(2)] == [200, 429]
    tiny.limits.burst("GET", ISSUE, 1, 1)
    assert client.call("issue/OPS-1").status == 200


def test_buckets_can_keep_quiet_and_give_other_reasons(tiny, client):
    """Answered requests can lack the bucket's headers; a refusal has them, with whatever reason was set."""
    tiny.limits.burst("GET", ISSUE, 1, 1, announces=False, reason="jira-cost-based")
    answer, refused = client.call("issue/OPS-1"), client.call("issue/OPS-1")
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    assert (refused.status, refused.headers["ratelimit-reason"]) == (429, "jira-cost-based")
    assert refused.headers["x-ratelimit-limit"] == "1"
    assert "jira-burst-based" not in refused.headers["ratelimit-policy"]


def test_traffic_of_other_apps_empties_the_bucket(tiny, client):
    """With nine of ten tokens taken by others, one request a second passes."""
    tiny.limits.burst("GET", ISSUE, 10, 2, other_traffic_per_second=9)
    assert [client.call("issue/OPS-1").status for _ in range(3)] == [200, 200, 429]
    tiny.clock.advance(1.1)
    assert [client.call("issue/OPS-1").status for _ in range(2)] == [200, 429]


def test_hourly_points_are_spent_by_objects(tiny, client):
    """A read costs one and its objects, a write one, a refused request nothing but its own point."""
    spent = []
    for path, method in (("issue/OPS-1", "GET"), ("project/search", "GET"), ("issue", "POST"), ("search/jql", "POST")):
        before = tiny.limits.points_used
        client.call(path, method, body={} if method == "POST" else None)
        spent.append(tiny.limits.points_used - before)
    assert spent == [2, 11, 1, 1]


def test_hourly_points_are_refused_until_the_hour_ends(tiny, client):
    """A spent quota refuses everything on every site until the clock hour ends."""
    tiny.limits.points_per_hour = 4
    assert [client.call("issue/OPS-1").status for _ in range(3)] == [200, 200, 429]
    refused = client.call("myself", cloud_id=SECOND)
    assert refused.status == 429
    assert refused.headers["ratelimit-reason"] == "jira-quota-global-based"
    assert 3400 < int(refused.headers["retry-after"]) <= 3480
    hour_end = (tiny.clock() // 3600 + 1) * 3600
    assert refused.headers["x-ratelimit-reset"] == iso_at(hour_end)
    assert refused.headers["x-ratelimit-limit"] == "4"
    assert refused.headers["x-ratelimit-nearlimit"] == "true"
    assert [entry.closed_window for entry in tiny.requests] == [False, False, False, True]
    tiny.clock.advance(int(refused.headers["retry-after"]))
    client.grant = tiny.grant()
    assert client.call("myself").status == 200


def test_points_per_tenant_leave_other_tenants_alone(tiny, client):
    """With a pool per tenant one site's refusal does not touch another."""
    tiny.limits.points_per_hour, tiny.limits.points_scope = 1, "tenant"
    assert [client.call("myself").status for _ in range(2)] == [200, 429]
    refused = client.call("myself")
    assert refused.headers["ratelimit-reason"] == "jira-quota-tenant-based"
    assert refused.headers["ratelimit-policy"] == '"tenant-app-quota";q=1;w=3600'
    assert client.call("myself", cloud_id=SECOND).status == 200


def test_what_is_left_is_told_only_when_it_is_little(tiny, client):
    """`RateLimit` has `r` and the near-limit header comes below a fifth of the quota."""
    tiny.limits.points_per_hour = 20
    answers = [client.call("project/search"), client.call("issue/OPS-1"), client.call("issue/OPS-1")]
    answers.append(client.call("issue/OPS-1"))
    assert [";r=" in answer.headers["ratelimit"] for answer in answers] == [False, False, False, True]
    assert answers[-1].headers["ratelimit"].startswith('"global-app-quota";r=3;t=34')
    assert answers[-1].headers["x-ratelimit-nearlimit"] == "true"
    assert "x-ratelimit-nearlimit" not in answers[0].headers


def test_points_before_enforcement_only_announce(tiny, client):
    """Before enforcement the headers begin with `Beta-` and nothing is refused."""
    tiny.limits.points_per_hour, tiny.limits.points_enforced = 1, False
    answers = [client.call("myself") for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert answers[-1].headers["beta-ratelimit"].startswith('"global-app-quota";r=0;t=')
    assert "ratelimit-policy" not in answers[-1].headers


def test_writes_to_one_issue_are_limited(tiny, client):
    """The twenty-first write to an issue within two seconds is refused; other issues go on."""
    statuses = [client.call("issue/ops-1", "PUT", body={}).status for _ in range(20)]
    assert statuses == [204] * 20
    refused = client.call("issue/OPS-1", "PUT", body={})
    assert refused.status == 429
    assert refused.headers["ratelimit-reason"] == "jira-per-issue-on-write"
    assert refused.headers["retry-after"] in {"1", "2"}
    assert refused.headers["x-ratelimit-limit"] == "20"
    assert client.call("issue/OPS-1", "PUT", body={}).status == 429
    assert [entry.closed_window for entry in tiny.requests[-2:]] == [False, True]
    assert client.call("issue/OPS-2", "PUT", body={}).status == 204
    assert client.call("issue/OPS-1").status == 200
    tiny.clock.advance(2)
    assert client.call("issue/OPS-1", "PUT", body={}).status == 204


def test_hundred_writes_in_half_a_minute_are_the_most(tiny, client):
    """Slow enough for the short window, the long one still refuses the hundred and first write."""
    for _ in range(5):
        assert {client.call("issue/OPS-1", "PUT", body={}).status for _ in range(20)} == {204}
        tiny.clock.advance(2.1)
    refused = client.call("issue/OPS-1", "PUT", body={})
    assert refused.status == 429
    assert refused.headers["x-ratelimit-limit"] == "100"
    assert 15 <= int(refused.headers["retry-after"]) <= 20


def test_limits_can_be_switched_off(tiny, client):
    """With all limits off nothing is refused and nothing announced; reset brings them back."""
    tiny.limits.burst("GET", ISSUE, 1, 1)
    tiny.limits.points_per_hour = 1
    tiny.limits.off()
    answers = [client.call("issue/OPS-1") for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert not [name for name in answers[0].headers if "ratelimit" in name]
    tiny.limits.reset()
    assert Client(tiny).call("issue/OPS-1").headers["x-ratelimit-limit"] == "400"
