"""Programs are built once per version of their sources."""

from __future__ import annotations

from pathlib import Path

from recipe import programs
from recipe.folders import SOURCES, Folders


def test_kubernetes_knows_its_version() -> None:
    flags = programs.linker_flags("v1.34.2")
    assert "-X k8s.io/component-base/version.gitVersion=v1.34.2" in flags
    assert "-X k8s.io/component-base/version.gitMajor=1 " in flags
    assert flags.endswith("-X k8s.io/component-base/version.gitMinor=34")


def test_the_version_is_the_one_of_the_sources() -> None:
    assert f"k8s.io/kubernetes {programs.KUBERNETES}\n" in (SOURCES / "kube" / "go.mod").read_text()


def test_builds_are_reproducible() -> None:
    arguments = programs.build_arguments(Path("/built/kube"))
    assert arguments[:4] == ("go", "build", "-trimpath", "-buildvcs=false")
    assert arguments[-3:] == ("-o", "/built/kube", ".")


def test_a_program_is_built_when_it_or_its_sources_differ(tmp_path: Path) -> None:
    folders = Folders(built=tmp_path)
    folders.programs.mkdir()
    assert programs.to_build(folders) == list(programs.PROGRAMS)
    for name in programs.PROGRAMS:
        (folders.programs / name).touch()
        (folders.programs / f".{name}.sources").write_text(programs.fingerprint(SOURCES / name))
    assert programs.to_build(folders) == []
    (folders.programs / ".dns.sources").write_text("others")
    (folders.programs / "pause").unlink()
    assert programs.to_build(folders) == ["dns", "pause"]
