from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.fields.info import FieldInfo
from vantage_jira_plugin.reading.column_names import ColumnNames, column_names


def _field(number, name, schema_type="string"):
    field_id = f"customfield_{number}"
    return FieldInfo(field_id, field_id, name, custom=True, navigable=True, schema_type=schema_type)


def test_fields_of_one_name_are_told_apart_by_id():
    """The oldest field keeps the plain name, whatever the order Jira gives them in."""
    names = column_names([_field(10100, "Team"), _field(10002, "TEAM"), _field(9999, "Team")], [])
    assert {field_id: name.main for field_id, name in names.items()} == {
        "customfield_9999": "Team",
        "customfield_10002": "TEAM (customfield_10002)",
        "customfield_10100": "Team (customfield_10100)",
    }


def test_a_field_called_as_another_column_is_told_apart():
    """A custom field never hides a system field or a companion."""
    names = column_names([_field(1, "Status"), _field(2, "projectKey")], ["status", "projectKey"])
    assert names["customfield_1"].main == "Status (customfield_1)"
    assert names["customfield_2"].main == "projectKey (customfield_2)"


def test_a_companion_gives_way_to_a_field():
    """People's own names win over names that the plugin makes up."""
    names = column_names([_field(1, "Approver", "user"), _field(2, "Approver accountId")], [])
    assert names["customfield_1"] == ColumnNames("Approver", ("Approver accountId (customfield_1)",))
    assert names["customfield_2"] == ColumnNames("Approver accountId")


def test_a_system_field_nobody_knows_keeps_its_id():
    """A field that Jira adds later is a column of its id."""
    field = FieldInfo("owner", "owner", "Owner", custom=False, navigable=True, schema_type="user")
    assert column_names([field], [])["owner"] == ColumnNames("owner", ("ownerAccountId",))


_NAMES = st.sampled_from(["A", "a", "A accountId", "A (customfield_1)", "A (customfield_2)", "status", "ß", "SS"])


@given(
    st.lists(
        st.tuples(st.integers(1, 9), _NAMES, st.sampled_from(["user", "option", "string"])), unique_by=lambda e: e[0]
    )
)
def test_no_two_columns_are_alike(entries):
    """Whatever the names are, columns differ by more than case, and do not depend on the order."""
    fields = [_field(*entry) for entry in entries]
    names = column_names(fields, ["status"])
    assert names == column_names(fields[::-1], ["status"])
    given_out = [name for each in names.values() for name in (each.main, *each.companions)] + ["status"]
    assert len({name.casefold() for name in given_out}) == len(given_out)
