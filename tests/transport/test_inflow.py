from __future__ import annotations

import json
import math

import pytest

from vantage_jira_plugin.transport.inflow import Inflow

_PACE = 100.0


def _answers(inflow, moments, count=0):
    """Let a request through at each of these moments; returns how many there were in all."""
    for moment in moments:
        inflow.answer(moment, count)
        count += 1
    return count


def _refused(*, limit=None, until=6.0):
    """A bucket of ten that let twenty requests through within a second, and is then closed for five."""
    inflow = Inflow()
    count = _answers(inflow, [number / 20 for number in range(20)])
    inflow.refuse(1.0, count, until=until, pace=_PACE, limit=limit)
    return inflow, count


def test_nothing_is_known_before_a_refusal():
    """However much was let through, no pace follows from it."""
    inflow = Inflow()
    _answers(inflow, [0.0, 0.1, 0.2])
    assert inflow.pace(1.0) is None
    assert inflow.spare == 0.0


def test_a_first_refusal_is_a_guess():
    """Half of what was let through within a second is taken for what the bucket held, the rest for inflow."""
    inflow, _ = _refused()
    assert inflow.per_second == pytest.approx(10.0)
    assert inflow.size == pytest.approx(10.0)
    assert not inflow.exact


def test_what_came_long_before_is_no_part_of_the_guess():
    """A bucket that was asked slowly for a minute was full when it was asked quickly."""
    inflow = Inflow()
    count = _answers(inflow, [float(number) for number in range(60)])
    count = _answers(inflow, [60 + number / 20 for number in range(20)], count)
    inflow.refuse(61.0, count, until=62.0, pace=_PACE, limit=None)
    assert inflow.per_second == pytest.approx(10.0, rel=0.1)


def test_a_first_refusal_says_no_more_than_half_the_pace():
    """A bucket of three hundred that was emptied at once does not give three hundred per second."""
    inflow = Inflow()
    count = _answers(inflow, [0.0] * 300)
    inflow.refuse(0.1, count, until=1.1, pace=_PACE, limit=None)
    assert inflow.per_second == _PACE / 2


def test_a_refusal_before_any_answer_is_taken_for_a_few_per_second():
    """Others had emptied the bucket."""
    inflow = Inflow()
    assert inflow.refuse(0.1, 0, until=1.1, pace=_PACE, limit=None)
    assert inflow.per_second == 5.0


def test_the_size_that_a_refusal_tells_is_a_bound():
    """It is that of all who drink from the bucket: a larger one is as before."""
    assert _refused(limit=4)[0].size == 4.0
    assert _refused(limit=400)[0].size == pytest.approx(10.0)


def test_answers_that_come_while_it_is_closed_were_let_through_before():
    """Long answers come after the refusal, and other workers tell theirs late: the guess is what it would have been."""
    inflow, whole = Inflow(), Inflow()
    moments = [number / 20 for number in range(20)]
    _answers(whole, moments)
    whole.refuse(1.0, 20, until=6.0, pace=_PACE, limit=None)
    _answers(inflow, moments[:12])
    inflow.refuse(1.0, 12, until=6.0, pace=_PACE, limit=None)
    _answers(inflow, [0.6, 0.7, 1.0, 1.1, 1.2, 1.3, 3.0, 5.9], 12)
    assert inflow.per_second == pytest.approx(whole.per_second)
    assert inflow.size == pytest.approx(whole.size)
    assert inflow.answered_when_refused == 20


def test_what_has_flowed_in_meanwhile_may_go_when_it_opens():
    """Two thirds of it, and no more than the bucket holds, less the request that goes at once."""
    assert _refused(until=1.5)[0].spare == pytest.approx(0.7 * 5 - 1)
    assert _refused(until=6.0)[0].spare == pytest.approx(0.7 * 10 - 1)


def test_a_guess_is_held_then_raised_the_slower_the_more_a_refusal_costs():
    """Twice what the refusal cost, then a tenth a second where that was one second, a fiftieth where it was five."""
    short, long = _refused(until=2.0)[0], _refused(until=6.0)[0]
    assert short.pace(4.0) == long.pace(16.0) == pytest.approx(9.8)
    assert short.pace(5.0) == pytest.approx(9.8 * 1.1)
    assert long.pace(17.0) == pytest.approx(9.8 * 1.02)


