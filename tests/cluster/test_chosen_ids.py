"""The platform where the cluster chooses the users' ids, as OpenShift does: each part of it, labs, pools, jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from deployed.chosen_ids import can_choose, chosen_ids
from deployed.platform import PARTS
from deployed.work import ended, query, start_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

PLATFORM_ID, LABS_ID = 1000660000, 1000670000
WHO = "import os; print(os.getuid(), os.getgid())"
COMPUTE = """
import os, uraniborg as ub
with ub.Pool(workers=2) as pool:
    print(os.getuid(), sorted(set(pool.client.run(os.getuid).values())))
"""


@pytest.fixture(scope="module")
def chosen(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform, installed anew where it may not say who its processes are; afterwards as before."""
    if not can_choose(platform.cluster):
        pytest.skip("The cluster has no MutatingAdmissionPolicy.")
    folder = tmp_path_factory.mktemp("values")
    platform.uninstall()
    try:
        with chosen_ids(platform.cluster, {platform.namespace: PLATFORM_ID, platform.labs: LABS_ID}):
            platform.install(folder, {"security": {"arbitraryUserIds": True}})
            yield platform
    finally:
        platform.uninstall()
        platform.install(folder)


@pytest.mark.parametrize("part", [part for part in PARTS if part != "postgresql"])
def test_each_part_runs_as_the_user_that_the_cluster_chose(chosen: Platform, part: str) -> None:
    (pod,) = chosen.pods(part)
    done = chosen.cluster.execute(chosen.namespace, pod["metadata"]["name"], "python3", "-c", WHO)
    assert done.stdout == f"{PLATFORM_ID} 0\n", done.stderr


def test_a_lab_keeps_files_and_computes_on_a_pool(chosen: Platform) -> None:
    person = chosen.sign_in("tycho")
    person.have_lab()
    assert person.run(f"open('mine.txt', 'w').write('mine'); {WHO}").text == f"{LABS_ID} 0\n"
    told = person.run(COMPUTE, 240)
    assert (told.text, told.error) == (f"{LABS_ID} [{LABS_ID}]\n", "")
    chosen.end_lab(person)
    person.have_lab()
    assert person.run("print(open('mine.txt').read())").text == "mine\n"
    chosen.end_lab(person)


def test_the_portal_answers_queries_and_runs_jobs(chosen: Platform) -> None:
    person = chosen.sign_in("sophie")
    assert query(person)
    done = ended(person, start_job(person, 31))
    assert done["state"] == "done", done
