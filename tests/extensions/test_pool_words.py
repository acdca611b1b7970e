"""What a pool says of itself where nothing is live."""

from __future__ import annotations

from typing import Any

import pytest

from uraniborg import _pool_words

FACTS: dict[str, Any] = {
    "name": "tycho-abc",
    "state": "running",
    "reason": "",
    "workers": 4,
    "ready": 3,
    "adapt": None,
    "waiting": "1 worker can't start: no node has enough free CPU.",
    "threads": 2,
    "memory": 2**30,
    "dashboard": "https://a/services/pools/tycho-abc/status",
}
WORKER = {"name": "0", "memory": 2**29, "limit": 2**30, "cpu": 5.0, "threads": 2, "tasks": 1}
FIGURES = {"workers": [WORKER, WORKER], "done": 1200, "processing": 2, "waiting": 30, "failed": 0, "desired": 4}


@pytest.mark.parametrize(
    ("besides", "words"),
    [
        ({}, "3 of 4 workers, each with 2 threads and 1 GiB. 1 worker can't start"),
        ({"threads": 1, "waiting": ""}, "each with 1 thread and 1 GiB; dashboard https://a/"),
        ({"adapt": {"minimum": 0, "maximum": 8}}, "3 of 4 workers (0 to 8 as the load wants), each"),
        ({"figures": FIGURES}, "1 GiB of 2 GiB memory used; tasks: 1,200 done, 2 computing, 30 waiting;"),
        ({"figures": {**FIGURES, "failed": 3}}, "30 waiting, 3 failed"),
        ({"figures": None}, "<Pool tycho-abc: 3 of 4"),
        ({"state": "failed", "reason": "No worker came."}, "<Pool tycho-abc: failed No worker came.>"),
        ({"state": "closed"}, "<Pool tycho-abc: closed>"),
    ],
)
def test_a_pool_in_a_line(besides: dict[str, Any], words: str) -> None:
    assert words in _pool_words.text(FACTS | besides)


def test_a_pool_as_still_html_has_no_markup_of_others() -> None:
    hostile = {"waiting": "<script>1</script>", "dashboard": "https://a/'onclick=1", "name": "<b>"}
    html = _pool_words.html(FACTS | hostile | {"figures": FIGURES})
    assert "<script" not in html and "<b>" not in html and "'onclick" not in html
    assert "<strong>Pool &lt;b&gt;</strong>: running" in html and "Dashboard</a>" in html


def test_a_pool_that_ended_says_why() -> None:
    html = _pool_words.html(FACTS | {"state": "ended", "reason": "The pool has ended. The lab has stopped. <i>"})
    assert "ended<br>The pool has ended. The lab has stopped. &lt;i&gt;" in html and "Dashboard" not in html
