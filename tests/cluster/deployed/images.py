"""The project's images, built and pushed, as the cluster pulls them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recipe.commands import run, succeeds
from recipe.errors import RecipeError
from recipe.images import Registry, make_base, push

from deployed.cluster import Cluster

ROOT = Path(__file__).resolve().parents[3]
LIST = ROOT / ".images.json"
"""What `make images` writes: part to the name of its image in the local storage."""
PARTS = ("hub", "portal", "lab")
FOLDER = ROOT / "tests" / "cluster"
"""Has a folder for each server that is needed besides ours; with Debian's packages, since where no registry of the
outside can be reached nobody else's image can be had."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image by digest, as the chart's values have it."""

    registry: str
    name: str
    digest: str

    @classmethod
    def parse(cls, reference: str) -> Image:
        """Read `REGISTRY/NAME@DIGEST`; the registry ends at the first slash."""
        name, _, digest = reference.partition("@")
        registry, _, name = name.partition("/")
        return cls(registry=registry, name=name, digest=digest)

    def __str__(self) -> str:
        """Give what a pod names."""
        return f"{self.registry}/{self.name}@{self.digest}"


def local_names(text: str) -> dict[str, str]:
    """Read the list that `make images` writes.

    Raises
    ------
    RecipeError
        A part is missing in it.
    """
    names: dict[str, str] = json.loads(text)
    missing = [part for part in PARTS if part not in names]
    if missing:
        raise RecipeError(f"{LIST.name} names no image of {', '.join(missing)}.", "Run `make images`.")
    return names


def name_in_registry(local: str) -> str:
    """Give an image's name without the local storage's own prefix."""
    return local.removeprefix("localhost/")


def build(cluster: Cluster) -> dict[str, str]:
    """Build the project's images on the recipe's base where it runs here, and give their local names.

    With `URANIBORG_CLUSTER_IMAGES=kept` the list of the last `make images` is used as it is.
    """
    if not (os.environ.get("URANIBORG_CLUSTER_IMAGES") == "kept" and LIST.exists()):
        base = [f"BASE={make_base(cluster.here)}"] if cluster.here else []
        run("make", "-C", ROOT, "images", *base)
    return local_names(LIST.read_text())


def build_server(cluster: Cluster, name: str) -> str:
    """Build the image of a server of Debian's, `postgresql` or `prometheus`, and give its local name."""
    base = make_base(cluster.here) if cluster.here else "debian:trixie-slim"
    local = f"localhost/uraniborg/{name}:test"
    isolation = ("--isolation", "chroot", "--network", "host", "--layers")
    run("buildah", "bud", "-q", *isolation, "--build-arg", f"BASE={base}", "-t", local, FOLDER / name)
    return local


def derive(part: str, name: str, package: str, file: Path) -> str:
    """Make an image out of a part's with one more file in a Python package of it, and give its local name."""
    container = run("buildah", "from", "--pull-never", local_names(LIST.read_text())[part])
    ask = f"import {package} as package; print(package.__path__[0])"
    folder = run("buildah", "run", "--isolation", "chroot", container, "--", "python", "-c", ask)
    run("buildah", "copy", "-q", container, file, f"{folder}/{file.name}")
    run("buildah", "commit", "-q", "--rm", container, name)
    return name


def push_all(local: Mapping[str, str], registry: Registry) -> dict[str, Image]:
    """Push images, and give them by digest.

    Raises
    ------
    RecipeError
        One of them is not in buildah's storage.
    """
    for image in local.values():
        if not succeeds("buildah", "inspect", image):
            raise RecipeError(f"{image} is not in buildah's storage.", "Run `make images` where buildah is installed.")
    return {part: Image.parse(push(image, name_in_registry(image), registry)) for part, image in local.items()}
