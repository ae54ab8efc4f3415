from __future__ import annotations

from vantage_jira_plugin.simulator.texts import IssueTexts


def test_a_text_is_found_while_the_same_objects_are_shown() -> None:
    """Equal is not enough: what is shown must be the very objects, as many, in this order."""
    texts, one, other = IssueTexts(), {"a": 1}, {"a": 1}
    kept = texts.keep("issue", (one, other), b"text")
    assert texts.find("issue", (one, other)) is kept
    assert texts.find("issue", (one, one)) is None
    assert texts.find("issue", (one,)) is None
    assert texts.find("issue", (one, other, one)) is None
    assert texts.find("other", (one, other)) is None


def test_the_oldest_make_room() -> None:
    """No more bytes are kept than there may be, however often one is written anew."""
    texts, shown = IssueTexts(most_bytes=3_000), (object(),)
    for _ in range(5):
        for name in ("a", "b", "c"):
            texts.keep(name, shown, b"x" * 900)
    assert [texts.find(name, shown) is None for name in ("a", "b", "c")] == [True, False, False]


def test_another_setup_forgets_everything() -> None:
    """Texts, plans and selections are those of one setup; the same one keeps them."""
    texts, shown = IssueTexts(), (object(),)
    for setup, there in ((1, True), (1, True), (2, False)):
        texts.begin(setup)
        if setup == 1:
            texts.keep("issue", shown, b"text")
            texts.plans["plan"] = texts.selections["selection"] = 1
        assert (texts.find("issue", shown) is not None) == there
        assert bool(texts.plans) == bool(texts.selections) == there


def test_not_every_way_to_select_is_kept() -> None:
    """Ever new selections end in forgetting all."""
    texts = IssueTexts()
    texts.begin(1)
    for number in range(300):
        texts.selections[number] = number
    texts.begin(1)
    assert texts.selections == {}


def test_a_list_of_the_same_texts_is_packed_together() -> None:
    """The same texts in the same order share what they are compressed with; a text written anew does not."""
    texts, shown = IssueTexts(), (object(),)
    one, other = texts.keep("a", shown, b"a"), texts.keep("b", shown, b"b")
    packing = texts.packing([one, other])
    assert texts.packing([one, other]) is packing
    assert texts.packing([other, one]) is not packing
    assert texts.packing([texts.keep("a", shown, b"a"), other]) is not packing


def test_only_so_many_lists_are_kept() -> None:
    """The oldest list is forgotten first."""
    texts, shown = IssueTexts(), (object(),)
    first = texts.packing([texts.keep("a", shown, b"a")])
    lists = [[texts.keep("b", shown, b"b")] for _ in range(1_000)]
    packings = [texts.packing(listed) for listed in lists]
    assert texts.packing(lists[-1]) is packings[-1]
    assert first not in texts._packings.values()
