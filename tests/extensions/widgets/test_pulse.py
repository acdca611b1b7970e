"""The beat behind a live widget."""

from __future__ import annotations

from threading import Event

import pytest

from uraniborg.widgets import _pulse
from uraniborg.widgets._pulse import CALM, QUICK, Pulse


def test_it_is_quick_while_a_view_is_seen_and_calm_otherwise() -> None:
    pulse = Pulse(lambda: False)
    assert pulse.pause() == CALM
    pulse.watch("one", seen=True)
    pulse.watch("two", seen=True)
    pulse.watch("one", seen=False)
    assert pulse.pause() == QUICK
    pulse.watch("two", seen=False)
    pulse.watch("never", seen=False)
    assert pulse.pause() == CALM


def test_a_view_that_tells_nothing_any_more_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pulse, "FORGOTTEN", 0)
    pulse = Pulse(lambda: False)
    pulse.watch("one", seen=True)
    assert pulse.pause() == CALM


def test_it_beats_at_once_when_asked_and_until_there_is_no_more() -> None:
    beats, ended = [Event(), Event(), Event()], Event()

    def beat() -> bool:
        next(event for event in beats if not event.is_set()).set()
        if beats[-1].is_set():
            ended.set()
        return not ended.is_set()

    pulse = Pulse(beat)
    for event in beats:
        pulse.now()
        assert event.wait(5)
    assert ended.is_set()
