"""The operator upgrades the platform, and takes the upgrade back, while people work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from deployed import images
from deployed.platform import READY_SECONDS, RELEASE
from deployed.waiting import probing, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deployed.figures import Figures
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

CHANGED = {
    "hub": {"extraEnv": {"SITE": "hven"}},
    "pools": {"extraEnv": {"SITE": "hven"}},
    "portal": {"extraEnv": {"SITE": "hven"}},
    "proxy": {"extraEnv": {"SITE": "hven"}},
}
"""So that every part of the platform is replaced."""
MAKE = """
import uraniborg as ub
pool = ub.Pool(workers=2)
pool.wait_for_workers(2, 120)
kept = pool.scatter(list(range(1000)))
"""
COMPUTE = "pool.submit(sum, kept, pure=False).result(60)"


@pytest.fixture(scope="module")
def person(platform: Platform) -> Iterator[Person]:
    """A user with a lab that runs."""
    person = platform.sign_in("tycho")
    person.have_lab()
    yield person
    person.stop_lab()


def lab_pods(platform: Platform) -> dict[str, str]:
    """The pods of labs and pools by name, with their identity."""
    pods = platform.cluster.objects("pods", platform.labs)
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in pods}


def parts(platform: Platform) -> set[str]:
    """The identities of the platform's own pods that the change replaces."""
    return {pod["metadata"]["uid"] for part in CHANGED for pod in platform.pods(part)}


def test_labs_and_pools_outlive_an_upgrade_and_a_rollback(
    platform: Platform, person: Person, tmp_path: Path, figures: Figures
) -> None:
    kernel = person.kernel()
    assert person.run(f"{MAKE}\nseen = 'Mars'", 240, kernel=kernel).error == ""
    pods = lab_pods(platform)
    api = f"user/{person.name}/api"
    for step in ("upgrade", "rollback"):
        before = parts(platform)
        with probing(person.looking(api)) as lab:
            if step == "upgrade":
                platform.install(tmp_path, CHANGED)
            else:
                platform.cluster.helm(
                    "rollback", RELEASE, "-n", platform.namespace, "--wait", f"--timeout={READY_SECONDS}s"
                )
        assert not parts(platform) & before
        until(lambda: person.ask("GET", "hub/api/user").status_code == 200, 60, "The hub answers")
        until(lambda: person.lab("api/status").status_code == 200, 10, "The lab is within reach")
        figures.say(f"{step}: seconds that the lab was out of reach", lab.outage)
        assert lab_pods(platform) == pods
        assert person.run("seen", kernel=kernel).value == "'Mars'"
        assert person.run(COMPUTE, kernel=kernel).value == "499500"
        assert person.run("pool.wait_for_workers(2, 60); pool", kernel=kernel).error == ""
    assert person.run("pool.close()", kernel=kernel).error == ""


def test_a_proxy_with_its_own_image_keeps_labs_within_reach(
    platform: Platform, person: Person, tmp_path: Path, figures: Figures
) -> None:
    file = tmp_path / "another_version.py"
    file.write_text("")
    local = images.derive("hub", "localhost/uraniborg/hub:another", "uraniborg_hub", file)
    hub = images.push_all({"hub": local}, platform.cluster.registry)["hub"]
    held = {"image": {"digest": platform.images["hub"].digest}}
    api = f"user/{person.name}/api"
    kernel = person.kernel()
    assert person.run("seen = 'Mars'", kernel=kernel).error == ""
    (proxy,) = platform.pods("proxy")
    for step, digest in (("upgrade", hub.digest), ("and back", platform.images["hub"].digest)):
        with probing(person.looking(api)) as lab:
            platform.install(tmp_path, {"hub": {"image": {"digest": digest}}, "proxy": held})
            (now,) = platform.pods("hub")
            assert now["spec"]["containers"][0]["image"].endswith(digest)
            until(lambda: person.ask("GET", "hub/api/user").status_code == 200, 60, "The hub answers")
        figures.say(f"{step} with the proxy held: seconds that the lab was out of reach", lab.outage)
        assert lab.bad == []
        (after,) = platform.pods("proxy")
        assert after["metadata"]["uid"] == proxy["metadata"]["uid"]
        assert person.run("seen", kernel=kernel).value == "'Mars'"
