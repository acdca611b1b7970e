"""One start: its marks, its trouble, what its page shows and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from uraniborg_hub.kubernetes.failure import Facts, Failure
from uraniborg_hub.kubernetes.start import Start

FULL = Failure(code="memory_full", sentence="No room.", next_step="Wait.", final=False)


def start(*times: float) -> Start:
    """A start whose clock shows these times, one at each look."""
    clock: Iterator[float] = iter((0.0, *times))
    return Start(clock=lambda: next(clock))


def test_marks_are_the_first_time_that_a_stage_was_seen() -> None:
    seen = start(1.0, 2.5)
    seen.mark("scheduled")
    seen.mark("mounted")
    seen.mark("scheduled")
    assert seen.marks == {"queued": 1.0, "scheduled": 1.0, "mounted": 2.5} and seen.reached == "mounted"


def test_the_same_trouble_keeps_its_time_and_another_has_its_own() -> None:
    seen = start(3.0, 9.0)
    seen.trouble(FULL)
    seen.trouble(FULL)
    assert seen.since == 3.0
    seen.trouble(None)
    assert seen.problem is None


def test_the_page_says_what_happens_now_or_what_it_waits_for() -> None:
    seen = start(1.0, 2.0, 3.0)
    assert seen.report() == {"progress": 0, "message": "Now asking the cluster for a place …", "stages": []}
    seen.mark("scheduled")
    assert seen.report() == {
        "progress": 20,
        "message": "Now connecting your files …",
        "stages": [
            {"name": "queued", "words": "The cluster knows of your lab", "seconds": 1.0},
            {"name": "scheduled", "words": "A machine has room for it", "seconds": 1.0},
        ],
    }
    seen.trouble(FULL)
    assert seen.report()["message"] == "No room. Still trying."


async def test_who_waits_for_news_is_told_of_each() -> None:
    seen = Start()
    news = seen.news
    seen.mark("queued")
    await asyncio.wait_for(news.wait(), 1)
    assert not seen.news.is_set()


def test_the_record_holds_what_the_pod_no_longer_can(recorded: Callable[[str], dict[str, Any]]) -> None:
    data = recorded("crash")
    seen = start(0.5, 1.5, 2.0, 2.0)
    seen.facts = Facts(pod=data["pod"], events=data["events"])
    seen.mark("queued")
    seen.mark("started")
    seen.end(Failure(code="crash", sentence="It ended.", next_step="Again.", details=("Boom",)))
    record = seen.record()
    assert (record["outcome"], record["words"], record["details"]) == ("crash", "It ended. Again.", ["Boom"])
    assert record["node"] and "@sha256:" in record["image_id"]
    assert record["seconds"] == {"queued": 0.5, "scheduled": 1.0, "mounted": 0.0, "pulled": 0.0, "started": 0.0}
    assert any("Started" in line for line in record["events"])
