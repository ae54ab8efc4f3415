from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.recorded import needs_recordings, recorded
from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.fields.names import FieldCatalogue, FieldInfo


def _field(field_id, name, **more):
    return {"id": field_id, "key": field_id, "name": name, "custom": "_" in field_id, **more}


_CATALOGUE = FieldCatalogue.from_json(
    [
        _field("customfield_10030", "Team", schema={"type": "option"}),
        _field("summary", "Zusammenfassung", schema={"type": "string"}),
        _field("customfield_10001", "Team", schema={"type": "team"}),
        _field("customfield_10016", "Storypunkte", untranslatedName="Story Points", navigable=False),
        _field("customfield_10040", "Risk", clauseNames=["cf[10040]", "Risk[Dropdown]"]),
        _field("customfield_10041", "RISK", clauseNames=["cf[10041]", "RISK[Number]"]),
        _field("duedate", "Fälligkeitsdatum", clauseNames=["due", "duedate"]),
        {**_field("customfield_10050", "App field"), "key": "com.example.app__level"},
    ]
)


@pytest.mark.parametrize(
    ("wanted", "field_id"),
    [
        ("customfield_10030", "customfield_10030"),
        ("com.example.app__level", "customfield_10050"),
        ("Storypunkte", "customfield_10016"),
        ("  story   POINTS ", "customfield_10016"),
        ("CUSTOMFIELD_10016", "customfield_10016"),
        ("Zusammenfassung", "summary"),
        ("Summary", "summary"),
        ("Due Date", "duedate"),
        ("due", "duedate"),
        ("cf[10001]", None),
        ("cf[10041]", "customfield_10041"),
        ("Risk[dropdown]", "customfield_10040"),
        ("Risk", "customfield_10040"),
        ("RISK", "customfield_10041"),
        ("timetracking", "timetracking"),
        ("Affects Versions", "versions"),
    ],
)
def test_a_field_is_found_by_any_of_its_names(wanted, field_id):
    """Id, key, name, untranslated name, JQL name and English system name all lead to the field."""
    if field_id is None:
        with pytest.raises(InputError):
            _CATALOGUE.resolve(wanted)
    else:
        assert _CATALOGUE.resolve(wanted).id == field_id


@pytest.mark.parametrize("wanted", ["Team", "team", " TEAM "])
def test_a_name_of_two_fields_is_refused_with_both_ids(wanted):
    """Nobody guesses which of two fields is meant."""
    with pytest.raises(InputError) as refused:
        _CATALOGUE.resolve(wanted)
    (text,) = refused.value.errors["fields"]
    assert "customfield_10001 (team)" in text
    assert "customfield_10030 (option)" in text


def test_a_name_that_fits_two_fields_only_without_case_is_refused():
    """`risk` may be `Risk` or `RISK`."""
    with pytest.raises(InputError, match=r"customfield_10040 .*customfield_10041"):
        _CATALOGUE.resolve("risk")


def test_an_unknown_name_is_refused_with_the_nearest():
    """A typing error is answered with the name that was probably meant, and its id."""
    with pytest.raises(InputError) as refused:
        _CATALOGUE.resolve("Stroy Points")
    assert [f"fields: {text}" for text in refused.value.errors["fields"]] == [refused.value.message]
    assert "Did you mean 'Storypunkte' (customfield_10016)" in refused.value.message


@pytest.mark.parametrize("wanted", ["", "qqqqqqqqq", "x" * 10_000])
def test_an_unknown_name_like_no_other_is_refused_without_an_offer(wanted):
    """No far-fetched offers, and a message of bearable length."""
    with pytest.raises(InputError) as refused:
        _CATALOGUE.resolve(wanted)
    assert "Did you mean" not in refused.value.message
    assert len(refused.value.message) < 500


def test_the_order_of_fields_is_fixed():
    """System fields come first in their own order, then custom fields by name, whatever Jira's order is."""
    assert [field.id for field in _CATALOGUE.all()] == [
        "summary",
        "duedate",
        "customfield_10050",
        "customfield_10040",
        "customfield_10041",
        "customfield_10016",
        "customfield_10001",
        "customfield_10030",
    ]
    assert "customfield_10016" not in [field.id for field in _CATALOGUE.navigable()]
    assert len(_CATALOGUE.navigable()) == len(_CATALOGUE.all()) - 1


@pytest.mark.parametrize("data", [None, "fields", {}, 5, [None, 3, {}, {"name": "nameless"}]])
def test_what_is_no_list_of_fields_holds_none(data):
    """Anything but fields is passed over."""
    assert FieldCatalogue.from_json(data).all() == ()


def test_a_page_of_fields_is_read():
    """`GET /field/search` wraps its fields in a page."""
    catalogue = FieldCatalogue.from_json({"values": [{"id": "customfield_10001", "name": "Team"}]})
    assert catalogue.resolve("team").id == "customfield_10001"


def _found_or_refused(catalogue, wanted, field_id):
    """Return the id that was found, or the expected one where the refusal shows it."""
    try:
        return catalogue.resolve(wanted).id
    except InputError as refused:
        return field_id if field_id in refused.message else refused.message


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["A", "a", "B", "é", "summary", "Summary"]))))
def test_every_field_is_found_by_id_and_a_name_never_finds_another(entries):
    """Whatever a site's names are, resolving is right or refused."""
    catalogue = FieldCatalogue.from_json([_field(f"customfield_{number}", name) for number, name in entries])
    for field in catalogue.all():
        assert catalogue.resolve(field.id) is field
        assert _found_or_refused(catalogue, field.name, field.id) in {field.id, field.name}


@needs_recordings
def test_every_field_of_public_sites_resolves_or_is_refused_by_id():
    """On 14 real sites, each name leads to its field or to a refusal that shows its id."""
    sites = recorded("fields-and-types/publicjira-jira_field_information.json")
    for fields in sites.values():
        catalogue = FieldCatalogue.from_json(fields)
        for field in map(FieldInfo.from_json, fields):
            assert catalogue.resolve(field.id) == field
            assert _found_or_refused(catalogue, field.name, field.id) == field.id
