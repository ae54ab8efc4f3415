from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vantage_jira_plugin.errors import PluginError
from vantage_jira_plugin.operations import SEARCH_ISSUES
from vantage_jira_plugin.reading import chain as chain_module
from vantage_jira_plugin.reading.chain import TokenChain


class _Jira:
    """Answers one call after another, and notes what was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.warnings = []

    def call(self, operation, *, body, keep):
        assert operation is SEARCH_ISSUES
        self.asked.append(body)
        answer = self.answers.pop(0)
        listed = {"issues": [keep(one) for one in answer["issues"]]} if isinstance(answer.get("issues"), list) else {}
        return {**answer, **listed}


def _objects(*ids):
    return [{"id": str(number)} for number in ids]


def _ids(items):
    return [int(item["id"]) for item in items]


def _answer(*ids, token=None, **more):
    return {"issues": _objects(*ids), **({} if token is None else {"nextPageToken": token}), **more}


def _chain(token=None, known=()):
    chain = TokenChain(SEARCH_ISSUES, token)
    chain.know(known)
    return chain


def _read(jira, chain=None, *, size=10, most=50):
    """Return the pages of a list until it ends, or cannot go on."""
    chain = chain or _chain()
    pages = []
    while len(pages) < most:
        pages.append(chain.next(jira, {"jql": "x"}, size))
        if pages[-1].last or pages[-1].trouble is not None:
            break
    return pages


# ---- tokens ---------------------------------------------------------------------------------


def test_a_list_follows_its_tokens():
    """Each page but the first is asked for by the token of the one before."""
    jira = _Jira(_answer(1, 2, token="a"), _answer(3, token="b", isLast=False), _answer(4, isLast=True))
    pages = _read(jira)
    assert [(_ids(page.items), page.last, page.next_page_token, page.trouble) for page in pages] == [
        ([1, 2], False, "a", None),
        ([3], False, "b", None),
        ([4], True, None, None),
    ]
    assert jira.asked == [
        {"jql": "x", "maxResults": 10},
        {"jql": "x", "maxResults": 10, "nextPageToken": "a"},
        {"jql": "x", "maxResults": 10, "nextPageToken": "b"},
    ]


@pytest.mark.parametrize("end", [{}, {"nextPageToken": None}, {"nextPageToken": ""}, {"isLast": True}])
def test_a_list_ends_without_a_token_or_when_it_says_so(end):
    """Either is the end; a token beside `isLast` is not followed."""
    for more in (end, end | {"isLast": True, "nextPageToken": "left over"}):
        (page,) = _read(_Jira({"issues": _objects(1), **more}))
        assert (page.last, page.next_page_token) == (True, None)


def test_a_list_goes_on_at_the_callers_token():
    """The first page is the one that the caller names."""
    jira = _Jira(_answer(7, isLast=True))
    _read(jira, _chain("callers"))
    assert jira.asked[0]["nextPageToken"] == "callers"


@pytest.mark.parametrize(
    ("start", "tokens"), [(None, ["a", "a"]), (None, ["a", "b", "a"]), ("a", ["a"]), ("a", ["b", "a"])]
)
def test_a_token_that_comes_back_ends_the_list(start, tokens):
    """An endless loop is told as trouble, and the token is not handed on."""
    jira = _Jira(*(_answer(number, token=token) for number, token in enumerate(tokens)))
    chain = _chain(start)
    pages = _read(jira, chain)
    assert [page.trouble for page in pages] == [None] * (len(tokens) - 1) + ["page_token_repeated"]
    assert pages[-1].next_page_token is None
    assert chain.token is None
    assert not pages[-1].last


def test_more_announced_without_a_token_is_trouble():
    """isLast false without a token: the list cannot be whole."""
    (page,) = _read(_Jira({"issues": _objects(1), "isLast": False}))
    assert (page.last, page.trouble) == (False, "page_token_missing")


def test_empty_pages_are_passed_over_for_a_while():
    """Jira may send an empty page that is not the last; ten in a row are its fault."""
    jira = _Jira(*(_answer(token=f"t{number}") for number in range(9)), _answer(1, isLast=True))
    assert [_ids(page.items) for page in _read(jira)] == [[]] * 9 + [[1]]
    pages = _read(_Jira(*(_answer(token=f"t{number}") for number in range(20))))
    assert [page.trouble for page in pages] == [None] * 9 + ["empty_pages"]
    assert pages[-1].next_page_token == "t9"


@pytest.mark.parametrize("answer", [{}, {"issues": None}, {"issues": {}}, {"isLast": True}, {"values": "none"}])
def test_an_answer_without_its_list_is_no_empty_list(answer):
    """What is not a list of rows is a failure that callers expect."""
    with pytest.raises(PluginError, match="no list of") as caught:
        _read(_Jira(answer))
    assert caught.value.code == "jira_unavailable"


@pytest.mark.parametrize("token", [["a"], {"a": 1}, 7])
def test_a_token_that_is_no_text_is_a_failure(token):
    """It can neither be followed nor taken for the end."""
    with pytest.raises(PluginError) as caught:
        _read(_Jira(_answer(1, token=token)))
    assert caught.value.code == "jira_unavailable"


def test_jiras_warnings_are_handed_on():
    """A warning of Jira's may mean a truncated result; the page says that it had one."""
    warning = {"type": "CLAUSE_LIMIT_EXCEEDED", "message": "The result was truncated."}
    jira = _Jira(_answer(1, token="a", warnings=[]), _answer(2, isLast=True, warnings=[warning]))
    assert [page.warned for page in _read(jira)] == [False, True]
    assert jira.warnings == ["The result was truncated."]


