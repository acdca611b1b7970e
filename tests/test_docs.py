"""What the documents name exists: targets of make, verbs, settings, routes and paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import typer.main

from uraniborg.cli import build
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
GUIDES = sorted(path for path in ROOT.rglob("*.md") if not {".venv", "node_modules", "samples"} & set(path.parts))
CODE = re.compile(r"`([^`\n]+)`|^ {4}(\S.*)$|^(?:\$ )?((?:make|uraniborg|\.venv/bin/uraniborg) .*)$", re.MULTILINE)
ENVIRONMENT = re.compile(r"\bURANIBORG_[A-Z_]+\b")


def snippets(guide: Path) -> list[str]:
    """Inline code and command lines of a guide."""
    return [next(filter(None, found)) for found in CODE.findall(guide.read_text())]


def targets() -> set[str]:
    """Targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def verbs() -> set[str]:
    """Verbs of the command line."""
    command = typer.main.get_command(build())
    return set(getattr(command, "commands", {}))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(guide: Path) -> None:
    for text in snippets(guide):
        words = [word for word in text.split() if "=" not in word]
        if words[:1] == ["make"] and len(words) > 1 and words[1].isascii() and words[1].islower():
            assert words[1] in targets(), text
        if words and words[0].endswith("uraniborg") and len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]):
            assert words[1] in verbs(), text


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_variables_are_read_somewhere(guide: Path) -> None:
    tops = ("hub", "portal", "extensions", "tests/cluster", "tests/benchmarks", "tests/portal/faults")
    code = "\n".join(path.read_text() for top in tops for path in (ROOT / top).rglob("*.py"))
    fields = {f"URANIBORG_{name.upper()}" for name in Settings.model_fields}
    for name in ENVIRONMENT.findall(guide.read_text()):
        assert name in code or name.split("__")[0] in fields, name


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_exist(guide: Path) -> None:
    tops = ("hub/", "portal/", "extensions/", "images/", "helm/", "notebooks/", "tests/")
    for text in snippets(guide):
        if text.startswith(tops) and re.fullmatch(r"[\w./-]+", text):
            assert (ROOT / text).exists(), text


def paths(routes: Iterable[object]) -> Iterator[str]:
    """Paths of routes and of the routers among them, below the prefix."""
    for route in routes:
        router = getattr(route, "original_router", None)
        yield from paths(router.routes) if router else [getattr(route, "path", "")]


def test_routes_of_the_readme_exist(tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path))
    patterns = [re.compile("/services/portal" + re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in paths(app.routes)]
    for route in re.findall(r"/services/portal/[\w/.-]*", (ROOT / "README.md").read_text()):
        named = route.rstrip("./")
        assert any(pattern.fullmatch(named) or pattern.pattern.startswith(f"{named}/") for pattern in patterns), route


def test_every_target_of_make_has_a_line_of_help() -> None:
    text = (ROOT / "Makefile").read_text()
    described = set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE))
    assert targets() == described
