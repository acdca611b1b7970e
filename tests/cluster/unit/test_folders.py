"""What stays and what `down` removes never share a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from recipe.folders import COMMAND, SOURCES, folders


@pytest.mark.parametrize(
    ("environment", "built"),
    [
        ({}, Path.home() / ".cache" / "uraniborg-cluster"),
        ({"XDG_CACHE_HOME": "/caches"}, Path("/caches/uraniborg-cluster")),
        ({"XDG_CACHE_HOME": "/caches", "URANIBORG_CLUSTER_CACHE": "/big/disk"}, Path("/big/disk")),
    ],
)
def test_the_cache_can_be_moved(environment: dict[str, str], built: Path) -> None:
    found = folders(environment)
    assert found.built == built
    assert found.programs == built / "bin"


def test_what_is_removed_holds_nothing_that_stays() -> None:
    found = folders({})
    for removed in (found.state, found.run, found.volumes):
        assert removed not in (found.built, *found.built.parents)


def test_the_command_and_its_files_are_there() -> None:
    assert COMMAND.is_file()
    assert {"kube", "dns", "pause", "manifests"} <= {path.name for path in SOURCES.iterdir()}
