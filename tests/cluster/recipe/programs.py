"""The programs that are built here from Go modules, each once per version of its sources."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from recipe.commands import run
from recipe.folders import SOURCES, Folders

KUBERNETES = "v1.34.2"
PROGRAMS = ("kube", "dns", "pause")
"""All of Kubernetes and kubectl in one; CoreDNS; what holds a pod's namespaces open."""
TOOLS = {
    "helm": "helm.sh/helm/v4/cmd/helm@v4.3.1",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok@v0.8.0",
    "traefik": "github.com/traefik/traefik/v3/cmd/traefik@v3.6.25",
}


def linker_flags(version: str) -> str:
    """Give the flags that make a build of Kubernetes know its version."""
    variable = "k8s.io/component-base/version"
    major, minor, _ = version.lstrip("v").split(".")
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    return "-s -w " + " ".join(f"-X {variable}.{name}={value}" for name, value in stamps.items())


def build_arguments(target: Path) -> tuple[str, ...]:
    """Give the command that builds the program of the current folder."""
    # Without -buildvcs=false Go asks git about the checkout, which may belong to someone else.
    flags = ("-trimpath", "-buildvcs=false", "-ldflags", linker_flags(KUBERNETES))
    return ("go", "build", *flags, "-o", str(target), ".")


def fingerprint(sources: Path) -> str:
    """Give a hash of what a program is made from: a built one with the same hash is used again."""
    parts = [file.read_bytes() for file in sorted(sources.iterdir())]
    return hashlib.sha256(b"\0".join([KUBERNETES.encode(), *parts])).hexdigest()


def to_build(folders: Folders) -> list[str]:
    """Give the names of the programs that are not there, or are there from other sources."""
    return [name for name in PROGRAMS if _made_from(folders, name) != fingerprint(SOURCES / name)]


def _mark(folders: Folders, name: str) -> Path:
    return folders.programs / f".{name}.sources"


def _made_from(folders: Folders, name: str) -> str:
    made = (folders.programs / name).exists() and _mark(folders, name).exists()
    return _mark(folders, name).read_text() if made else ""


def build(folders: Folders) -> None:
    """Build what is missing, and make `kubectl` of it."""
    folders.programs.mkdir(parents=True, exist_ok=True)
    for name in to_build(folders):
        began = time.monotonic()
        sys.stderr.write(f"building {name} …\n")
        arguments = build_arguments(folders.programs / name)
        run(*arguments, folder=SOURCES / name, environment=os.environ | {"CGO_ENABLED": "0"})
        _mark(folders, name).write_text(fingerprint(SOURCES / name))
        sys.stderr.write(f"built {name} in {time.monotonic() - began:.0f} s\n")
    kubectl = folders.programs / "kubectl"
    kubectl.write_text(f'#!/bin/sh\nexec "{folders.programs}/kube" kubectl "$@"\n')
    kubectl.chmod(0o755)


def tool(folders: Folders, name: str) -> Path:
    """Give a tool, built when it is not there yet in this version."""
    package = TOOLS[name]
    program, mark = folders.programs / name, _mark(folders, name)
    if not program.exists() or not mark.exists() or mark.read_text() != package:
        folders.programs.mkdir(parents=True, exist_ok=True)
        module, _, rest = package.partition("/cmd/")
        command, _, version = rest.partition("@")
        # In a copy of the module: `go install` refuses one that replaces others, as traefik does.
        with TemporaryDirectory(dir=folders.programs) as home:
            sources = Path(home) / name
            shutil.copytree(sources_of(f"{module}@{version}"), sources, copy_function=shutil.copyfile)
            environment = os.environ | {"CGO_ENABLED": "0"}
            flags = ("-trimpath", "-buildvcs=false", "-ldflags", "-s -w")
            run("go", "build", *flags, "-o", program, f"./cmd/{command}", folder=sources, environment=environment)
        mark.write_text(package)
    return program


def sources_of(module: str) -> Path:
    """Give the folder of a Go module's sources, MODULE@VERSION, downloaded and checked by Go where it has to be."""
    return Path(json.loads(run("go", "mod", "download", "-json", module))["Dir"])