# ---- what came before -----------------------------------------------------------------------


def test_each_object_comes_once():
    """New matches move pages, so that one may come twice, on two pages or on one; all that came are counted."""
    pages = _read(_Jira(_answer(1, 2, token="a"), _answer(2, 3, 3, isLast=True)))
    assert [_ids(page.items) for page in pages] == [[1, 2], [3]]
    assert [page.found for page in pages] == [2, 3]


def test_objects_without_an_id_all_come():
    """Two things that have no id are not the same thing; an id that is a number is one all the same."""
    items = [{"key": "A"}, {"key": "B"}, {"id": 7}, {"id": "7"}, {"id": 7}]
    (page,) = _read(_Jira({"issues": items, "isLast": True}))
    assert page.items == items[:3]


def test_pages_with_nothing_new_end_the_list():
    """A server that sends the same again and again under new tokens is left after three such pages."""
    pages = _read(_Jira(*(_answer(1, 2, token=f"t{number}") for number in range(9))))
    assert [page.trouble for page in pages] == [None] * 3 + ["page_repeated"]


def test_what_was_known_before_is_passed_over_however_long_it_is():
    """A list that is begun again comes to what is new only after all that was read; that is no going round."""
    known = [str(number) for number in range(50)]
    answers = [_answer(*range(start, start + 5), token=f"t{start}") for start in range(0, 50, 5)]
    jira = _Jira(*answers, _answer(99, isLast=True))
    pages = _read(jira, _chain(known=known))
    assert [_ids(page.items) for page in pages] == [[]] * 10 + [[99]]
    assert pages[-1].trouble is None


def test_what_was_known_before_counts_once():
    """A server that sends it again and again goes round all the same."""
    jira = _Jira(*(_answer(1, 2, token=f"t{number}") for number in range(9)))
    pages = _read(jira, _chain(known=["1", "2"]))
    assert [page.trouble for page in pages] == [None] * 3 + ["page_repeated"]


def test_what_is_known_has_an_end(monkeypatch):
    """Ids of long ago are forgotten, those of the last pages are not."""
    monkeypatch.setattr(chain_module, "_KNOWN_IDS", 4)
    chain = _chain()
    pages = _read(_Jira(_answer(1, 2, 3, token="a"), _answer(4, 5, 6, token="b"), _answer(1, 6, 7, isLast=True)), chain)
    assert [_ids(page.items) for page in pages] == [[1, 2, 3], [4, 5, 6], [1, 7]]
    assert len(chain.known) == 4


@given(
    count=st.integers(0, 40),
    page_size=st.integers(1, 12),
    shift=st.integers(0, 3),
)
def test_a_list_that_pages_is_read_once(count, page_size, shift):
    """Whole, in order, each once, though every page begins with some of the one before."""
    answers = []
    for start in range(0, max(1, count), page_size):
        end = min(count, start + page_size)
        more = {"nextPageToken": f"t{end}"} if end < count else {"isLast": True}
        answers.append(_answer(*range(max(0, start - shift), end), **more))
    pages = _read(_Jira(*answers))
    assert _ids([item for page in pages for item in page.items]) == list(range(count))
    assert pages[-1].last
