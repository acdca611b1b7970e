"""What benchmarks share: the report of their figures, and a cluster with the lab's image."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
import sky as made
import stack as whole
from deployed import images
from deployed.cluster import Cluster, found_by_programs
from deployed.cluster import cluster as a_cluster
from figures import Report
from peers import postgresql
from sky import Sky

from uraniborg_hub.laptop.ports import free_ports


@pytest.fixture(scope="module")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """Where a benchmark's figures go; written at its end, whatever that is."""
    kept = Report(request.path.stem.removeprefix("bench_"))
    sys.stdout.write("\n")
    load = os.getloadavg()[0]
    yield kept
    kept.note(f"load average at the start {load:.1f}, at the end {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
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


@pytest.fixture(scope="session")
def sky() -> Sky:
    """The made sky, of as many stars as `URANIBORG_BENCH_ROWS` says."""
    return made.sky(made.rows_wanted())


@pytest.fixture(scope="module")
def stack(sky: Sky, platforms: whole.Platforms) -> Iterator[whole.Stack]:
    """The whole platform, with the sky's tables as catalogs."""
    with whole.stack(platforms, sky.home) as running:
        yield running


@pytest.fixture(scope="module")
def postgres(sky: Sky) -> Iterator[postgresql.Server]:
    """PostgreSQL with the sky's stars and its wide table."""
    (port,) = free_ports(1)
    with postgresql.server(sky.folder / "postgresql", port) as running:
        postgresql.load(running, "stars", sky.stars)
        postgresql.load(running, "wide", sky.wide)
        yield running
