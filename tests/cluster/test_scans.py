"""Steps of long queries on the workers that the broker keeps for the portal: they read the catalogs' own files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deployed.values import ADMIN
from deployed.volumes import objects
from deployed.waiting import until

if TYPE_CHECKING:
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

CLAIM = "sky"
FOLDER = "/var/lib/uraniborg/portal/catalogs"
"""Where the portal has the catalogs."""
STEPS = {"config": {"queries": {"step_values": 8_000}}}
"""So small that each shard of the shipped catalog is a step."""
QUERIES = {
    "rows": "SELECT hip, ra, dec, vmag FROM hipparcos WHERE vmag < 6",
    "sums": "SELECT COUNT(*) AS n, MIN(vmag) AS bright, MAX(parallax) AS near FROM hipparcos WHERE dec > 0",
}
SECONDS = 300


def answer(person: Person, adql: str) -> list[str]:
    """Have the portal answer a query, and give its lines in some order that is always the same."""
    asked = person.ask("POST", "services/portal/api/queries", {"adql": adql})
    assert asked.status_code == 201, asked.text
    file = person.ask("GET", f"services/portal/api/queries/{asked.json()['id']}/file?format=csv")
    assert file.status_code == 200, file.text
    return sorted(file.text.splitlines())


def done(admin: Person) -> int:
    """How many tasks the workers have ended; less than zero while there are none."""
    told = admin.ask("GET", "services/pools/api/compute/state")
    figures = told.json().get("figures") if told.is_success else None
    return int(figures["done"]) if figures and figures["workers"] else -1


def files_of_the_portal(platform: Platform) -> Path:
    """The folder behind the portal's claim of catalogs."""
    claim = ("get", "persistentvolumeclaim", "uraniborg-catalogs", "-n", platform.namespace)
    volume = platform.cluster.kubectl(*claim, "-o", "jsonpath={.spec.volumeName}")
    found = json.loads(platform.cluster.kubectl("get", "persistentvolume", volume, "-o", "json"))
    return Path(found["spec"]["hostPath"]["path"])


def has_catalogs(platform: Platform) -> bool:
    """Whether there are workers, and all of them were made with the catalogs."""
    volumes = [{each["name"] for each in pod["spec"]["volumes"]} for pod in platform.job_pods("worker")]
    return bool(volumes) and all("catalogs" in names for names in volumes)


@pytest.fixture(scope="module")
def user(platform: Platform) -> Person:
    """A user without a lab."""
    return platform.sign_in("piazzi")


@pytest.fixture(scope="module")
def admin(platform: Platform) -> Person:
    """Who may see the portal's cluster."""
    return platform.sign_in(ADMIN)


@pytest.fixture(scope="module")
def before(platform: Platform, user: Person, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the portal's own processes answer, in as many steps."""
    platform.install(tmp_path_factory.mktemp("values"), {"portal": STEPS})
    return {name: answer(user, adql) for name, adql in QUERIES.items()}


@pytest.fixture(scope="module")
def scanned(
    platform: Platform, admin: Person, before: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """The platform with scans on the workers, which have a claim of their own on the catalogs' folder."""
    cluster, folder = platform.cluster, tmp_path_factory.mktemp("values")
    if cluster.here is None:
        pytest.skip("A second volume on the catalogs' folder is made on the recipe's cluster only.")
    second = json.dumps(objects(CLAIM, platform.labs, files_of_the_portal(platform), 64))
    try:
        cluster.kubectl("apply", "-f", "-", text=second)
        platform.install(folder, {"portal": {"scans": {"compute": "dask", "catalogsClaim": CLAIM}, **STEPS}})
        until(lambda: has_catalogs(platform) and done(admin) >= 0, SECONDS, "Workers with catalogs are there")
        yield platform
    finally:
        platform.install(folder)
        cluster.kubectl("delete", "-f", "-", "--wait=false", "--ignore-not-found", text=second)


@pytest.mark.parametrize(("name", "steps"), [("rows", 12), ("sums", 8)])
def test_workers_answer_a_query_of_several_steps_as_the_portal_itself_does(
    scanned: Platform, user: Person, admin: Person, before: dict[str, list[str]], name: str, steps: int
) -> None:
    earlier = done(admin)
    found = answer(user, QUERIES[name])
    assert len(found) > 1 and found == before[name]
    until(lambda: done(admin) >= earlier + steps, 30, "Each step was a task of the workers")


def test_workers_read_the_catalogs_and_write_none(scanned: Platform) -> None:
    [worker, *_], [scheduler] = scanned.job_pods("worker"), scanned.job_pods("scheduler")
    where = worker["metadata"]
    listed = scanned.cluster.execute(where["namespace"], where["name"], "ls", FOLDER)
    assert "hipparcos" in listed.stdout, listed.stderr
    written = scanned.cluster.execute(where["namespace"], where["name"], "touch", f"{FOLDER}/mine")
    assert written.returncode != 0 and "Read-only file system" in written.stderr
    assert not [each for each in scheduler["spec"]["volumes"] if "persistentVolumeClaim" in each]


def pod(platform: Platform, *, standing: bool = True, **claim: object) -> str:
    """A pod like a worker's of the portal, or else of a lab, with a volume of some claim: as a manifest."""
    [worker, *_] = platform.job_pods("worker")
    spec = deepcopy(worker["spec"])
    if not standing:
        spec["containers"][0]["image"] = str(platform.images["lab"])
    for each in spec["volumes"]:
        if each["name"] == "catalogs":
            each["persistentVolumeClaim"] = claim
    labels = {"uraniborg/standing": "portal"} if standing else {}
    metadata = {"name": "other", "namespace": platform.labs, "labels": labels}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"claimName": CLAIM, "readOnly": True}, ""),
        ({"claimName": CLAIM}, "may mount no claim but portal.scans.catalogsClaim"),
        ({"claimName": "uraniborg-homes", "readOnly": True}, "may mount no claim but portal.scans.catalogsClaim"),
        ({"claimName": CLAIM, "readOnly": True, "standing": False}, f"the claim {CLAIM} is for the pods of"),
    ],
)
def test_only_pods_of_jobs_get_that_claim_and_no_other(scanned: Platform, given: dict[str, Any], words: str) -> None:
    asked = scanned.cluster.try_kubectl("create", "--dry-run=server", "-f", "-", text=pod(scanned, **given))
    assert words in asked.stderr
    assert (asked.returncode == 0) == (not words), asked.stderr
