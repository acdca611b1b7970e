"""A cluster that the tests may use: the one that KUBECONFIG names, or one that the recipe starts here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from recipe import cluster as recipe
from recipe import programs
from recipe.errors import RecipeError
from recipe.folders import Folders, folders
from recipe.images import OURS, Registry

NODES = 2
SECONDS = 120
"""How long a command may take that is not told otherwise."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Access to a cluster, as its administrator."""

    environment: Mapping[str, str]
    """Of kubectl and helm: KUBECONFIG, and a PATH that has both."""
    registry: Registry
    """Where its nodes find what is pushed."""
    here: Folders | None
    """The recipe's folders when it runs on this machine: addresses are reached directly, nodes may be killed."""

    def kubectl(self, *arguments: str, text: str | None = None, seconds: float = SECONDS) -> str:
        """Run kubectl and give what it prints; a failure fails the test with what it said."""
        return _output(self.try_kubectl(*arguments, text=text, seconds=seconds))

    def try_kubectl(
        self, *arguments: str, text: str | None = None, seconds: float = SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run kubectl where failing is an answer too."""
        return self._run("kubectl", *arguments, text=text, seconds=seconds)

    def helm(self, *arguments: str, seconds: float = 900) -> str:
        """Run helm and give what it prints; a failure fails the test with what it said."""
        return _output(self.try_helm(*arguments, seconds=seconds))

    def try_helm(self, *arguments: str, seconds: float = 900) -> subprocess.CompletedProcess[str]:
        """Run helm where failing is an answer too."""
        return self._run("helm", *arguments, text=None, seconds=seconds)

    def objects(self, kind: str, namespace: str, selector: str = "") -> list[dict[str, Any]]:
        """Give the objects of a kind, by labels."""
        listed = self.kubectl("get", kind, "-n", namespace, "-l", selector, "-o", "json")
        items: list[dict[str, Any]] = json.loads(listed)["items"]
        return items

    def execute(self, namespace: str, pod: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a pod's first container, as someone with a shell there would."""
        return self.try_kubectl("exec", "-n", namespace, pod, "--", *command)

    def _run(self, program: str, *arguments: str, text: str | None, seconds: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments],
            executable=shutil.which(program, path=self.environment["PATH"]),
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )


def _output(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{' '.join(done.args)}\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def cluster(environment: Mapping[str, str] = os.environ) -> Iterator[Cluster]:
    """Give the cluster that KUBECONFIG names; without it start the recipe's, which ends with the block.

    Raises
    ------
    RecipeError
        Something is missing on this machine; says what to do.
    """
    where = folders(environment)
    if kubeconfig := environment.get("KUBECONFIG"):
        yield named(where, environment, Path(kubeconfig))
        return
    try:
        recipe.up(where, NODES)
        yield named(where, environment, where.kubeconfig)
    finally:
        recipe.down(where)


@contextmanager
def found_by_programs(there: Cluster) -> Iterator[pytest.MonkeyPatch]:
    """Let what this process starts find the cluster, and what it does itself."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("KUBECONFIG", "PATH"):
            patch.setenv(name, there.environment[name])
        # This library reads the variable once, when it is imported.
        location = "kubernetes_asyncio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION"
        patch.setattr(location, there.environment["KUBECONFIG"])
        yield patch


def named(where: Folders, environment: Mapping[str, str], kubeconfig: Path) -> Cluster:
    """Give access to a cluster that is up."""
    path = f"{where.programs}{os.pathsep}{environment['PATH']}"
    here = where if kubeconfig == where.kubeconfig else None
    found = Cluster(
        environment={**environment, "KUBECONFIG": str(kubeconfig), "PATH": path},
        registry=registry(environment, here),
        here=here,
    )
    if shutil.which("helm", path=path) is None:
        programs.tool(where, "helm")
    return found


def registry(environment: Mapping[str, str], here: Folders | None) -> Registry:
    """Give the registry that the cluster's nodes pull from.

    Raises
    ------
    RecipeError
        The cluster is not the recipe's, and nothing says where its images come from.
    """
    told = environment.get("URANIBORG_CLUSTER_REGISTRY", "").rstrip("/")
    if told:
        return Registry(pushed_to=told, pulled_as=told)
    if here is None:
        message = "KUBECONFIG names a cluster, and nothing says which registry its nodes pull our images from."
        raise RecipeError(message, "Set URANIBORG_CLUSTER_REGISTRY=HOST/FOLDER, where `buildah login` may push.")
    return OURS
