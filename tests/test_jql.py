from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from vantage_jira_plugin.errors import InputError, ProjectNotAllowedError
from vantage_jira_plugin.jql import LeftOut, confined, created_order, left_out, narrowed, quoted, split

_PREFIX = 'project in ("DEV", "OPS") AND ('


def _confined(jql):
    return confined(jql, {"OPS", "DEV"})


def _scan(text):
    """Return `(depths, closed)`: the depth of parentheses at each character, and whether quotes are closed.

    Written apart from the module: one character after another, no pattern.
    """
    depths, depth, quote, escaped = [], 0, None, False
    for letter in text:
        if quote is not None:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == quote:
                quote = None
        elif letter in "\"'":
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        depths.append(depth)
    return depths, quote is None


# ---- values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("DEV", '"DEV"'),
        ("it's", '"it\'s"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ('\\"', r'"\\\""'),
        ("", '""'),
        ("AND", '"AND"'),
    ],
)
def test_a_value_is_one_jql_string(value, text):
    """Quotes and backslashes are escaped; reserved words become values."""
    assert quoted(value) == text


@given(st.text())
def test_no_value_leaves_its_quotes(value):
    """Whatever is quoted, the string ends where it should and not before."""
    text = quoted(value)
    assert _scan(text) == ([0] * len(text), True)
    assert not _scan(text[:-1])[1]


# ---- confining ------------------------------------------------------------------------------


def test_without_allowed_projects_a_query_stays_as_it_is():
    """Nothing is checked or changed, not even a query that makes no sense."""
    assert confined("status = 'x ) (", None) == "status = 'x ) ("


@pytest.mark.parametrize(
    ("jql", "result"),
    [
        ("status = Open", _PREFIX + "status = Open)"),
        ("  status = Open \n", _PREFIX + "status = Open)"),
        ("status = Open ORDER BY created DESC", _PREFIX + "status = Open) ORDER BY created DESC"),
        ("status = Open order  by\tcreated, key", _PREFIX + "status = Open) order  by\tcreated, key"),
        ("status = Open\nOrder\nBy created", _PREFIX + "status = Open) Order\nBy created"),
        ("a = 1 OR b = 2", _PREFIX + "a = 1 OR b = 2)"),
        ("project = OTHER", _PREFIX + "project = OTHER)"),
        ("(a = 1 OR b in (2, 3)) AND c = 4", _PREFIX + "(a = 1 OR b in (2, 3)) AND c = 4)"),
        ("sprint in openSprints()", _PREFIX + "sprint in openSprints())"),
        ('summary ~ "a ) b (" ORDER BY key', _PREFIX + 'summary ~ "a ) b (") ORDER BY key'),
        ("summary ~ 'a ) b'", _PREFIX + "summary ~ 'a ) b')"),
        (r'summary ~ "say \") \" so"', _PREFIX + r'summary ~ "say \") \" so")'),
        ('summary ~ "order by x"', _PREFIX + 'summary ~ "order by x")'),
        ('"Order by date" = 1 ORDER BY key', _PREFIX + '"Order by date" = 1) ORDER BY key'),
        ("reorder bypass = 1", _PREFIX + "reorder bypass = 1)"),
        ("", 'project in ("DEV", "OPS")'),
        ("  ", 'project in ("DEV", "OPS")'),
        ("ORDER BY created", 'project in ("DEV", "OPS") ORDER BY created'),
    ],
)
def test_a_query_is_put_into_parentheses(jql, result):
    """Clauses are restricted as a whole, and the order is kept behind them."""
    assert _confined(jql) == result


def test_project_keys_are_quoted():
    """A key that is a reserved word is a value."""
    assert confined("", ["AND", 'X"']) == r'project in ("AND", "X\"")'


