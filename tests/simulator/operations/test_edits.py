from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_an_edit_is_logged(ask: Asking) -> None:
    """Each changed field is an item of the changelog with old and new texts; equal values are none."""
    answer = ask(
        "PUT",
        "/issue/DEV-4",
        {
            "fields": {
                "summary": "Pay by bill",
                "priority": {"id": "1"},
                "assignee": None,
                "customfield_10010": 5,
                "parent": None,
                "customfield_10020": 3,
            },
            "update": {"labels": [{"add": "new"}, {"remove": "payments"}]},
        },
    )
    assert (answer.status, answer.body) == (204, None)
    items = {item["field"]: item for item in ask("GET", "/issue/DEV-4/changelog").body["values"][-1]["items"]}
    assert set(items) == {"summary", "priority", "assignee", "IssueParentAssociation", "Sprint", "labels"}
    assert (items["summary"]["fromString"], items["summary"]["toString"]) == ("Pay by invoice", "Pay by bill")
    assert (items["priority"]["from"], items["priority"]["to"]) == ("3", "1")
    assert (items["assignee"]["fromString"], items["assignee"]["to"]) == ("Priya Raman", None)
    assert "fieldId" not in items["IssueParentAssociation"]
    assert (items["Sprint"]["from"], items["Sprint"]["to"]) == ("2", "3")
    assert (items["labels"]["fromString"], items["labels"]["toString"]) == ("payments", "new")


def test_an_edit_that_changes_nothing_is_not_logged(ask: Asking) -> None:
    """Setting what is there already leaves changelog and `updated` alone."""
    before = ask("GET", "/issue/DEV-4").body["fields"]["updated"]
    ask.clock.at += 60
    ask("PUT", "/issue/DEV-4", {"fields": {"summary": "Pay by invoice"}})
    assert ask("GET", "/issue/DEV-4").body["fields"]["updated"] == before


def test_return_issue_answers_the_issue(ask: Asking) -> None:
    """With `returnIssue` the edited issue comes back with 200."""
    answer = ask("PUT", "/issue/DEV-4", {"fields": {"summary": "Other"}}, returnIssue="true")
    assert (answer.status, answer.body["fields"]["summary"]) == (200, "Other")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "one of 'fields' or 'update' required"),
        (
            {"fields": {"labels": []}, "update": {"labels": [{"add": "a"}]}},
            "Field 'labels' cannot appear in both 'fields' and 'update'",
        ),
        (
            {"fields": {"project": {"key": "OPS"}}},
            "Field 'project' cannot be set. It is not on the appropriate screen, or unknown.",
        ),
        (
            {"update": {"summary": [{"add": "x"}]}},
            "Field with id 'summary' and name 'Summary' does not support operation 'add'",
        ),
        ({"fields": {"issuetype": {"name": "Sub-task"}}}, "The issue type selected is invalid."),
        ({"update": {"comment": [{"add": {"body": "x"}}]}}, "Comment body is not valid!"),
    ],
)
def test_wrong_edits_are_refused(ask: Asking, body: dict[str, Any], text: str) -> None:
    """Edits that say nothing, contradict themselves or cannot be are refused."""
    answer = ask("PUT", "/issue/DEV-4", body)
    assert answer.status == 400
    assert text in [*answer.body["errorMessages"], *answer.body["errors"].values()]


def test_a_parent_is_removed_by_none(ask: Asking) -> None:
    """`update.parent` with `none` takes the parent away."""
    ask("PUT", "/issue/DEV-4", {"update": {"parent": [{"set": {"none": True}}]}})
    assert "parent" not in ask("GET", "/issue/DEV-4").body["fields"]


def test_silence_is_for_administrators(ask: Asking) -> None:
    """`notifyUsers=false` works for an administrator of the project and fails the edit of others."""
    body = {"fields": {"summary": "Quiet"}}
    assert ask("PUT", "/issue/DEV-4", body, notifyUsers="false").status == 204
    answer = ask("PUT", "/issue/OPS-5", body, notifyUsers="false")
    assert answer.status == 400
    assert answer.body["errorMessages"] == [
        "To discard the user notification either admin or project admin permissions are required."
    ]
    assert (
        ask("PUT", "/issue/OPS-5", body, notifyUsers="maybe")
        .headers["Content-Type"]
        .startswith("application/problem+json")
    )


def test_editing_needs_its_permission(ask: Asking) -> None:
    """Who may not edit is refused with 400, as Jira does."""
    ask.site.deny(ask.account_id, "EDIT_ISSUES", "DEV")
    assert ask("PUT", "/issue/DEV-4", {"fields": {"summary": "x"}}).status == 400


def test_an_issue_with_subtasks_goes_only_with_them(ask: Asking) -> None:
    """Sub-tasks keep their parent from being deleted, unless they may go too."""
    assert ask("DELETE", "/issue/DEV-3").status == 400
    assert ask("DELETE", "/issue/DEV-3", deleteSubtasks="true").status == 204
    assert ask("GET", "/issue/DEV-10").status == 404


def test_children_of_a_deleted_epic_stay(ask: Asking) -> None:
    """Stories outlive their epic and lose their parent."""
    assert ask("DELETE", "/issue/DEV-1").status == 204
    assert "parent" not in ask("GET", "/issue/DEV-4").body["fields"]
    assert ask("GET", "/issue/DEV-9").body["fields"]["issuelinks"]


def test_deleting_needs_its_permission(ask: Asking) -> None:
    """Who may not delete is refused with 403."""
    ask.site.deny(ask.account_id, "DELETE_ISSUES", "DEV")
    assert ask("DELETE", "/issue/DEV-23").status == 403
