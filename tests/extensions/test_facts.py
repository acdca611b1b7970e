"""The facts of a product, in either form of the portal's JSON."""

from __future__ import annotations

import pytest

from uraniborg._facts import facts_of


@pytest.mark.parametrize(
    "summary",
    [
        [{"name": "snr_H1", "title": "H1 SNR", "value": 18.61, "unit": "", "text": "18.6"}],
        {"snr_H1": {"title": "H1 SNR", "value": 18.61, "text": "18.6"}},
    ],
)
def test_facts_are_read(summary: object) -> None:
    (fact,) = facts_of(summary)
    assert (fact.name, fact.value, str(fact)) == ("snr_H1", 18.61, "H1 SNR: 18.6")


def test_plain_values_are_facts() -> None:
    assert str(facts_of({"samples": 2048})[0]) == "samples: 2048"
