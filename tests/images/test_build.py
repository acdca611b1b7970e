"""`make images`: the commands it runs, the engine it takes, the files of the machine it passes on, what it records."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("asked", "present", "expected"),
    [
        (None, {"buildah", "podman", "docker"}, "buildah"),
        (None, {"podman", "docker"}, "podman"),
        (None, {"docker"}, "docker"),
        ("docker", {"buildah", "docker"}, "docker"),
    ],
)
def test_the_first_engine_that_answers_is_taken(
    build: ModuleType, asked: str | None, present: set[str], expected: str
) -> None:
    assert build.choose_engine(asked, present.__contains__) == expected


@pytest.mark.parametrize(
    ("asked", "present", "words"),
    [
        (None, set(), "None of buildah, podman, docker answers here. Install one"),
        ("podman", {"docker"}, "podman answers here"),
        ("kaniko", {"docker"}, "kaniko is no engine known here: give ENGINE=buildah, podman, docker or none."),
    ],
)
def test_no_engine_is_a_sentence(build: ModuleType, asked: str | None, present: set[str], words: str) -> None:
    with pytest.raises(build.BuildError) as caught:
        build.choose_engine(asked, present.__contains__)
    assert words in str(caught.value)


def test_images_are_built_in_one_order(build: ModuleType) -> None:
    assert build.choose_images([]) == ("hub", "portal", "lab")
    assert build.choose_images(["lab", "hub"]) == ("hub", "lab")


def test_an_unknown_image_ends_with_a_sentence(build: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["notebook"]) == 1
    assert capsys.readouterr().err == ("uraniborg: There is no image notebook: give IMAGES some of hub portal lab.\n")


@pytest.mark.parametrize(
    ("engine", "base", "expected"),
    [
        ("buildah", "mirror/python:3.13-slim", ["build", "--layers", "--network=host"]),
        ("podman", None, ["build", "--layers"]),
        ("docker", None, ["build"]),
    ],
)
def test_the_command(build: ModuleType, engine: str, base: str | None, expected: list[str]) -> None:
    plan = build.Plan(
        engine=engine,
        registry="registry.example",
        tag="1.2",
        base=base,
        labels={"VERSION": "1.2", "REVISION": "abc"},
        secrets={"npmrc": Path("/home/tycho/.npmrc")},
    )
    assert list(plan.command("hub", Path("/source"))) == [
        engine,
        *expected,
        "--build-arg=VERSION=1.2",
        "--build-arg=REVISION=abc",
        *([f"--build-arg=BASE={base}"] if base else []),
        "--secret=id=npmrc,src=/home/tycho/.npmrc",
        "--file=/source/images/hub/Dockerfile",
        "--tag=registry.example/uraniborg/hub:1.2",
        "/source",
    ]


def test_the_machines_files_are_found(build: ModuleType, tmp_path: Path) -> None:
    for name in (".npmrc", ".config/pip/pip.conf", "authorities.pem"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    authorities = tmp_path / "authorities.pem"
    assert build.find_secrets({"SSL_CERT_FILE": str(authorities)}, tmp_path, scratch) == {
        "certificates": authorities,
        "pip.conf": tmp_path / ".config/pip/pip.conf",
        "npmrc": tmp_path / ".npmrc",
    }


def test_an_index_of_the_environment_wins(build: ModuleType, tmp_path: Path) -> None:
    found = build.find_secrets({"PIP_INDEX_URL": "https://mirror.example/simple"}, tmp_path, tmp_path)
    assert found["pip.conf"].read_text() == "[global]\nindex-url = https://mirror.example/simple\n"


def test_names_are_recorded_beside_earlier_ones(build: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / ".images.json"
    build.record(path, {"hub": "localhost/uraniborg/hub:1", "lab": "localhost/uraniborg/lab:1"})
    build.record(path, {"hub": "localhost/uraniborg/hub:2"})
    assert json.loads(path.read_text()) == {"hub": "localhost/uraniborg/hub:2", "lab": "localhost/uraniborg/lab:1"}


def test_the_revision_says_what_differs_from_the_commit(build: ModuleType, tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=Tycho", "-c", "user.email=tycho@example.org"]
        argv = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    assert build.revision(tmp_path) == "unknown"
    git("init", "--quiet")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "--quiet", "--message", "one")
    commit = git("rev-parse", "HEAD")
    assert build.revision(tmp_path) == commit
    (tmp_path / "file").write_text("two")
    assert build.revision(tmp_path) == f"{commit}-dirty"


def test_the_version_is_the_projects(build: ModuleType) -> None:
    assert f'__version__ = "{build.version(ROOT)}"' in (ROOT / "extensions/uraniborg/_version.py").read_text()


def test_git_does_not_track_the_record(build: ModuleType) -> None:
    assert f"/{build.RECORD}" in (ROOT / ".gitignore").read_text().splitlines()
