"""Asks every operation of the simulator, well and badly, so that tests can look at all of its answers."""

from __future__ import annotations

from tests.simulator.asking import Asking, document, new_asking
from vantage_jira_plugin.simulator.catalogue import Status

__all__ = ["play"]


def play() -> Asking:
    """Ask every operation, well and badly."""
    ask = new_asking()
    _play_listings(ask)
    _play_issues(ask)
    _play_searches(ask)
    return ask


def _play_listings(ask: Asking) -> None:
    ask("GET", "/myself")
    ask("GET", "/serverInfo")
    ask("GET", "/field")
    ask("GET", "/issuetype")
    ask.site.statuses["10900"] = Status("10900", "Doing", "indeterminate", scope_project_id="10000")
    ask("GET", "/status")
    ask("GET", "/users/search", maxResults="2", startAt="1")
    ask("GET", "/users/search", maxResults="x")
    ask("GET", "/priority")
    ask("GET", "/priority/search", maxResults="2")
    ask("GET", "/resolution/search")
    ask("GET", "/project/search", expand="lead,description,issueTypes,insight", maxResults="1")
    ask("GET", "/project/search", maxResults="x")
    ask("GET", "/project/search", action="fly")
    ask("GET", "/project/DEV")
    ask("GET", "/project/NOPE")
    ask("GET", "/issue/createmeta/DEV/issuetypes")
    ask("GET", "/issue/createmeta/DEV/issuetypes", maxResults="500")
    ask("GET", "/issue/createmeta/OPS/issuetypes/10002")
    ask("GET", "/issue/createmeta/OPS/issuetypes/10001")


def _play_issues(ask: Asking) -> None:
    created = ask.create(
        description=document("Hello"),
        labels=["a"],
        customfield_10010=3,
        customfield_10020=2,
        duedate="2026-12-24",
        assignee={"accountId": ask.person("Priya")},
        components=[{"name": "API"}],
    )
    key = created["key"]
    ask.refused(summary="", description="text", nope=1)
    ask("POST", "/issue", raw=b"not json")
    ask(
        "POST",
        "/issue/bulk",
        {
            "issueUpdates": [
                {"fields": {"project": {"key": "DEV"}, "issuetype": {"name": "Bug"}, "summary": "One"}},
                {"fields": {}},
            ]
        },
    )
    ask("POST", "/issue/bulk", {"issueUpdates": [{"fields": {}}]})
    everything = "names,schema,changelog,transitions,editmeta,operations,renderedFields"
    ask("GET", f"/issue/{key}", expand=everything, properties="*all")
    ask("GET", "/issue/DEV-3")
    ask("GET", "/issue/DEV-999")
    ask("GET", f"/issue/{key}/editmeta")
    ask("PUT", f"/issue/{key}", {"fields": {"summary": "Other"}, "update": {"labels": [{"add": "b"}]}})
    ask("PUT", f"/issue/{key}", {"fields": {"priority": {"name": "Low"}}}, returnIssue="true")
    ask("PUT", f"/issue/{key}", {"fields": {"status": {"name": "Done"}}})
    ask("POST", f"/issue/{key}/comment", {"body": document("Hello"), "properties": [{"key": "k", "value": 1}]})
    ask("POST", f"/issue/{key}/comment", {"body": "plain"})
    comment = ask("GET", f"/issue/{key}/comment", expand="renderedBody", orderBy="-created").body["comments"][0]
    ask("POST", "/comment/list", {"ids": [int(comment["id"]), 1]}, expand="renderedBody,properties")
    ask("POST", "/comment/list", {"ids": []})
    ask("POST", "/comment/list", {"ids": ["1"]})
    ask("GET", f"/issue/{key}/comment/{comment['id']}")
    ask("GET", f"/issue/{key}/comment", maxResults="x")
    ask("PUT", f"/issue/{key}/comment/{comment['id']}", {"body": document("Better")})
    ask("DELETE", f"/issue/{key}/comment/{comment['id']}")
    ask("DELETE", f"/issue/{key}/comment/{comment['id']}")
    _play_parts(ask, key)
    ask("PUT", f"/issue/{key}/properties/vantage", {"run": 1})
    ask("PUT", f"/issue/{key}/properties/vantage", {"run": 2})
    ask("GET", f"/issue/{key}/properties")
    ask("GET", f"/issue/{key}/properties/vantage")
    ask("GET", f"/issue/{key}/properties/other")
    ask("DELETE", f"/issue/{key}/properties/vantage")
    ask("GET", f"/issue/{key}/transitions")
    ask("GET", "/issue/OPS-8/transitions", expand="transitions.fields")
    ask("POST", f"/issue/{key}/transitions", {})
    ask("POST", f"/issue/{key}/transitions", {"transition": {"id": "21"}})
    ask("GET", f"/issue/{key}/changelog", maxResults="1")
    ask("DELETE", f"/issue/{key}")
    ask("DELETE", "/issue/DEV-3")


