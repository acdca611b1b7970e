"""The warning in words."""

from __future__ import annotations

import pytest

from uraniborg_hub.lab.culling.decision import End
from uraniborg_hub.lab.culling.words import duration, notice


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59.6, "60 seconds"),
        (119, "119 seconds"),
        (121, "2 minutes"),
        (3300, "55 minutes"),
        (86400, "24 hours"),
    ],
)
def test_a_time_has_the_unit_that_fits(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_an_idle_lab_can_be_kept_an_old_one_can_not() -> None:
    idle = notice(End(seconds=300, idle=3300, final=False))
    assert idle.keep and idle.text.startswith("Nobody has used this lab for 55 minutes: it ends in 5 minutes.")
    assert idle.title == "Lab ends in 5 minutes"
    assert len(idle.text) <= 140, "JupyterLab cuts it"
    old = notice(End(seconds=0, idle=0, final=True))
    assert not old.keep and "it ends any moment" in old.text
