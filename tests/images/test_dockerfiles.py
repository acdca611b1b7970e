"""What every image promises, read from its Dockerfile: base, user, layers, labels, hashes; nothing that moves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "images"
NAMES = ("hub", "portal", "lab")
FILES = sorted(path for path in IMAGES.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
LABELS = {f"org.opencontainers.image.{name}" for name in ("version", "revision", "source", "licenses", "title")}
INSTRUCTION = re.compile(r"^([A-Z]+)\s+(.*)$", re.DOTALL)


def instructions(image: str) -> list[tuple[str, str]]:
    """Instructions of a Dockerfile: the word, and the rest with its lines joined."""
    text = (IMAGES / image / "Dockerfile").read_text()
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ").splitlines()
    found = [INSTRUCTION.match(line) for line in lines if line.strip()]
    return [(match[1], " ".join(match[2].split())) for match in found if match]


def stages(image: str) -> dict[str, list[tuple[str, str]]]:
    """Instructions by stage; the last stage, which is the image, has the empty name."""
    found: dict[str, list[tuple[str, str]]] = {}
    name = "before"
    for word, rest in instructions(image):
        if word == "FROM":
            name = rest.partition(" AS ")[2]
        found.setdefault(name, []).append((word, rest))
    return found


def final(image: str, wanted: str) -> list[str]:
    """What the last stage says after one kind of instruction."""
    return [rest for word, rest in stages(image)[""] if word == wanted]


@pytest.mark.parametrize("image", NAMES)
def test_the_base_is_an_argument(image: str) -> None:
    assert instructions(image)[0] == ("ARG", "BASE=python:3.13-slim")
    bases = [rest.split()[0] for word, rest in instructions(image) if word == "FROM"]
    assert set(bases) <= {"${BASE}", *stages(image)}
    assert bases[-1] == "${BASE}"


@pytest.mark.parametrize("image", NAMES)
def test_it_runs_as_a_fixed_user_of_group_0(image: str) -> None:
    assert final(image, "USER") == ["1000:0"]


@pytest.mark.parametrize("image", NAMES)
def test_dependencies_and_our_wheel_are_a_layer_each(image: str) -> None:
    assert final(image, "COPY") == [
        "--from=environment /environment/ /",
        "--from=wheel /wheel/ /",
    ]


def test_all_images_hold_the_same_wheel() -> None:
    shared = [[stages(image)[name] for name in ("before", "tools", "wheel")] for image in NAMES]
    assert shared[0] == shared[1] == shared[2]


@pytest.mark.parametrize("image", NAMES)
def test_labels(image: str) -> None:
    assert set(re.findall(r'([\w.]+)="[^"]+"', " ".join(final(image, "LABEL")))) == LABELS


@pytest.mark.parametrize("image", NAMES)
def test_licenses_are_those_of_the_project(image: str) -> None:
    stated = re.search(r'^license = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert stated is not None
    assert f'org.opencontainers.image.licenses="{stated[1]}"' in final(image, "LABEL")[0]


@pytest.mark.parametrize("image", NAMES)
def test_it_starts_a_module_that_exists_below_an_init(image: str) -> None:
    assert final(image, "ENTRYPOINT") == ['["tini", "--"]']
    command = json.loads(final(image, "CMD")[0])
    module = Path(*command[command.index("-m") + 1].split("."))
    files = [ROOT / top / module for top in ("hub", "portal", "extensions")]
    assert any(path.with_suffix(".py").exists() or (path / "__main__.py").exists() for path in files)


@pytest.mark.parametrize("image", NAMES)
def test_what_is_copied_is_in_the_context(image: str) -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = [line[1:] for line in lines if line.startswith("!")]
    copied = [rest.split()[:-1] for word, rest in instructions(image) if word == "COPY" and "--from" not in rest]
    for source in (Path(path) for paths in copied for path in paths):
        assert (ROOT / source).exists(), source
        assert any(Path(source.parts[0]).match(pattern) for pattern in kept), source


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(IMAGES)))
def test_nothing_moves_and_no_registry_is_named(path: Path) -> None:
    text = path.read_text()
    assert ":latest" not in text
    assert not re.search(r"https?://(?!mirror\.example)", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(IMAGES)))
def test_packages_are_installed_by_hash(path: Path) -> None:
    if path.suffix != ".sh":
        return
    for command in re.findall(r"^.*\bpip install\b(?:.*\\\n)*.*$", path.read_text(), re.MULTILINE):
        assert "--require-hashes" in command or "--offline" in command, command
