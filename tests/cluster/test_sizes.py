"""What the platform's pods take: the figures that the operator's guide sizes a cluster by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from statistics import mean
from typing import TYPE_CHECKING

import pytest
from deployed.platform import PARTS
from deployed.waiting import until

if TYPE_CHECKING:
    from deployed.figures import Figures
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

LABS = 10
AT_ONCE = 3
STATS_SECONDS = 90
"""A kubelet looks at its pods each ten seconds or so."""
MEBIBYTE = 2**20
WORK = {
    "a kernel": "6 * 7",
    "a kernel with a query's table": "import uraniborg as ub; len(ub.query('SELECT hip, ra, dec FROM hipparcos'))",
}
POOL = (
    "import uraniborg as ub; pool = ub.Pool(workers=2, memory='512MB'); sum(pool.gather(pool.map(abs, range(-9, 0))))"
)


@pytest.fixture
def people(platform: Platform) -> Iterator[list[Person]]:
    """Users without labs, whose labs end with the test."""
    people = [platform.sign_in(f"reader-{number}") for number in range(LABS)]
    yield people
    for person in people:
        person.stop_lab()


def memory(platform: Platform) -> dict[str, int]:
    """Give the pods' working sets in MiB, by name, as kubelets found them from now on."""
    since = datetime.now(UTC)
    found: dict[str, int] = {}

    def all_looked_at() -> bool:
        for node in platform.cluster.objects("nodes", ""):
            path = f"/api/v1/nodes/{node['metadata']['name']}/proxy/stats/summary"
            for pod in json.loads(platform.cluster.kubectl("get", "--raw", path))["pods"]:
                stats = [each["memory"] for each in pod.get("containers", ()) if "memory" in each]
                if stats and all(datetime.fromisoformat(each["time"]) > since for each in stats):
                    found[pod["podRef"]["name"]] = sum(each["workingSetBytes"] for each in stats) // MEBIBYTE
        return running(platform) <= set(found)

    until(all_looked_at, STATS_SECONDS, "The kubelets have looked at all pods")
    return found


def running(platform: Platform) -> set[str]:
    """Give the names of the pods that run."""
    pods = [pod for name in (platform.namespace, platform.labs) for pod in platform.cluster.objects("pods", name)]
    return {pod["metadata"]["name"] for pod in pods if pod["status"]["phase"] == "Running"}


def sizes(of: dict[str, int], start: str) -> list[int]:
    """Give the sizes of the pods whose names start so."""
    return [size for name, size in of.items() if name.startswith(start)]


def test_what_the_parts_take(platform: Platform, people: list[Person], figures: Figures) -> None:
    until(platform.is_ready, 240, "All parts run")
    idle = memory(platform)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda person: person.have_lab(), people))
    full = memory(platform)
    for part in PARTS:
        (alone,), (busy,) = (sizes(of, f"uraniborg-{part}-") for of in (idle, full))
        figures.say(f"MiB of {part} without labs; with {LABS}", f"{alone}; {busy}")
    figures.say("MiB of a lab", round(mean(sizes(full, "lab-reader"))))
    for person, (what, code) in zip(people, WORK.items(), strict=False):
        answer = person.run(code)
        assert answer.value, answer
        figures.say(f"MiB of a lab with {what}", sizes(memory(platform), f"lab-{person.name}")[0])
    kernel = people[-1].kernel()
    assert people[-1].run(POOL, kernel=kernel).value == "45"
    pools = {name: size for name, size in memory(platform).items() if name not in full}
    figures.say("MiB of a pool's scheduler", next(size for name, size in pools.items() if "scheduler" in name))
    figures.say("MiB of a pool's worker", round(mean(size for name, size in pools.items() if "worker" in name)))
