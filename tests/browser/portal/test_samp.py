"""A result goes to another program of the computer through a real SAMP hub with the Web Profile."""

from __future__ import annotations

import io
import queue
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from astropy.samp import SAMPHubServer, SAMPIntegratedClient, conf
from astropy.table import Table
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

HUB = "http://127.0.0.1:21012/"


class Consent:
    """The user's answer to the hub's question whether a page may connect: yes."""

    def __init__(self) -> None:
        self.queue_request: queue.Queue[object] = queue.Queue()
        self.queue_result: queue.Queue[bool] = queue.Queue()

    def answer(self) -> None:
        """Wait for one question and say yes."""
        self.queue_request.get()
        self.queue_result.put(True)


@pytest.fixture
def received(tmp_path: Path) -> Iterator[queue.Queue[dict[str, str]]]:
    """What a program that loads tables is sent."""
    conf.use_internet = False
    consent = Consent()
    lock = str(tmp_path / "samp.lock")
    hub = SAMPHubServer(web_profile=True, web_profile_dialog=consent, lockfile=lock, mode="multiple", addr="127.0.0.1")
    hub.start()
    threading.Thread(target=consent.answer, daemon=True).start()
    program = SAMPIntegratedClient(name="program", addr="127.0.0.1", callable=True)
    program.connect(hub=hub)
    tables: queue.Queue[dict[str, str]] = queue.Queue()
    program.bind_receive_notification(
        "table.load.votable", lambda key, sender, mtype, parameters, extra: tables.put(parameters)
    )
    yield tables
    program.disconnect()
    hub.stop()


def test_a_table_is_sent(
    visit: Callable[..., Page], picture: Callable[[Page, str], None], received: queue.Queue[dict[str, str]]
) -> None:
    page = visit("catalogs/hipparcos?target=Pleiades&radius=2%20deg", also=HUB)
    page.get_by_role("button", name="Run query").click()
    page.get_by_role("link", name="Send by SAMP").click()
    page.get_by_role("button", name="Send the table").click()
    expect(page.get_by_role("status")).to_have_text("Sent to 1 program.")
    picture(page, "samp")
    sent = received.get(timeout=20)
    with urllib.request.urlopen(sent["url"]) as answer:
        assert len(Table.read(io.BytesIO(answer.read()), format="votable")) == 55


def test_without_a_hub_it_says_what_to_do(visit: Callable[..., Page]) -> None:
    page = visit("catalogs/hipparcos?target=Pleiades&radius=2%20deg", expected="ERR_CONNECTION_REFUSED", also=HUB)
    page.get_by_role("button", name="Run query").click()
    page.get_by_role("link", name="Send by SAMP").click()
    page.get_by_role("button", name="Send the table").click()
    expect(page.get_by_role("status")).to_contain_text("No SAMP hub answers")
