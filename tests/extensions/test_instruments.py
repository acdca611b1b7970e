"""Instruments as a live portal describes them; running one needs a signed-in user (tests/notebooks)."""

from __future__ import annotations

import inspect

import pytest

import uraniborg as ub
from uraniborg._portal import Portal


def test_instruments_are_listed(portal: Portal) -> None:
    found = ub.instruments()
    assert "gw" in dir(found)
    assert "gw" in repr(found)
    assert found.gw.title in found._repr_html_()


def test_signature_and_help_come_from_the_schema(portal: Portal) -> None:
    gw = ub.instrument("gw")
    names = list(inspect.signature(gw).parameters)
    assert {"product", "event", "detector", "band_low"} <= set(names)
    assert "Hz" in (inspect.getdoc(gw) or "")
    assert "band_low" in repr(gw)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"evnt": "GW150914"}, "no parameter 'evnt'"),
        ({"detector": "X9"}, "it is one of"),
        ({"band_low": -5}, "at least"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_is_sent(
    portal: Portal, given: dict[str, object], words: str
) -> None:
    with pytest.raises(ub.UraniborgError, match=words):
        ub.instrument("gw")(**given)


def test_anonymous_users_are_asked_to_sign_in(portal: Portal) -> None:
    with pytest.raises(ub.UraniborgError) as raised:
        ub.instrument("gw")(event="GW150914")
    assert raised.value.code == "sign_in_needed"
    assert raised.value.remedy


def test_unknown_instrument(portal: Portal) -> None:
    with pytest.raises(ub.UraniborgError) as raised:
        ub.instrument("telescope")
    assert raised.value.code == "not_found"
