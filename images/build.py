"""Builds the images with buildah, podman or docker, and writes their names to `.images.json`; `make images` runs it.

    python3 images/build.py [--tag TAG] [--base IMAGE] [--registry NAME] [--engine NAME] [hub portal lab]

It imports the standard library alone. What was built before and did not change is taken from the engine's cache: after
a change of the project's code only its own wheel is made anew.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("hub", "portal", "lab")
ENGINES: Mapping[str, tuple[str, ...]] = {
    "buildah": ("build", "--layers", "--network=host"),
    "podman": ("build", "--layers"),
    "docker": ("build",),
}
"""How each engine builds with its cache, in the order in which they are tried."""
RECORD = ".images.json"
CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


class BuildError(Exception):
    """Why the images can't be built, and what to do: the text is what the user reads."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one call builds."""

    engine: str
    """One of `ENGINES`."""
    registry: str
    """Where the images' names begin: `localhost`, or a registry to push to."""
    tag: str
    base: str | None
    """The image to build on; the Dockerfiles' own default where absent."""
    labels: Mapping[str, str]
    """VERSION, REVISION and SOURCE, as the Dockerfiles take them."""
    secrets: Mapping[str, Path]
    """Files of this machine that stages may read and no image keeps, by the id in the Dockerfiles."""

    def name(self, image: str) -> str:
        """Give an image's full name."""
        return f"{self.registry}/uraniborg/{image}:{self.tag}"

    def command(self, image: str, root: Path) -> tuple[str, ...]:
        """Give the command that builds one image."""
        arguments = {**self.labels, **({"BASE": self.base} if self.base else {})}
        return (
            self.engine,
            *ENGINES[self.engine],
            *(f"--build-arg={key}={value}" for key, value in arguments.items()),
            *(f"--secret=id={key},src={path}" for key, path in self.secrets.items()),
            f"--file={root / 'images' / image / 'Dockerfile'}",
            f"--tag={self.name(image)}",
            str(root),
        )


def choose_engine(asked: str | None, answers: Callable[[str], bool]) -> str:
    """Give the engine asked for, or the first that answers.

    Raises
    ------
    BuildError
        None answers, or the one asked for is not one of them.
    """
    if asked is not None and asked not in ENGINES:
        raise BuildError(f"{asked} is no engine known here: give ENGINE={', '.join(ENGINES)} or none.")
    found = next((name for name in ([asked] if asked else ENGINES) if answers(name)), None)
    if found is None:
        raise BuildError(
            f"{asked or 'None of ' + ', '.join(ENGINES)} answers here. "
            "Install one (on Debian: apt-get install buildah), or start its daemon."
        )
    return found


def choose_images(asked: Sequence[str]) -> tuple[str, ...]:
    """Give the images asked for, all where none is named.

    Raises
    ------
    BuildError
        One of them does not exist.
    """
    unknown = [name for name in asked if name not in NAMES]
    if unknown:
        raise BuildError(f"There is no image {', '.join(unknown)}: give IMAGES some of {' '.join(NAMES)}.")
    return tuple(name for name in NAMES if name in asked) if asked else NAMES


def version(root: Path) -> str:
    """Give the project's version."""
    found = re.search(r'__version__ = "([^"]+)"', (root / "extensions/uraniborg/_version.py").read_text())
    return found[1] if found else "0"


def revision(root: Path) -> str:
    """Give the commit that is checked out, marked where files differ from it; `unknown` outside of a repository."""
    git = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    done = subprocess.run(git, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def find_secrets(environment: Mapping[str, str], home: Path, scratch: Path) -> dict[str, Path]:
    """Give the files that pip and npm of this machine obey, so that the stages obey them too.

    The first that exists counts of each. `PIP_INDEX_URL` wins over pip's files, as it does for pip.
    """
    candidates = {
        "certificates": (environment.get("SSL_CERT_FILE"), *CERTIFICATES),
        "pip.conf": (
            _written(scratch / "pip.conf", environment.get("PIP_INDEX_URL")),
            environment.get("PIP_CONFIG_FILE"),
            home / ".config/pip/pip.conf",
            home / ".pip/pip.conf",
            "/etc/pip.conf",
        ),
        "npmrc": (environment.get("NPM_CONFIG_USERCONFIG"), home / ".npmrc"),
    }
    found = {
        key: next((Path(path) for path in paths if path and Path(path).is_file()), None)
        for key, paths in candidates.items()
    }
    return {key: path for key, path in found.items() if path}


def _written(path: Path, index: str | None) -> Path | None:
    if index is None:
        return None
    path.write_text(f"[global]\nindex-url = {index}\n")
    return path


def record(path: Path, names: Mapping[str, str]) -> None:
    """Write the names of the images built now beside those of earlier calls."""
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, **names}, indent=2, sort_keys=True) + "\n")


def _answers(engine: str) -> bool:
    try:
        return subprocess.run([engine, "version"], capture_output=True, check=False, timeout=20).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def _build(plan: Plan, image: str) -> str:
    began = time.monotonic()
    _say(f"Building {plan.name(image)} with {plan.engine} …")
    # Without runc, user namespaces or a daemon: the stages install only what is locked by hash.
    environment = {"BUILDAH_ISOLATION": "chroot", **os.environ}
    command = plan.command(image, ROOT)
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"The image {image} could not be built:\n{done.stdout[-4000:]}")
    return f"{time.monotonic() - began:.0f} s"


def _describe(plan: Plan, image: str) -> str:
    digest = "{{.ID}}" if plan.engine == "docker" else "{{.Digest}}"
    listing = [plan.engine, "images", "--no-trunc", "--format", f"{{{{.Size}}}}  {digest}", plan.name(image)]
    done = subprocess.run(listing, capture_output=True, text=True, check=False)
    return (done.stdout.strip().splitlines() or ["size unknown"])[0]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def build(asked: argparse.Namespace) -> None:
    """Build what the command line asks for, say what came out, and record it."""
    images = choose_images(asked.images)
    with tempfile.TemporaryDirectory() as scratch:
        plan = Plan(
            engine=choose_engine(asked.engine, _answers),
            registry=asked.registry,
            tag=asked.tag or version(ROOT),
            base=asked.base,
            labels={"VERSION": version(ROOT), "REVISION": revision(ROOT), "SOURCE": asked.source},
            secrets=find_secrets(os.environ, Path.home(), Path(scratch)),
        )
        for image in images:
            seconds = _build(plan, image)
            _say(f"{plan.name(image)}  {_describe(plan, image)}  {seconds}")
            record(ROOT / RECORD, {image: plan.name(image)})


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; failures are sentences on stderr and exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="*", help=f"some of {', '.join(NAMES)}; all where none is named")
    parser.add_argument("--tag", help="the project's version by default")
    parser.add_argument("--base", help="the image to build on, any with Python 3.11 or newer")
    parser.add_argument("--registry", default="localhost", help="where the images' names begin")
    parser.add_argument("--engine", help=f"one of {', '.join(ENGINES)}; the first that answers by default")
    parser.add_argument("--source", default="", help="the address of the source, for the images' label")
    try:
        build(parser.parse_args(arguments))
    except BuildError as error:
        sys.stderr.write(f"uraniborg: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
