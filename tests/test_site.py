"""Which site a connection uses, against a simulator that has one or two of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from vantage_jira_plugin.fields.names import FieldCatalogue
from vantage_jira_plugin.simulator import Fault, Simulator
from vantage_jira_plugin.simulator.seed import demo_sites, second_site
from vantage_jira_plugin.site import SiteFacts

_CALLBACK = "http://127.0.0.1:8735/callback"


def _stored(services):
    return services.credentials.records["credential_123456"]


def _two_sites(clock):
    return [*demo_sites(clock), second_site(clock)]


@pytest.fixture(scope="module")
def _two():
    with Simulator(sites=_two_sites) as simulator:
        yield simulator


@pytest.fixture
def sim_two(_two):
    """A login that reaches two sites, one of them with Confluence."""
    _two.reset()
    return _two


class TestSeveralSites:
    """Nothing is ever guessed where a login reaches several sites."""

    @pytest.fixture
    def sim(self, sim_two):
        """Use two sites in every fixture below."""
        return sim_two

    def test_several_sites_are_listed(self, connect, sim, services):
        """The answer is choose_site with their names, and the grant is kept meanwhile."""
        connection = connect(grant={})
        started = connection.authorize(_CALLBACK)
        answer = connection.authorized(sim.consent(started["url"]), started["state"])
        assert answer["status"] == "choose_site"
        assert {site["url"] for site in answer["sites"]} == {site.url for site in sim.sites}
        assert _stored(services)["cloudId"] is None
        assert connection.authenticate()["status"] == "choose_site"
        error = connection.execute("getIssue", {"issueKey": "DEV-1"}, {}, {})["error"]
        assert error["code"] == "choose_site"
        assert sim.sites[1].url in error["message"]

    def test_list_sites_works_before_choosing(self, connect, sim):
        """listSites needs no chosen site."""
        rows = connect().execute("listSites", {}, {}, {})["output1"]["data"]
        assert {row["cloudId"] for row in rows} == {site.cloud_id for site in sim.sites}

    @pytest.mark.parametrize("number", [0, 1])
    def test_site_url_chooses(self, connect, sim, number):
        """The setting siteUrl picks the site; the record remembers it."""
        chosen = sim.sites[number]
        connection = connect(siteUrl=f"{chosen.url.upper()}/jira/software")
        assert connection.authenticate()["cloudId"] == chosen.cloud_id

    def test_cloud_id_and_name_choose(self, connect, sim):
        """So do cloudId and siteName."""
        assert connect(cloudId=sim.sites[1].cloud_id).authenticate()["cloudId"] == sim.sites[1].cloud_id

    def test_site_name_chooses(self, connect, sim):
        """A site is also found by its name."""
        assert connect(siteName=sim.sites[1].name.upper()).authenticate()["cloudId"] == sim.sites[1].cloud_id

    def test_another_site_url_moves_on(self, connect, sim):
        """A changed siteUrl setting wins over the site that the record remembers."""
        connect(siteUrl=sim.sites[0].url).authenticate()
        assert connect(siteUrl=sim.sites[1].url).authenticate()["cloudId"] == sim.sites[1].cloud_id

    def test_an_unreached_site_is_told(self, connect, sim):
        """A siteUrl that the grant does not reach lists those it does."""
        answer = connect(siteUrl="https://elsewhere.atlassian.net").authenticate()
        assert answer["status"] == "choose_site"
        assert "elsewhere" in answer["message"]

    def test_connections_of_one_login_keep_their_sites(self, connect, sim):
        """Two connections of one login with two siteUrls call each its own site, and ask once for it."""
        grant = sim.grant()
        one = connect(grant=grant, siteUrl=sim.sites[0].url)
        two = connect(grant=grant, siteUrl=sim.sites[1].url)
        for _ in range(4):
            for connection in (one, two):
                connection._login._read_at -= 60
                connection.execute("getAccessibleProjects", {}, {}, {})
        calls = [entry.path.split("/")[3] for entry in sim.requests if "/project/search" in entry.path]
        assert calls == [sim.sites[0].cloud_id, sim.sites[1].cloud_id] * 4
        assert sum("accessible-resources" in entry.path for entry in sim.requests) == 2

    def test_a_site_chosen_by_settings_does_not_move_others(self, connect, sim):
        """A connection without a choice uses the record's site, whatever another connection chose since."""
        grant = sim.grant()
        plain = connect(grant=grant, cloudId=sim.sites[0].cloud_id)
        plain.authenticate()
        connect(grant=grant, siteUrl=sim.sites[1].url).authenticate()
        plain._login._read_at -= 60
        assert plain.authenticate()["cloudId"] == sim.sites[0].cloud_id


def test_a_site_that_is_gone_is_told(connect, sim):
    """The gateway's 404 for the site: the action names the site, and authenticate lists what is left."""
    connection = connect()
    connection.authenticate()
    spring = {"timestamp": "x", "status": 404, "error": "Not Found", "message": "No tenant", "path": "/x"}
    sim.faults.add(Fault("answer", path="/ex/jira/", status=404, body=spring, times=None))
    error = connection.execute("searchIssues", {"jql": "project = DEV"}, {}, {})["error"]
    assert (error["code"], "site" in error["hint"]) == ("not_found", True)
    sim.faults.add(Fault("answer", path="/accessible-resources", status=200, body=[], times=None))
    answer = connection.authenticate()
    assert (answer["status"], answer["sites"]) == ("choose_site", [])


def test_threads_resolve_the_site_once(connect, sim):
    """Many threads at first use make one request for the sites."""
    connection = connect()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: connection.execute("getAccessibleProjects", {}, {}, {}), range(8)))
    assert sum("accessible-resources" in entry.path for entry in sim.requests) == 1


def test_a_list_of_fields_is_believed_for_ten_minutes():
    """And of no other site than its own."""
    moment = [0.0]
    facts = SiteFacts(monotonic=lambda: moment[0])
    known = FieldCatalogue.from_json([])
    assert facts.catalogue("c-1") is None
    facts.keep("c-1", known)
    moment[0] = 599.0
    assert facts.catalogue("c-1") is known
    assert facts.catalogue("c-2") is None
    moment[0] = 600.0
    assert facts.catalogue("c-1") is None


def test_who_waits_too_long_for_the_site_is_told(connect):
    """A thread that resolves it holds the others up no longer than their callers wait."""
    connection = connect()
    with connection._facts.resolving:
        error = connection.execute("getAccessibleProjects", {}, {}, {"timeoutSeconds": 0.05})["error"]
    assert (error["code"], "being resolved" in error["message"]) == ("cancelled", True)
    assert "output1" in connection.execute("getAccessibleProjects", {}, {}, {})
