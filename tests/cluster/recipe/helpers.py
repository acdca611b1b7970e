"""Two helpers that run as long as the cluster does: they do what a cluster's network and storage would."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from recipe.api_server import Reader
from recipe.folders import Folders
from recipe.nodes import NETWORKS
from recipe.policies import State, ruleset

POLICIES_SECONDS = 0.5
VOLUMES_SECONDS = 0.1
LISTS = ("/api/v1/pods", "/api/v1/namespaces", "/apis/networking.k8s.io/v1/networkpolicies")
NOT_WRITABLE = 0o750
WRITABLE = 0o777


def enforce_policies(folders: Folders) -> None:
    """Keep the NetworkPolicies enforced on every node for ever; a change takes effect within a second."""
    reader = Reader(folders)
    applied: dict[str, str] = {}
    while True:
        try:
            apply_policies(State.of(*(reader.items(path) for path in LISTS)), applied)
        except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as problem:
            sys.stderr.write(f"not applied, will try again: {problem}\n")
        time.sleep(POLICIES_SECONDS)


def apply_policies(state: State, applied: dict[str, str]) -> None:
    """Load each node's rules where they differ from those `applied`, which is brought up to date."""
    for node in (file.name for file in NETWORKS.glob("node*")):
        rules = ruleset(state, node)
        if applied.get(node) != rules:
            argv = ["nsenter", f"--net={NETWORKS}/{node}", "nft", "-f", "-"]
            subprocess.run(argv, input=rules, text=True, check=True)
            applied[node] = rules


def open_volumes(folders: Folders) -> None:
    """Let any user of a pod write to its volumes for ever: the provisioner ignores fsGroup."""
    while True:
        for folder in folders.volumes.glob("*"):
            open_volume(folder)
        time.sleep(VOLUMES_SECONDS)


def open_volume(folder: Path) -> None:
    """Open a volume that is as the provisioner made it; one that a test has set otherwise stays."""
    # It may have been removed just now.
    with suppress(FileNotFoundError):
        if folder.stat().st_mode & 0o777 == NOT_WRITABLE:
            folder.chmod(WRITABLE)
