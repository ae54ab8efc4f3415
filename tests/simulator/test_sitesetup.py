from __future__ import annotations

import pytest

from tests.simulator.asking import Asking, new_asking


@pytest.fixture
def ask() -> Asking:
    """The seeded site."""
    return new_asking()


def test_a_field_has_a_number_of_its_own(ask: Asking) -> None:
    """It comes after all others, for all projects or for some."""
    everywhere = ask.site.add_field("Colour", "text")
    here = ask.site.add_field("Weight", "number", [ask.site.projects["10000"]])
    assert (everywhere.id, here.id) == ("customfield_10024", "customfield_10025")
    assert everywhere in ask.site.fields_of("10001")
    assert here in ask.site.fields_of("10000")
    assert here not in ask.site.fields_of("10001")
    assert ask.keys("Weight > 1 and project = DEV") == []


def test_the_setup_is_equal_until_it_is_changed(ask: Asking) -> None:
    """What is added, taken away or replaced makes it another; issues do not."""
    before = ask.site.setup()
    ask.create()
    assert ask.site.setup() == before
    status = ask.site.statuses.pop("10004")
    assert ask.site.setup() != before
    ask.site.statuses["10004"] = status
    assert ask.site.setup() == before
    ask.site.embedded_comments = 1
    assert ask.site.setup() != before


def test_permissions_are_of_projects_that_are_there(ask: Asking) -> None:
    """A permission of a project that is not there can be neither taken nor given."""
    for change in (ask.site.deny, ask.site.allow):
        with pytest.raises(KeyError):
            change(ask.account_id, "BROWSE_PROJECTS", "NOPE")
