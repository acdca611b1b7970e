"""The rules travel from the hub's settings into a lab's variables and back."""

from __future__ import annotations

from uraniborg_hub.lab.culling.rules import STOCK_REPORTS, read, rules, variables


def test_a_lab_reads_what_the_hub_wrote() -> None:
    known = rules(3600, 300, 86400, 3600)
    assert read(variables(known)) == known
    assert variables(known)[STOCK_REPORTS] == "0", "JupyterHub's own reports would count an open page as use"


def test_without_rules_nothing_ends_the_lab() -> None:
    assert read({STOCK_REPORTS: "300"}) is None


def test_the_hub_hears_of_use_long_before_the_warning() -> None:
    assert rules(3600, 300, 0, 3600).report == 1650
    assert rules(86400, 300, 0, 3600).report == 3600
