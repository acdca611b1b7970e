"""Images: put into the cluster's registry, giving digests, and the base image that others are built on."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from recipe.addresses import REGISTRY, REGISTRY_NAME
from recipe.commands import run, succeeds
from recipe.folders import Folders

BASE = "localhost/base:trixie"
BASE_PACKAGES = ("ca-certificates", "tini", "python3", "python3-venv")
NOBODY = "65535:65535"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Where images are pushed to, and what nodes call them."""

    pushed_to: str
    pulled_as: str
    tls: bool = True

    @property
    def options(self) -> tuple[str, ...]:
        """What `buildah push` is told: one on this machine is sent nothing compressed, which would only take time."""
        return () if self.tls else ("--tls-verify=false", "--disable-compression")

    def reference(self, name: str, digest: str) -> str:
        """Give what nodes pull: a name, and a digest that never moves."""
        return f"{self.pulled_as}/{name.split(':')[0]}@{digest.strip()}"


OURS = Registry(pushed_to=REGISTRY, pulled_as=REGISTRY_NAME, tls=False)
"""The registry that the recipe starts."""


def with_tag(name: str) -> str:
    """Give `NAME:TAG`; `latest` when no tag is said."""
    return name if ":" in name else f"{name}:latest"


def push(image: str, name: str = "", registry: Registry = OURS) -> str:
    """Push an image of buildah's storage, as `name` or as its own last part, and give what nodes pull."""
    name = with_tag(name or image.rsplit("/", 1)[-1])
    # A file of its own: of two pushes at once, each gives its own digest.
    with tempfile.NamedTemporaryFile("r") as digest:
        options = ("--digestfile", digest.name, *registry.options)
        run("buildah", "push", "-q", *options, image, f"docker://{registry.pushed_to}/{name}")
        return registry.reference(name, digest.read())


def push_program(folders: Folders, name: str) -> None:
    """Put one of our static programs into an image of its own and into the registry, once per build of it."""
    program = folders.programs / name
    image = f"localhost/uraniborg-{name}:{int(program.stat().st_mtime)}"
    if not succeeds("buildah", "inspect", image):
        container = run("buildah", "from", "scratch")
        run("buildah", "copy", "-q", container, program, f"/{name}")
        run("buildah", "config", "--entrypoint", f'["/{name}"]', "--user", NOBODY, container)
        run("buildah", "commit", "-q", "--rm", container, image)
    push(image, f"{name}:1")


def make_base(folders: Folders) -> str:
    """Make Debian 13 with Python 3.13 an image of buildah's storage, once, and give its name."""
    if succeeds("buildah", "inspect", BASE):
        return BASE
    root = folders.built / "base"
    if not root.exists():
        # Renamed when complete: an interrupted one is not taken for the whole.
        partial = root.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        run("debootstrap", "--variant=minbase", f"--include={','.join(BASE_PACKAGES)}", "trixie", partial)
        partial.rename(root)
    container = run("buildah", "from", "scratch")
    mounted = Path(run("buildah", "mount", container))
    run("cp", "-a", f"{root}/.", mounted)
    run("buildah", "config", "--env", f"PATH={PATH}", container)
    run("buildah", "commit", "-q", "--rm", container, BASE)
    return BASE