def test_a_window_of_an_hour_does_not_slow_for_days():
    """Within the next hour the pace is far above what any endpoint allows."""
    assert _refused(until=3601.0)[0].pace(3601.0 + 3600.0) > 1000.0


def test_a_second_refusal_measures():
    """What was let through between two refusals has flowed in; that is held for twenty times what a refusal costs."""
    inflow, count = _refused(until=2.0)
    count = _answers(inflow, [2.0 + number / 12 for number in range(120)], count)
    inflow.refuse(12.0, count, until=13.0, pace=_PACE, limit=None)
    assert inflow.exact
    assert inflow.per_second == pytest.approx(120 / 11, rel=0.01)
    assert inflow.pace(33.0) == inflow.pace(13.0)
    assert inflow.pace(34.0) > inflow.pace(33.0)


def test_what_ran_over_while_it_was_closed_is_made_up_for():
    """Of a bucket of ten that was closed for ten seconds, no more than ten requests came from before it opened."""
    inflow, count = _refused(limit=10, until=11.0)
    count = _answers(inflow, [11.0 + number / 12 for number in range(60)], count)
    inflow.refuse(16.0, count, until=17.0, pace=_PACE, limit=10)
    assert inflow.per_second == pytest.approx((60 - 10) / 5, rel=0.05)
    assert inflow.exact


def test_a_refusal_that_measures_little_halves_the_pace_at_most():
    """One request between two refusals: another has emptied the bucket, or it holds no more."""
    inflow, count = _refused()
    count = _answers(inflow, [6.0], count)
    inflow.refuse(6.1, count, until=11.1, pace=_PACE, limit=None)
    assert inflow.per_second == pytest.approx(5.0)
    assert not inflow.exact


def test_a_measurement_that_holds_is_tried_less_often():
    """The same rate again: held for twice as long, up to five minutes."""
    inflow, count = _refused(until=2.0)
    held = []
    now = 2.0
    for _ in range(6):
        count = _answers(inflow, [now + number / 10 for number in range(200)], count)
        now += 20.0
        inflow.refuse(now, count, until=now + 1.0, pace=_PACE, limit=None)
        now += 1.0
        held.append(inflow.held_seconds)
    assert held == [20.0, 40.0, 80.0, 160.0, 300.0, 300.0]


def test_refusals_of_one_window_are_one():
    """While it is closed, and right after it has opened as long as nothing was let through; then it is another."""
    inflow, count = _refused()
    assert not inflow.refuse(1.1, count, until=6.1, pace=_PACE, limit=None)
    assert not inflow.refuse(6.3, count, until=7.3, pace=_PACE, limit=None)
    assert inflow.opened_at == 7.3
    count = _answers(inflow, [7.3], count)
    assert inflow.refuse(7.4, count, until=8.4, pace=_PACE, limit=None)


def test_few_answers_are_remembered():
    """However many come: two dozen of the last minute, also where their clock goes back."""
    inflow = Inflow()
    _answers(inflow, [number / 7 for number in range(2000)])
    _answers(inflow, [5.0, 4.0], 2000)
    assert 12 <= len(inflow.counts) <= 24
    assert inflow.counts[-1][0] - inflow.counts[0][0] <= 60.0


def test_it_is_shared_as_it_is():
    """JSON data and back."""
    inflow, _ = _refused()
    assert Inflow.from_json(json.loads(json.dumps(inflow.to_json()))) == inflow


@pytest.mark.parametrize(
    "change", [{"shown_seconds": 0.0}, {"shown": -1.0}, {"size": math.inf}, {"size": None}, {"counts": 5}]
)
def test_what_cannot_be_is_not_taken_over(change):
    """Nonsense that another worker has stored is refused."""
    with pytest.raises((TypeError, ValueError)):
        Inflow.from_json(_refused()[0].to_json() | change)
