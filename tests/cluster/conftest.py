"""A cluster, the project's images on it, and the platform installed from the chart: one of each a session."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from deployed import evidence, images
from deployed.cluster import Cluster, found_by_programs
from deployed.cluster import cluster as a_cluster
from deployed.figures import Figures
from deployed.platform import LABS, NAMESPACE, Platform
from deployed.platform import platform as a_platform
from deployed.pools import Lab
from deployed.pools import namespace as a_pools_namespace
from recipe.errors import RecipeError

FAILED = pytest.StashKey[bool]()
EVIDENCE = "cluster-evidence"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which tests failed, for the fixture that keeps evidence."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's tests last: Playwright leaves an event loop running, and others start their own."""
    items.sort(key=lambda item: "chromium" in getattr(item, "fixturenames", ()))


@contextmanager
def said() -> Iterator[None]:
    """Fail with one sentence and its remedy where something is missing, without a traceback."""
    try:
        yield
    except RecipeError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster that KUBECONFIG names; without it the recipe's, which ends with the session."""
    with said(), a_cluster() as found:
        yield found


@pytest.fixture(scope="session")
def pushed(cluster: Cluster) -> Mapping[str, images.Image]:
    """Images of hub, portal, lab and PostgreSQL in the cluster's registry, by digest."""
    with said():
        local = {**images.build(cluster), "postgresql": images.build_server(cluster, "postgresql")}
        return images.push_all(local, cluster.registry)


@pytest.fixture(scope="session")
def lab_image(cluster: Cluster, pushed: Mapping[str, images.Image]) -> Iterator[str]:
    """The lab's image, for tests that do without the chart; programs that they start find the cluster as well."""
    with found_by_programs(cluster) as patch:
        patch.setenv("URANIBORG_LAB_IMAGE", str(pushed["lab"]))
        yield str(pushed["lab"])


@pytest.fixture(scope="module")
def pools_namespace(lab_image: str) -> Iterator[str]:
    """A namespace for pools, without the chart."""
    with a_pools_namespace() as made:
        yield made


@pytest.fixture(scope="module")
def lab(pools_namespace: str) -> Iterator[Lab]:
    """Whose pools they are."""
    tycho = Lab("tycho")
    yield tycho
    tycho.close()


@pytest.fixture(scope="session")
def platform(cluster: Cluster, pushed: Mapping[str, images.Image], pytestconfig: pytest.Config) -> Iterator[Platform]:
    """The platform, installed by helm; uninstalled at the end of the session."""
    with a_platform(cluster, pushed, evidence_folder(pytestconfig, "installation")) as installed:
        yield installed


@pytest.fixture
def figures(request: pytest.FixtureRequest, cluster: Cluster) -> Figures:
    """Where this test says what it measured, what was held and what was lost."""
    given = Figures(file=images.ROOT / ".cluster" / "figures.json", test=request.node.name)
    given.forget()
    return given


def evidence_folder(config: pytest.Config, name: str) -> Path:
    """Give the folder below pytest's cache that keeps what is known of a failure."""
    assert config.cache is not None
    folder = config.cache.mkdir(EVIDENCE) / name.replace("/", "-")
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def kept_evidence(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep objects, events and logs of a test that failed on the cluster."""
    yield
    if request.node.stash.get(FAILED, False) and "cluster" in request.fixturenames:
        folder = evidence_folder(request.config, request.node.name)
        evidence.keep(request.getfixturevalue("cluster"), [NAMESPACE, LABS], folder)
