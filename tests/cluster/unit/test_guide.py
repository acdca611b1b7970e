"""The guide's commands are found, and lead to the tests' installation."""

from __future__ import annotations

import pytest
from deployed.guide import GUIDE, commands

TEXT = """\
## Upgrade

    helm upgrade uraniborg helm/uraniborg --namespace uraniborg --values site.yaml

Words about `kubectl`, and an example:

    portal: {replicas: 3}

## Uninstall

    kubectl -n uraniborg-labs delete pods --all
"""


def test_commands_of_a_section_by_a_word() -> None:
    upgrade = "helm upgrade uraniborg helm/uraniborg --namespace uraniborg-tests --values site.yaml"
    assert commands(TEXT, "Upgrade", "") == [upgrade]
    assert commands(TEXT, "Upgrade", "kubectl") == []
    assert commands(TEXT, "Uninstall", "delete") == ["kubectl -n uraniborg-tests-labs delete pods --all"]


@pytest.mark.parametrize(
    ("section", "word", "count"),
    [("Upgrade", "helm upgrade", 1), ("Upgrade", "pg_dump", 2), ("Upgrade", "helm rollback", 1)],
)
def test_the_guide_has_what_the_tests_follow(section: str, word: str, count: int) -> None:
    assert len(commands(GUIDE.read_text(), section, word)) == count


def test_a_restore_stops_waits_loads_both_and_starts() -> None:
    steps = commands(GUIDE.read_text(), "Backup and restore", "kubectl -n")
    assert [step.split()[3] for step in steps] == ["scale", "wait", "exec", "exec", "scale"]
