"""One clock runs at a time."""

from __future__ import annotations

import threading

from uraniborg_portal.engine.watch import Watch


def test_who_takes_rows_has_a_clock_of_its_own() -> None:
    ended = threading.Event()
    watch = Watch(3600, 0.2, ended.set)
    with watch.waiting():
        pass
    assert ended.wait(20)
    assert watch.over == "taker"
    watch.close()


def test_the_seconds_of_an_answer_are_counted_together() -> None:
    ended, never = threading.Event(), threading.Event()
    watch = Watch(1, 3600, ended.set)
    rounds = 0
    while watch.over is None:
        rounds += 1
        with watch.waiting():
            never.wait(0.3)
    assert ended.is_set()
    assert watch.over == "answer"
    assert 1 < rounds <= 4
    watch.close()


def test_nothing_ends_after_it_is_closed() -> None:
    ended = threading.Event()
    watch = Watch(3600, 0.2, ended.set)
    with watch.waiting():
        pass
    watch.close()
    assert not ended.wait(0.5)
