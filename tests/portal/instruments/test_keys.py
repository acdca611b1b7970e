"""Equal requests have equal keys, and different ones never share one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uraniborg_portal.instruments.gw import INSTRUMENT
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.keys import canonical, key_of, python_of
from uraniborg_portal.instruments.parameters import check

INPUTS = {"a": "0" * 64}


def key(**values: object) -> str:
    """The key of these parameters."""
    return key_of(INSTRUMENT, check(GravitationalWaves, values), INPUTS)


SAME = [
    ({}, {"product": "strain", "event": "gw150914", "window": "500 ms"}),
    ({"band_low": 40}, {"band_low": 40.0}),
    ({"product": "skymap"}, {"product": "skymap", "band_low": 50, "detector": "L1"}),
    ({"q_low": 5}, {"q_low": 6}),
]
OTHER = [
    ({"band_low": 12.3}, {"band_low": 13.2}),
    ({"band_low": 12.3}, {"band_low": 21.3}),
    ({"detector": "H1"}, {"detector": "L1"}),
    ({"time": 1126259462.4}, {"event": "GW150914"}),
    ({"product": "skymap"}, {"product": "matched_filter"}),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_same_request_same_key(one: dict[str, object], two: dict[str, object]) -> None:
    assert key(**one) == key(**two)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_other_request_other_key(one: dict[str, object], two: dict[str, object]) -> None:
    assert key(**one) != key(**two)


def test_version_and_inputs_belong_to_the_key() -> None:
    parameters = check(GravitationalWaves, {})
    keys = {
        key_of(INSTRUMENT, parameters, INPUTS),
        key_of(replace(INSTRUMENT, version="2"), parameters, INPUTS),
        key_of(INSTRUMENT, parameters, {"a": "1" * 64}),
        key_of(INSTRUMENT, parameters, {"b": "0" * 64}),
    }
    assert len(keys) == 4


@settings(max_examples=200, deadline=None)
@given(st.floats(10, 349), st.floats(10, 349))
def test_numbers_never_collide(one: float, two: float) -> None:
    assert (key(band_low=one) == key(band_low=two)) == (one == two)


def test_canonical_json_is_sorted_and_finite() -> None:
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})


def test_the_python_that_repeats_it_names_what_matters() -> None:
    code = python_of(INSTRUMENT, check(GravitationalWaves, {"product": "skymap"}))
    assert "ub.instrument(\"gw\")(product='skymap', event='GW150914')" in code
    compile(code, "product", "exec")
