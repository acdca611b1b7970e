"""The images as a cluster runs them: a read-only root, any user of group 0, `/tmp` and the home the only mounts.

Needs root and buildah; builds them on `BASE` (or the Dockerfiles' own base) where `make images` has not.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARBITRARY = 1000730000
"""A user id as OpenShift gives one to a namespace."""
MOUNTS = """
mount --bind {root} {root}
mount -o remount,bind,ro {root}
mount -t tmpfs tmpfs {root}/tmp
mount -t tmpfs -o mode=0770,uid={user},gid=0 tmpfs {root}/home/uraniborg
mount --rbind /dev {root}/dev
mount -t proc proc {root}/proc
exec chroot --userspec={user}:0 --groups= {root} env -i "$@"
"""
PROBES = {
    "hub": (
        "python -m uraniborg_hub.hub --version",
        "python -c 'import dask_kubernetes.operator.controller, kopf, kubespawner, psycopg, uraniborg_hub.pools'",
        "kopf --version",
        "python -m jupyterhub_idle_culler --help",
        "configurable-http-proxy --version",
        "uraniborg --help",
    ),
    "portal": (
        "python -c 'import psycopg, uraniborg_portal.main, uraniborg_portal.instruments.gw'",
        "python -c 'import uraniborg_portal.instruments.cluster.on_worker, uraniborg_portal.storage, s3fs'",
        "python -c 'import uraniborg_hub.pools.prompt_join, uraniborg_hub.pools.scheduler_route'",
        "dask scheduler --help",
        "dask worker --help",
        "uraniborg --help",
    ),
    "lab": (
        "python -c 'import distributed, jupyterlab, uraniborg, uraniborg_hub.pools.prompt_join'",
        "python -P -m uraniborg_hub.lab.singleuser --help",
        "dask scheduler --help",
        "dask worker --help",
        "pip --version",
        "jupyter kernelspec list",
    ),
}
"""Commands that must end well in each image."""
Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def names() -> Mapping[str, str]:
    """The images' names, built if need be."""
    record = ROOT / ".images.json"
    if not record.exists():
        subprocess.run(["make", "images"], cwd=ROOT, check=True)
    return dict(json.loads(record.read_text()))


@contextmanager
def unpacked(name: str) -> Iterator[Path]:
    """An image's files in a folder."""
    container = subprocess.check_output(["buildah", "from", "--pull-never", name], text=True).strip()
    try:
        yield Path(subprocess.check_output(["buildah", "mount", container], text=True).strip())
    finally:
        subprocess.run(["buildah", "rm", container], check=True, capture_output=True)


@pytest.fixture(scope="module")
def roots(names: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """The files of all images."""
    with ExitStack() as stack:
        yield {image: stack.enter_context(unpacked(name)) for image, name in names.items()}


def config(name: str) -> dict[str, object]:
    """What an image tells an engine: user, variables, command, labels."""
    said = subprocess.check_output(["buildah", "inspect", "--type", "image", name], text=True)
    return dict(json.loads(said)["OCIv1"]["config"])


@pytest.fixture(scope="module")
def run(names: Mapping[str, str], roots: Mapping[str, Path]) -> Run:
    """Run a command in an image as a cluster would."""

    def run_in(image: str, command: str, user: int = ARBITRARY) -> subprocess.CompletedProcess[str]:
        variables = config(names[image])["Env"]
        assert isinstance(variables, list)
        script = MOUNTS.format(root=roots[image], user=user)
        argv = ["unshare", "--mount", "--pid", "--fork", "sh", "-euc", script, "sh", *variables, "sh", "-c", command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)

    return run_in


@pytest.mark.parametrize("user", [1000, ARBITRARY])
@pytest.mark.parametrize(("image", "command"), [(image, line) for image, lines in PROBES.items() for line in lines])
def test_it_runs_on_a_read_only_root(run: Run, image: str, command: str, user: int) -> None:
    done = run(image, command, user)
    assert done.returncode == 0, done.stderr
    assert "read-only file system" not in done.stderr.lower()


@pytest.mark.parametrize("image", PROBES)
def test_the_root_can_not_be_written(run: Run, image: str) -> None:
    assert run(image, "touch /opt/uraniborg/x").returncode != 0
    assert run(image, "touch /tmp/x ~/x").returncode == 0


@pytest.mark.parametrize("image", PROBES)
def test_labels_and_user(names: Mapping[str, str], image: str) -> None:
    said = config(names[image])
    labels = said["Labels"]
    assert isinstance(labels, dict)
    assert said["User"] == "1000:0"
    assert labels["org.opencontainers.image.version"] in (ROOT / "extensions/uraniborg/_version.py").read_text()
    assert len(labels["org.opencontainers.image.revision"]) >= 40


@pytest.mark.parametrize("image", PROBES)
def test_no_tool_of_the_build_and_no_secret_is_left(roots: Mapping[str, Path], image: str) -> None:
    left = ("build", "wheel", "run/secrets", "root/.cache", "root/.npm")
    assert not [name for name in left if any((roots[image] / name).rglob("*"))]
    tools = {path.name for path in (roots[image] / "opt/uraniborg/bin").iterdir()}
    assert not tools & {"uv", "hatchling", "npm", "npx"}
    assert ("pip" in tools) == (image == "lab")


@pytest.mark.parametrize("image", PROBES)
def test_every_module_is_compiled(roots: Mapping[str, Path], image: str) -> None:
    packages = next((roots[image] / "opt/uraniborg/lib").glob("python3.*")) / "site-packages"
    for package in packages.glob("uraniborg*"):
        sources = set(package.rglob("*.py"))
        compiled = {path.parent.parent / f"{path.name.split('.')[0]}.py" for path in package.rglob("__pycache__/*.pyc")}
        assert sources == compiled


def test_nothing_is_compiled_at_start(run: Run) -> None:
    done = run("lab", "python -v -c 'import asyncio, distributed, jupyterlab, uraniborg' 2>&1")
    assert "# code object from" in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.startswith("# code object from /")]


def test_login_shells_find_the_environment(run: Run) -> None:
    assert run("lab", "bash -lc 'command -v python'").stdout.strip() == "/opt/uraniborg/bin/python"


def test_the_operators_definitions_are_in_the_hubs_image(roots: Mapping[str, Path]) -> None:
    folder = "site-packages/dask_kubernetes/operator/deployment/helm/dask-kubernetes-operator/crds"
    found = {path.name for path in roots["hub"].glob(f"opt/uraniborg/lib/python3.*/{folder}/*.yaml")}
    assert found == {"daskautoscaler.yaml", "daskcluster.yaml", "daskjob.yaml", "daskworkergroup.yaml"}


def test_the_labs_image_tells_its_versions(roots: Mapping[str, Path]) -> None:
    constraints = (roots["lab"] / "opt/uraniborg/share/uraniborg/constraints.txt").read_text().splitlines()
    assert len(constraints) == (ROOT / "requirements.lock").read_text().count("==") - _conditions()
    assert all("==" in line and "--hash" not in line for line in constraints)


def _conditions() -> int:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return sum(line.partition(" ; ")[2].count("==") for line in lines if not line.startswith(" "))


def test_the_hub_holds_the_files_that_the_chart_names(roots: Mapping[str, Path]) -> None:
    share = roots["hub"] / "opt/uraniborg/share/uraniborg"
    assert (share / "jupyterhub_config.py").exists()
    assert os.access(roots["hub"] / "opt/uraniborg/bin/configurable-http-proxy", os.X_OK)
    assert (roots["lab"] / "opt/uraniborg/share/uraniborg/notebooks/start/01-stars.ipynb").exists()
