"""Volumes run full: their users are told in a sentence, and nothing that was there is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from deployed.volumes import small
from deployed.waiting import until
from deployed.work import QUERIES

if TYPE_CHECKING:
    from pathlib import Path

    from deployed.figures import Figures
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

HOMES_MEGABYTES = 24
STATE_MEGABYTES = 16
FILL = """
import os
with open({path!r}, "wb") as file:
    try:
        while True:
            file.write(bytes(65536))
            file.flush()
    except OSError as error:
        print(os.strerror(error.errno))
"""
NOTE = {"type": "file", "format": "text", "content": "Mars at dawn, 1572"}
ADQL = {"adql": "SELECT TOP 7 * FROM hipparcos"}
LARGE = {"adql": "SELECT * FROM hipparcos"}


@pytest.fixture(scope="module")
def full(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with small volumes for homes and for the portal's state; as it was, afterwards."""
    cluster = platform.cluster
    if cluster.here is None:
        pytest.skip("small volumes are made on the recipe's own nodes")
    values: dict[str, Any] = {
        "singleuser": {"storage": {"shared": {"existingClaim": "small-homes"}}},
        "portal": {"storage": {"existingClaim": "small-state"}},
    }
    folder: Path = tmp_path_factory.mktemp("values")
    homes = small(cluster, "small-homes", platform.labs, HOMES_MEGABYTES)
    state = small(cluster, "small-state", platform.namespace, STATE_MEGABYTES)
    with homes, state:
        try:
            platform.install(folder, values)
            yield platform
        finally:
            platform.install(folder)


def test_a_full_home_is_said_and_keeps_what_is_in_it(full: Platform, figures: Figures) -> None:
    person = full.sign_in("wittich")
    person.have_lab()
    note = f"user/{person.name}/api/contents/note.txt"
    assert person.ask("PUT", note, NOTE).status_code == 201
    filled = person.run(FILL.format(path="filler"))
    assert filled.text == "No space left on device\n"
    saved = person.ask("PUT", note, {**NOTE, "content": "x" * 2_000_000})
    figures.say("saving into a full home", f"{saved.status_code}: {saved.json()['message']}")
    assert saved.status_code in (500, 507)
    assert "space" in saved.json()["message"].lower()
    assert person.ask("GET", note).json()["content"] == NOTE["content"]
    full.end_lab(person)
    until(lambda: not person.ask("GET", f"hub/api/users/{person.name}").json()["servers"], 30, "The hub knows")
    told = person.start_lab()
    figures.say("a lab with a full home", "starts" if told[-1].get("ready") else told[-1]["message"])
    assert told[-1].get("ready") or "space" in told[-1]["message"].lower(), told
    if told[-1].get("ready"):
        assert person.ask("GET", note).json()["content"] == NOTE["content"]
        assert person.ask("DELETE", f"user/{person.name}/api/contents/filler").status_code == 204
        assert person.ask("PUT", note, NOTE).status_code == 200
        person.stop_lab()


def test_a_full_disk_of_the_portal_is_said_and_what_is_kept_can_be_read(full: Platform, figures: Figures) -> None:
    person = full.sign_in("tycho")
    kept = person.ask("POST", QUERIES, ADQL)
    assert kept.status_code == 201, kept.text
    (pod,) = full.pods("portal")
    where = pod["metadata"]
    fill = FILL.format(path="/var/lib/uraniborg/portal/filler")
    assert "No space" in full.cluster.execute(where["namespace"], where["name"], "python3", "-c", fill).stdout
    refused = person.ask("POST", QUERIES, LARGE)
    figures.say("a result that does not fit", f"{refused.status_code}: {refused.json()['message']}")
    assert refused.status_code == 503
    assert "space" in refused.json()["message"].lower() or "full" in refused.json()["message"].lower()
    assert person.ask("GET", f"{QUERIES}/{kept.json()['id']}/rows").status_code == 200
    remove = ("rm", "/var/lib/uraniborg/portal/filler")
    assert full.cluster.execute(where["namespace"], where["name"], *remove).returncode == 0
    assert person.ask("POST", QUERIES, ADQL).status_code == 201
