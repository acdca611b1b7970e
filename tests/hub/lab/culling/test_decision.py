"""When the hub has to hear of use, and when a lab ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.lab.culling.decision import Use, end, must_tell, warned
from uraniborg_hub.lab.culling.rules import rules

HOUR = rules(3600, 300, 0, 3600)
DAY_AT_MOST = rules(3600, 300, 86400, 3600)


@pytest.mark.parametrize(
    ("used", "told", "now", "tells"),
    [
        (0, 0, 10_000, False),  # nothing new
        (100, 0, 200, False),  # new, and there is time
        (1640, 0, 1640, False),
        (1650, 0, 1650, True),
        (100, 0, 3400, True),  # one that failed is tried again
    ],
)
def test_the_hub_hears_of_new_use_now_and_then(used: float, told: float, now: float, tells: bool) -> None:
    assert must_tell(Use(started=0, used=used, told=told), HOUR, now) is tells


@pytest.mark.parametrize(
    ("used", "now", "left", "warns"),
    [(0, 0, 3600, False), (0, 3299, 301, False), (0, 3300, 300, True), (0, 4000, 0, True)],
)
def test_an_idle_lab_warns_some_minutes_before(used: float, now: float, left: float, warns: bool) -> None:
    soon = end(Use(started=0, used=used, told=0), HOUR, now)
    assert (soon.seconds, soon.final, warned(soon, HOUR)) == (left, False, warns)


def test_the_greatest_age_comes_also_to_who_works() -> None:
    busy = Use(started=0, used=86_200, told=86_200)
    soon = end(busy, DAY_AT_MOST, 86_200)
    assert soon.final and soon.seconds == 200 and warned(soon, DAY_AT_MOST)


def test_no_warning_where_none_is_wanted() -> None:
    silent = rules(3600, 0, 0, 3600)
    assert not warned(end(Use(started=0, used=0, told=0), silent, 4000), silent)


@given(
    timeout=st.integers(10, 100_000),
    share=st.floats(0.01, 0.9),
    often=st.integers(1, 100_000),
    pauses=st.lists(st.floats(0.1, 1), min_size=1, max_size=60),
)
def test_who_works_is_never_warned(timeout: int, share: float, often: int, pauses: list[float]) -> None:
    """Whoever does something at least once in a look of the lab at itself, whatever the rules are."""
    known = rules(timeout, int(timeout * share), 0, often)
    now = told = 0.0
    for pause in pauses:
        now += pause * known.tick
        use = Use(started=0, used=now, told=told)
        assert not warned(end(use, known, now), known)
        told = now if must_tell(use, known, now) else told
