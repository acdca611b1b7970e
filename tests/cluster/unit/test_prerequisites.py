"""What is missing is said in one sentence, with what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from recipe.errors import RecipeError
from recipe.prerequisites import Machine, demand, go_version

GOOD = Machine(root=True, go=(1, 26), debian=True, unified_cgroups=False)


@pytest.mark.parametrize(
    ("machine", "says"),
    [
        (replace(GOOD, root=False), "needs root.*as root, or set KUBECONFIG"),
        (replace(GOOD, debian=False), "apt-get is missing"),
        (replace(GOOD, unified_cgroups=True), "control groups of version 2"),
        (replace(GOOD, go=None), "no `go` of 1.24 or newer.*go.dev/dl"),
        (replace(GOOD, go=(1, 19)), "Go 1.19 is too old.*1.24 or newer"),
    ],
)
def test_what_is_missing_is_said(machine: Machine, says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        demand(machine, building=True)


@pytest.mark.parametrize("go", [None, (1, 19), (1, 26)])
def test_a_machine_with_built_programs_needs_no_go(go: tuple[int, ...] | None) -> None:
    demand(replace(GOOD, go=go), building=False)


@pytest.mark.parametrize(
    ("said", "version"),
    [("go version go1.26.8 linux/amd64", (1, 26)), ("go version go1.19 linux/amd64", (1, 19)), ("go devel", (0,))],
)
def test_go_version(said: str, version: tuple[int, ...]) -> None:
    assert go_version(said) == version
