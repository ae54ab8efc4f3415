from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.reading.recorded import needs_recordings, recorded
from tests.reading.strategies import json_values
from vantage_jira_plugin.fields.info import FieldInfo

_NAMES = st.sampled_from(
    ["id", "key", "name", "custom", "navigable", "schema", "scope", "type", "project", "clauseNames"]
)


def test_a_field_of_the_list_is_read_with_schema_and_scope():
    """Everything the plugin needs of a team-managed custom field is kept."""
    field = FieldInfo.from_json(
        {
            "id": "customfield_10035",
            "key": "customfield_10035",
            "name": "Équipe",
            "untranslatedName": "Team",
            "custom": True,
            "navigable": True,
            "clauseNames": ["cf[10035]", "Team"],
            "scope": {"type": "PROJECT", "project": {"id": "10002"}},
            "schema": {"type": "array", "items": "option", "custom": "a:multiselect", "customId": 10035},
        }
    )
    assert field == FieldInfo(
        id="customfield_10035",
        key="customfield_10035",
        name="Équipe",
        custom=True,
        navigable=True,
        schema_type="array",
        items="option",
        custom_type="a:multiselect",
        scope_project_id="10002",
        untranslated_name="Team",
        clause_names=("cf[10035]", "Team"),
    )
    assert field.number == 10035
    assert field.described == "customfield_10035 (array of option, project 10002)"


def test_a_field_without_schema_is_read():
    """`parent`, `issuekey` and `thumbnail` come without a schema."""
    field = FieldInfo.from_json({"id": "parent", "key": "parent", "name": "Parent", "custom": False})
    assert (field.schema_type, field.navigable, field.number) == (None, True, None)


def test_a_field_of_the_search_answer_is_custom_by_its_id():
    """`GET /field/search` gives neither `custom` nor `navigable`."""
    field = FieldInfo.from_json({"id": "customfield_10001", "name": "Team"})
    assert (field.custom, field.navigable, field.key) == (True, True, "customfield_10001")


@given(st.dictionaries(_NAMES, json_values("schema", "scope", "project", "items")))
def test_any_object_is_read(data):
    """Whatever Jira sends, reading a field does not raise, and texts are texts."""
    field = FieldInfo.from_json(data)
    assert isinstance(field.id, str)
    assert isinstance(field.custom, bool)
    assert isinstance(field.described, str)


@needs_recordings
def test_all_public_fields_are_read():
    """Each of the recorded fields keeps its id and name."""
    for fields in recorded("fields-and-types/publicjira-jira_field_information.json").values():
        for data in fields:
            field = FieldInfo.from_json(data)
            assert (field.id, field.name, field.custom) == (data["id"], data["name"].strip(), data["custom"])