@pytest.mark.parametrize(
    "jql",
    [
        "status = Open) OR (project = SECRET",
        ") OR project = SECRET OR (a = 1",
        "a = 1)",
        "(a = 1",
        "((a = 1)",
        ")(",
        'summary ~ "open',
        "summary ~ 'open",
        "summary ~ \"open'",
        'summary ~ "a" b"',
        'summary ~ "a\\"',
        'summary ~ "a\\") OR project = SECRET OR ("b" = 1',
        "summary ~ a\\) OR (project = SECRET",
        "summary ~ 'a\\') OR (project = SECRET",
        "a = 1 ORDER BY key) OR (project = SECRET",
        "ORDER BY key) OR project = SECRET",
        "a = 1 ORDER BY (key",
        'a = 1 ORDER BY "key',
        "a = \\u0029 OR b = 2",
    ],
)
def test_a_query_that_could_break_out_is_refused(jql):
    """Quotes and parentheses must match; nothing is repaired or sent."""
    with pytest.raises(InputError, match="cannot be narrowed") as caught:
        _confined(jql)
    assert list(caught.value.errors) == ["jql"]
    assert "SECRET" not in caught.value.message


@pytest.mark.parametrize("jql", ["", "status = Open", "project = DEV ORDER BY key", "("])
def test_where_no_project_is_allowed_no_query_is_sent(jql):
    """An empty `allowedProjects` means none; Jira has no query for that."""
    with pytest.raises(ProjectNotAllowedError, match="no project"):
        confined(jql, frozenset())


_pieces = st.lists(
    st.sampled_from(
        [
            "(",
            ")",
            '"',
            "'",
            "\\",
            " ",
            "order by",
            " ORDER BY ",
            "order",
            "by",
            "a",
            " = ",
            "1",
            " OR ",
            "\n",
            "\u00a0",
        ]
    )
    | st.text(max_size=3),
    max_size=16,
).map("".join)


@given(_pieces)
@example("a = 1 order by key")
@example("('\\')')")
def test_no_accepted_query_leaves_its_parentheses(jql):
    """The added parenthesis closes behind the last clause, and only an order may follow it."""
    try:
        result = _confined(jql)
    except InputError:
        return
    if not result.startswith(_PREFIX):  # there were no clauses
        order = result.removeprefix('project in ("DEV", "OPS")').strip()
        assert order == jql.strip()
        assert not order or order.casefold().startswith("order")
        return
    depths, closed = _scan(result)
    assert closed
    inside = len(_PREFIX) - 1
    end = next(place for place in range(inside, len(result)) if depths[place] == 0)
    assert result[end] == ")"
    after = result[end + 1 :].strip()
    assert not after or after.casefold().startswith("order")
    assert min(depths[end:]) == depths[-1] == 0
    clauses = result[inside + 1 : end]
    assert clauses.strip()
    assert "".join(jql.split()) == "".join((clauses + after).split())


@given(_pieces)
def test_a_query_that_matches_is_accepted(jql):
    """Only quotes, parentheses and backslashes are a reason to refuse."""
    depths, closed = _scan(jql)
    assume("\\" not in jql)
    assume(closed)
    assume(not depths or (min(depths) == 0 and depths[-1] == 0))
    assert _confined(jql)


# ---- narrowing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clauses", "more", "order", "jql"),
    [
        ("a = 1", [], "ORDER BY key", "a = 1 ORDER BY key"),
        ("a = 1 OR b = 2", ["created >= 5"], "ORDER BY key", "(a = 1 OR b = 2) AND created >= 5 ORDER BY key"),
        ("a = 1", iter(["created >= 5", "created < 9"]), "", "(a = 1) AND created >= 5 AND created < 9"),
        ("", ["created >= 5"], "", "created >= 5"),
        ("", [], "ORDER BY key", "ORDER BY key"),
        ("", [], "", ""),
    ],
)
def test_a_query_is_narrowed_as_a_whole(clauses, more, order, jql):
    """Restrictions hold for all clauses, and the order stays behind them."""
    assert narrowed(clauses, more, order) == jql


@given(_pieces)
def test_a_narrowed_query_is_the_query_and_its_restriction(jql):
    """Whatever `split` accepts: its clauses stay in parentheses, and what is added stands outside."""
    try:
        clauses, order = split(jql)
    except InputError:
        return
    result = narrowed(clauses, ["created >= 5"], order)
    assert split(result) == (f"({clauses}) AND created >= 5" if clauses else "created >= 5", order)


