from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.tiny_jira import send
from vantage_jira_plugin.simulator import Simulator
from vantage_jira_plugin.simulator.stagehand import CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    """A simulator of the seeded site."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def stage(running: Simulator) -> Stage:
    """The seeded site, as at the start."""
    running.reset()
    return Stage(running)


class Stage:
    """Changes a site over HTTP, and looks at it as a client does."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.headers = {"Authorization": f"Bearer {simulator.grant()['access_token']}"}
        self.url = f"{simulator.api_url}/ex/jira/{simulator.site.cloud_id}/rest/api/3"

    def change(self, change: str, /, **body: Any) -> Any:
        """Send a control request."""
        return send(f"{self.simulator.api_url}/_simulator/{change}", "POST", body=body)

    def get(self, path: str) -> Any:
        """Read something as the default account."""
        return send(f"{self.url}{path}", headers=self.headers)

    def found(self, jql: str) -> list[str]:
        """Return the keys that a search finds."""
        answer = send(
            f"{self.url}/search/jql", "POST", body={"jql": jql, "fields": ["key"], "maxResults": 100},
            headers=self.headers,
        )  # fmt: skip
        assert answer.status == 200
        return [issue["key"] for issue in answer.json()["issues"]]


def test_an_issue_is_edited(stage: Stage) -> None:
    """Fields and status are set at once, with a changelog, by whoever is named."""
    person = stage.simulator.site.accounts
    jun = next(account_id for account_id, account in person.items() if account.display_name.startswith("Jun"))
    answer = stage.change(
        "issues/edit", issue="DEV-3", fields={"summary": "Zebra", "labels": ["b", "a"]}, status="To Do", account_id=jun
    )
    issue = stage.simulator.site.find_issue("DEV-3")
    assert (answer.status, answer.json()) == (200, {"id": str(issue.id), "key": "DEV-3"})
    fields = stage.get("/issue/DEV-3").json()["fields"]
    assert (fields["summary"], fields["labels"], fields["status"]["name"]) == ("Zebra", ["a", "b"], "To Do")
    change = stage.get("/issue/DEV-3/changelog").json()["values"][-1]
    assert {item["field"] for item in change["items"]} == {"summary", "labels", "status"}
    assert change["author"]["accountId"] == jun


def test_an_issue_is_deleted(stage: Stage) -> None:
    """It is gone for reads and searches, its sub-tasks with it."""
    assert stage.change("issues/delete", issue="DEV-3").status == 200
    assert stage.get("/issue/DEV-3").status == stage.get("/issue/DEV-10").status == 404
    assert not {"DEV-3", "DEV-10"} & set(stage.found("project = DEV"))


def test_an_issue_is_moved(stage: Stage) -> None:
    """It has a new key, and is found by the old one."""
    assert stage.change("issues/move", issue="DEV-5", project="OPS").json()["key"] == "OPS-11"
    assert stage.get("/issue/DEV-5").json()["key"] == "OPS-11"
    assert "OPS-11" in stage.found("project = OPS")


def test_an_archived_issue_is_read_and_not_found(stage: Stage) -> None:
    """Search leaves it and its sub-tasks out until it is restored; nothing of the issue changes."""
    before = stage.get("/issue/DEV-3").json()
    assert stage.change("issues/archive", issue="DEV-3").status == 200
    assert stage.get("/issue/DEV-3").json() == before
    assert not {"DEV-3", "DEV-10"} & set(stage.found("project = DEV"))
    assert stage.change("issues/restore", issue=before["id"]).status == 200
    assert {"DEV-3", "DEV-10"} <= set(stage.found("project = DEV"))


def test_a_permission_is_taken_and_given(stage: Stage) -> None:
    """Without the permission to browse a project its issues are not there."""
    taken = {"permission": "BROWSE_PROJECTS", "project": "OPS", "allowed": False}
    assert stage.change("permissions", **taken).status == 200
    assert stage.get("/issue/OPS-1").status == 404
    assert stage.change("permissions", **{**taken, "allowed": True}).status == 200
    assert stage.get("/issue/OPS-1").status == 200


def test_a_field_is_added(stage: Stage) -> None:
    """It is listed, and issues of its projects have it."""
    field_id = stage.change("fields", name="Colour", kind="text", projects=["DEV"]).json()["id"]
    listed = {field["id"]: field["name"] for field in stage.get("/field").json()}
    assert listed[field_id] == "Colour"
    assert stage.get("/issue/DEV-1").json()["fields"][field_id] is None
    assert field_id not in stage.get("/issue/OPS-1").json()["fields"]
    assert stage.change("issues/edit", issue="DEV-1", fields={field_id: "red"}).status == 200
    assert stage.get("/issue/DEV-1").json()["fields"][field_id] == "red"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("issues/edit", {"issue": "DEV-999"}, "no issue DEV-999"),
        ("issues/edit", {"issue": "DEV-1", "fields": {"nope": 1}}, "nope: Field 'nope' cannot be set"),
        ("issues/edit", {"issue": "DEV-1", "fields": []}, "Invalid request payload|fields is an object"),
        ("issues/edit", {"issue": "DEV-1", "status": "Waiting"}, "no status Waiting"),
        ("issues/edit", {"issue": "DEV-1", "account_id": "nobody"}, "no account nobody"),
        ("issues/delete", {}, "no issue None"),
        ("issues/move", {"issue": "DEV-1", "project": "NOPE"}, "no project NOPE"),
        ("issues/archive", {"issue": "DEV-1", "colour": 1}, "an object is expected, with: issue, site"),
        ("issues/restore", {"issue": "DEV-1", "site": "elsewhere"}, "no site elsewhere"),
        ("permissions", {"project": "DEV", "permission": 1, "allowed": True}, "permission is a name"),
        ("permissions", {"project": "DEV", "permission": "X", "allowed": 1}, "allowed is true or false"),
        ("fields", {"name": "", "kind": "text"}, "name is a text"),
        ("fields", {"name": "Colour", "kind": "paint"}, "kind one of text"),
        ("fields", {"name": "Colour", "kind": "text", "projects": "DEV"}, "projects is a list"),
        ("fields", {"name": "Colour", "kind": "text", "projects": ["NOPE"]}, "no project NOPE"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(stage: Stage, name: str, body: dict[str, Any], words: str) -> None:
    """400 with words, and the site as it was."""
    site = stage.simulator.site
    before = site.state()
    answer = stage.change(name, **body)
    assert answer.status == 400
    assert any(word in answer.json()["error"] for word in words.split("|")), answer.json()
    assert site.state() == before


def test_every_change_is_a_control_request(stage: Stage) -> None:
    """Each name answers, if only with what it needs."""
    for name in CHANGES:
        answer = send(f"{stage.simulator.api_url}/_simulator/{name}", "POST", body=[])
        assert (answer.status, "an object is expected" in answer.json()["error"]) == (400, True)
