"""What a user may ask for, and the words for what they may not."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.instruments.gw import INSTRUMENT
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.parameters import check

REFUSED = [
    ({"windw": 1}, "windw", "There is no parameter 'windw'"),
    ({"window": math.nan}, "window", "given nan; accepted: a number from 0.05 to 28 s."),
    ({"window": math.inf}, "window", "given inf; accepted"),
    ({"window": "1e999"}, "window", "accepted: a number"),
    ({"window": "nan"}, "window", "given 'nan'"),
    ({"window": 99}, "window", "given 99; accepted: a number from 0.05 to 28 s."),
    ({"window": True}, "window", "given True; accepted: a number"),
    ({"window": None}, "window", "given None"),
    ({"window": [0.5]}, "window", "given list"),
    ({"window": {"a": 1}}, "window", "given dict"),
    ({"window": "3 kg"}, "window", "given '3 kg'"),
    ({"window": "3 blah"}, "window", "given '3 blah'"),
    ({"window": "1" * 1_000_000}, "window", "(1000002 characters)"),
    ({"window": "__import__('os').abort()"}, "window", "accepted"),
    ({"band_low": "-40"}, "band_low", "accepted: a number from 10 to 1900 Hz."),
    ({"band_low": 400}, "band_low", "accepted: less than band_high"),
    ({"q_low": 3.9}, "q_low", "from 4 to 64"),
    ({"q_high": 65}, "q_high", "from 4 to 64"),
    ({"q_low": 20, "q_high": 10}, "q_low", "less than q_high"),
    ({"notch": "yes"}, "notch", "true or false"),
    ({"notch": 1}, "notch", "true or false"),
    ({"product": "skymp"}, "product", "one of strain, spectrogram, skymap, matched_filter"),
    ({"product": ["strain"]}, "product", "given list"),
    ({"detector": "X1"}, "detector", "one of H1, L1, V1"),
    ({"detector": "V1"}, "detector", "accepted for GW150914: H1 or L1"),
    ({"event": "GW999999"}, "event", "accepted: one of GW150914, GW151226"),
    ({"event": "../../etc/passwd"}, "event", "accepted: one of"),
    ({"event": "x" * 1_000_000}, "event", "(1000002 characters)"),
    ({"event": None}, "time", "accepted: one of the two"),
    ({"event": "", "time": ""}, "time", "accepted: one of the two"),
    ({"event": "GW150914", "time": 1126259462.4}, "time", "accepted: one of the two"),
    ({"event": "GW170814"}, "event", "strain is here for GW150914, GW151226"),
    ({"event": "GW151226", "product": "matched_filter"}, "event", "no waveform model for GW151226"),
    ({"time": 5.0}, "time", "strain is here for"),
    ({"time": -1}, "time", "from 0 to 2e+09 s"),
    ({"time": 1126259462.4, "product": "skymap"}, "event", "accepted for the product skymap"),
    ({"time": 1126259446.1}, "window", "accepted: a window between"),
    ({"window": 28, "time": 1126259450}, "window", "Give a shorter window"),
    ({"time": 968654552.5}, "processing", "whitening wants at least 8 s"),
    ({"time": 968654552.5, "product": "spectrogram"}, "product", "whitening wants at least 8 s"),
]


@pytest.mark.parametrize(("values", "field", "words"), REFUSED, ids=lambda each: str(each)[:40])
def test_refused_with_name_given_and_accepted(values: dict[str, object], field: str, words: str) -> None:
    with pytest.raises(BadParameter) as refused:
        INSTRUMENT.inputs(check(GravitationalWaves, values))
    assert refused.value.field == field
    assert words in f"{refused.value.message} {refused.value.remedy}"
    assert len(refused.value.message) < 400


TAKEN = [
    ({"window": "500 ms"}, "window", 0.5),
    ({"window": " 0.25 "}, "window", 0.25),
    ({"window": 2}, "window", 2.0),
    ({"band_low": "0.04 kHz"}, "band_low", 40.0),
    ({"event": "gw151226"}, "event", "GW151226"),
    ({"detector": "l1"}, "detector", "L1"),
    ({"time": "1126259462.4"}, "event", None),
    ({"event": "", "time": 1126259462.4}, "event", None),
    ({"time": ""}, "time", None),
]


@pytest.mark.parametrize(("values", "name", "value"), TAKEN, ids=lambda each: str(each)[:40])
def test_taken_in_the_schemas_unit(values: dict[str, object], name: str, value: object) -> None:
    assert getattr(check(GravitationalWaves, values), name) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(list(GravitationalWaves.model_fields)) | st.text(max_size=8), json_values, max_size=4
    )
)
def test_whatever_is_given_is_checked_or_refused_in_words(values: dict[str, object]) -> None:
    try:
        parameters = check(GravitationalWaves, values)
    except BadParameter as refused:
        assert refused.message
        return
    json.dumps(parameters.relevant(), allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.05, 28), st.sampled_from([("s", 1.0), ("ms", 1e-3), ("min", 60.0)]))
def test_units_are_converted(seconds: float, unit: tuple[str, float]) -> None:
    given_text = f"{seconds / unit[1]:.12g} {unit[0]}"
    window = check(GravitationalWaves, {"window": given_text}).window if 0.0501 < seconds < 27.9 else seconds
    assert window == pytest.approx(seconds, rel=1e-9)