@pytest.mark.parametrize(
    ("jql", "parts"),
    [
        ("a = 1 ORDER BY key", ("a = 1", "ORDER BY key")),
        ("  a = 1\n", ("a = 1", "")),
        ("order by created", ("", "order by created")),
        ('a = "x order by y" Order\tBy b, c DESC', ('a = "x order by y"', "Order\tBy b, c DESC")),
        ("a in (b, c) AND (d = 1)", ("a in (b, c) AND (d = 1)", "")),
        ("", ("", "")),
    ],
)
def test_a_query_is_clauses_and_an_order(jql, parts):
    """Both without the space around them; what is quoted or in parentheses is no order."""
    assert split(jql) == parts


# ---- order ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "direction"),
    [
        ("ORDER BY created DESC", "desc"),
        ("order by created asc", "asc"),
        ("ORDER BY created", "unsaid"),
        ("ORDER  BY\n Created  Desc ", "desc"),
        ("ORDER BY createdDate ASC", "asc"),
        ('ORDER BY "created" DESC', "desc"),
        ("ORDER BY 'createdDate'", "unsaid"),
        ("ORDER BY created DESC, key ASC", "desc"),
        ("ORDER BY created, key DESC", "unsaid"),
        ("ORDER BY created ASC,\nupdated DESC", "asc"),
        ("ORDER BY key, created DESC", None),
        ("ORDER BY createdBy DESC", None),
        ("ORDER BY createdDates", None),
        ('ORDER BY "created DESC"', None),
        ("ORDER BY \"created' DESC", None),
        ("ORDER BY updated DESC", None),
        ("ORDER BY created DESC NULLS LAST", None),
        ("ORDER BY cf[10001] DESC", None),
        ("", None),
    ],
)
def test_an_order_by_creation_is_known(order, direction):
    """Only where it comes first, under each of its names; a later field orders what was created together."""
    assert created_order(order) == direction


# ---- projects that are left out -------------------------------------------------------------


@pytest.mark.parametrize(
    ("jql", "keys", "nothing_else"),
    [
        ("project = OPS", ["OPS"], True),
        ('project="OPS" AND (a = b OR c = d) ORDER BY created', ["OPS"], True),
        ("status = Done && PROJECT IN (OPS, 'HR')", ["OPS", "HR"], True),
        ("project = DEV AND project = OPS", ["OPS"], True),
        ("project in (DEV, OPS)", ["OPS"], False),
        ("project = OPS OR project = DEV", ["OPS"], False),
        ("(project = OPS)", ["OPS"], False),
        ("key = OPS-1", ["OPS"], False),
        ("issue in (OPS-1, DEV-2)", ["OPS"], False),
        ("project = DEV", [], False),
        ("project != OPS", [], False),
        ("project not in (OPS)", [], False),
        ("NOT project = OPS", [], False),
        ("!(project = OPS)", [], False),
        ("project = Operations", [], False),
        ("project = 10001", [], False),
        ("project in (OPS, projectsLeadByUser())", [], False),
        ("project was OPS", [], False),
        ('summary ~ "project = OPS"', [], False),
        ('issue in linkedIssues("OPS-1")', [], False),
        ("x.project = OPS", [], False),
        ("project =", [], False),
        ("project = OPS)", [], False),
    ],
)
def test_projects_that_a_query_names_in_vain(jql, keys, nothing_else):
    """Only what is certain is told: a name may be that of any project, and NOT turns a clause around."""
    assert left_out(jql, {"DEV"}) == LeftOut(tuple(keys), nothing_else)


@given(st.text(alphabet="project=OPS-1inorNOT ()\"'!,&|\\"))
def test_no_text_is_too_odd_to_be_looked_at(jql):
    """Whatever the text, there is an answer."""
    assert isinstance(left_out(jql, {"DEV"}), LeftOut)
