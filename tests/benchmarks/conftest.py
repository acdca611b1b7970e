"""What benchmarks share: the report of their figures, and a cluster with the lab's image."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from deployed import images
from deployed.cluster import Cluster, found_by_programs
from deployed.cluster import cluster as a_cluster
from figures import Report


@pytest.fixture(scope="module")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """Where a benchmark's figures go; written at its end, whatever that is."""
    kept = Report(request.path.stem.removeprefix("bench_"))
    sys.stdout.write("\n")
    yield kept
    kept.write()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster that KUBECONFIG names; without it the recipe's, which ends with the session."""
    with a_cluster() as found, found_by_programs(found):
        yield found


@pytest.fixture(scope="session")
def pushed(cluster: Cluster) -> Iterator[dict[str, str]]:
    """Images of hub, portal and lab in the cluster's registry, by digest."""
    with pytest.MonkeyPatch.context() as patch:
        found = {name: str(image) for name, image in images.push_all(images.build(cluster), cluster.registry).items()}
        patch.setenv("URANIBORG_LAB_IMAGE", found["lab"])
        yield found
