"""The live pool between kernel and browser, with a pool that a test plays."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from uraniborg import UraniborgError
from uraniborg.widgets._pool import PoolView

FACTS: dict[str, Any] = {
    "name": "tycho-abc", "state": "running", "reason": "", "workers": 1, "ready": 1, "adapt": None, "waiting": "",
    "threads": 1, "memory": 2**30, "dashboard": "https://a/status", "room": 4, "figures": None,
}  # fmt: skip


class Played:
    """A pool of at most four."""

    def __init__(self) -> None:
        self.facts = FACTS

    def look(self) -> dict[str, Any]:
        return dict(self.facts)

    def scale(self, workers: int) -> None:
        if workers > 4:
            raise UraniborgError(f"workers is {workers}; a whole number from 0 to 4 is accepted.", "Ask for at most 4.")
        self.facts = FACTS | {"workers": workers}

    def adapt(self, minimum: int, maximum: int) -> None:
        self.facts = FACTS | {"adapt": {"minimum": minimum, "maximum": maximum}}

    def close(self) -> None:
        self.facts = FACTS | {"state": "closed"}


class Page(PoolView):
    """A view with what the browser's end of it hears."""

    def __init__(self, pool: Played) -> None:
        super().__init__(pool)
        self.played = pool
        self.heard: list[dict[str, Any]] = []
        self.answered = Event()
        self.changed = Event()
        self.observe(lambda change: self.changed.set(), "facts")

    def send(self, content: dict[str, Any], buffers: object = None) -> None:
        self.heard.append(content)
        self.answered.set()

    def tell(self, **content: object) -> None:
        """Send a message to the kernel."""
        self._handle_custom_msg({**content, "view": "v"}, [])

    def say(self, **content: object) -> dict[str, Any]:
        """Send a message and give the answer to it."""
        self.answered.clear()
        self.tell(**content)
        assert self.answered.wait(5)
        return self.heard[-1]


@pytest.fixture
def page() -> Iterator[Page]:
    """A view that a page shows, of a pool that ends with the test."""
    page = Page(Played())
    yield page
    page.say(kind="close")


def test_a_page_learns_that_a_kernel_is_there(page: Page) -> None:
    assert page.say(kind="ping") == {"kind": "pong", "view": "v"}


@pytest.mark.parametrize(
    ("order", "facts"),
    [
        ({"kind": "scale", "workers": 3}, {"workers": 3, "adapt": None}),
        ({"kind": "adapt", "minimum": 0, "maximum": 4}, {"adapt": {"minimum": 0, "maximum": 4}}),
        ({"kind": "close"}, {"state": "closed"}),
    ],
)
def test_buttons_do_what_the_pool_s_methods_do(page: Page, order: dict[str, Any], facts: dict[str, Any]) -> None:
    assert page.say(**order) == {"kind": "done", "view": "v"}
    assert page.changed.wait(5)
    assert facts.items() <= page.facts.items()


def test_what_the_platform_refuses_is_told_in_its_words(page: Page) -> None:
    assert page.say(kind="scale", workers=9) == {
        "kind": "refused",
        "view": "v",
        "text": "workers is 9; a whole number from 0 to 4 is accepted. Ask for at most 4.",
    }


def test_a_page_that_is_seen_gets_new_facts(page: Page) -> None:
    page.played.scale(2)
    page.tell(kind="watch", seen=True)
    assert page.changed.wait(5) and page.facts["workers"] == 2
