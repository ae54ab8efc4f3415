from __future__ import annotations

import gc

import pytest

from vantage_jira_plugin.reading.garbage import rare_collections


@pytest.fixture(autouse=True)
def _usual():
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_collections_are_rarer_meanwhile():
    """The threshold of new containers is raised, and put back."""
    with rare_collections():
        assert gc.get_threshold() == (200_000, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_the_last_one_puts_it_back():
    """Of pulls that overlap, the first sets the threshold and the last puts it back, in whichever order they end."""
    first, second = rare_collections(), rare_collections()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] == 200_000
    second.__exit__(None, None, None)
    assert gc.get_threshold()[0] == 700


@pytest.mark.parametrize("threshold", [0, 300_000])
def test_a_host_that_has_its_own_idea_keeps_it(threshold):
    """One that has turned collections off, or made them rarer still, is left alone."""
    gc.set_threshold(threshold, 10, 10)
    with rare_collections():
        assert gc.get_threshold()[0] == threshold
    assert gc.get_threshold()[0] == threshold


def test_what_the_host_changes_meanwhile_stays():
    """A threshold that somebody sets during a pull is not overwritten at its end."""
    with rare_collections():
        gc.set_threshold(1234, 10, 10)
    assert gc.get_threshold()[0] == 1234


def test_it_is_put_back_after_a_failure():
    """However a pull ends."""
    with pytest.raises(ZeroDivisionError), rare_collections():
        raise ZeroDivisionError
    assert gc.get_threshold()[0] == 700
