from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, document, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def _names(ask: Asking, key: str) -> list[str]:
    return [one["name"] for one in ask("GET", f"/issue/{key}/transitions").body["transitions"]]


def test_transitions_follow_the_workflow(ask: Asking) -> None:
    """DEV moves freely, OPS step by step."""
    assert _names(ask, "DEV-4") == ["To Do", "In Progress", "In Review", "Done"]
    assert _names(ask, "OPS-5") == ["Start work"]
    assert _names(ask, "OPS-8") == ["Wait", "Resolve"]
    only = ask("GET", "/issue/OPS-8/transitions", transitionId="31").body["transitions"]
    assert [one["name"] for one in only] == ["Resolve"]


def test_an_issue_is_moved(ask: Asking) -> None:
    """A move to a done status sets the resolution, a move back clears it, and both are logged."""
    assert ask("POST", "/issue/DEV-4/transitions", {"transition": {"id": "41"}}).status == 204
    fields = ask("GET", "/issue/DEV-4").body["fields"]
    assert (fields["status"]["name"], fields["resolution"]["name"]) == ("Done", "Done")
    assert fields["resolutiondate"] is not None
    items = ask("GET", "/issue/DEV-4/changelog").body["values"][-1]["items"]
    assert [item["field"] for item in items] == ["status", "resolution"]
    ask("POST", "/issue/DEV-4/transitions", {"transition": {"id": "11"}})
    assert ask("GET", "/issue/DEV-4").body["fields"]["resolution"] is None


def test_a_screen_asks_for_its_field(ask: Asking) -> None:
    """Resolving in OPS needs a resolution, which the expanded transition tells."""
    shown = ask("GET", "/issue/OPS-8/transitions", expand="transitions.fields").body["transitions"][1]
    assert shown["fields"]["resolution"]["required"] is True
    move = {"transition": {"id": "31"}}
    assert ask("POST", "/issue/OPS-8/transitions", move).body["errors"] == {"resolution": "Resolution is required."}
    wrong = {**move, "fields": {"resolution": {"name": "Nope"}}}
    assert set(ask("POST", "/issue/OPS-8/transitions", wrong).body["errors"]) == {"resolution"}
    right = {
        **move,
        "fields": {"resolution": {"name": "Won't Do"}},
        "update": {"comment": [{"add": {"body": document("Not now")}}]},
    }
    assert ask("POST", "/issue/OPS-8/transitions", right).status == 204
    fields = ask("GET", "/issue/OPS-8").body["fields"]
    assert (fields["resolution"]["name"], fields["comment"]["total"]) == ("Won't Do", 1)


def test_wrong_moves_are_refused(ask: Asking) -> None:
    """A transition that is not open now, and fields without a screen, are refused."""
    answer = ask("POST", "/issue/OPS-5/transitions", {"transition": {"id": "31"}})
    assert answer.body["errorMessages"] == ["Transition id '31' is not valid for this issue."]
    body = {"transition": {"id": "41"}, "fields": {"resolution": {"name": "Done"}}}
    assert set(ask("POST", "/issue/DEV-4/transitions", body).body["errors"]) == {"resolution"}
    ask.site.deny(ask.account_id, "TRANSITION_ISSUES", "DEV")
    assert _names(ask, "DEV-4") == []
    assert ask("POST", "/issue/DEV-4/transitions", {"transition": {"id": "41"}}).status == 400