def _play_parts(ask: Asking, key: str) -> None:
    work = {"timeSpent": "3h 20m", "started": "2021-01-17T12:34:00.000+0000", "comment": document("Done")}
    path = f"/issue/{key}/worklog"
    number = ask("POST", path, {**work, "properties": [{"key": "k", "value": 1}]}, expand="properties").body["id"]
    ask("POST", path, {"started": "yesterday"}, adjustEstimate="new")
    ask("POST", path, work, adjustEstimate="never")
    ask("GET", path, expand="properties")
    ask("GET", path, maxResults="x")
    ask("POST", "/worklog/list", {"ids": [int(number), 1]}, expand="properties")
    ask("POST", "/worklog/list", {"ids": []})
    ask("GET", "/attachment/meta")
    file_id = ask.attach(key, ("file", "a.txt", b"a"), ("file", "b.txt", b"")).body[0]["id"]
    ask.attach(key, ("file", "a.txt", b"a"), token="")
    ask.attach(key, ("other", "a.txt", b"a"))
    ask.attach(key, ("file", "a.txt", bytes(1_000_001)))
    ask("GET", f"/attachment/{file_id}")
    ask("GET", "/attachment/1")
    ask("GET", f"/attachment/content/{file_id}")
    ask("GET", f"/attachment/content/{file_id}", redirect="false")
    ask("GET", "/attachment/content/1")
    ask("GET", f"/issue/{key}", fields="worklog,attachment,timetracking,timespent,progress", expand="changelog")


def _play_searches(ask: Asking) -> None:
    ask("GET", "/search/jql", jql="project = DEV", fields="*all", expand="names,schema", maxResults="3")
    ask("GET", "/search/jql", jql="project = DEV", maxResults="0")
    ask("POST", "/search/jql", {"jql": "project = DEV", "fields": ["summary"], "maxResults": 2})
    ask("POST", "/search/jql", {"jql": "project = DEV AND"})
    ask("POST", "/search/jql", {"jql": "project = DEV", "colour": 1})
    ask("POST", "/search/approximate-count", {"jql": "project = DEV"})
    ask("POST", "/search/approximate-count", {"jql": "order by key"})
    ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["DEV-3", "OPS-2", "HR-1"], "maxResults": 2})
    ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": ["DEV-3"], "fieldIds": ["status"]})
    ask("POST", "/changelog/bulkfetch", {"issueIdsOrKeys": []})
    ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["dev-2", "DEV-1", "HR-1"], "fields": ["*all"]})
    ask("PUT", "/issue/DEV-1/properties/vantage", {"run": 1})
    ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": ["DEV-1"], "fields": ["key"], "properties": ["vantage"]})
    ask("POST", "/issue/bulkfetch", {"issueIdsOrKeys": []})
    ask(
        "POST",
        "/jql/parse",
        {
            "queries": [
                "status changed after startOfMonth(-1M) or not a in (b, empty) order by key desc, created",
                "invalid query",
                "project = NOPE",
                "status was Done by currentUser() and labels is not empty",
            ]
        },
        validation="none",
    )
    ask("POST", "/jql/parse", {"queries": []})
    ask("GET", "/search", jql="project = DEV")
    ask("POST", "/search", {"jql": "project = DEV"})
    ask("GET", "/user", accountId=ask.person("Sam"))
    ask("GET", "/user", accountId="nobody")
    ask("GET", "/user/search", query="a")
    ask("GET", "/user/search")
    ask("GET", "/user/assignable/search", project="DEV")
    ask("GET", "/user/assignable/search", project="NOPE")
