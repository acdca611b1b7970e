"""Names that complete, and the nearest ones where a name is wrong."""

from __future__ import annotations

import pytest

from uraniborg import UraniborgError
from uraniborg._named import Named

TABLE = Named({"hipparcos": 1, "openngc": 2})


def test_found_as_attribute_and_item() -> None:
    assert (TABLE.hipparcos, TABLE["openngc"], "gaia" in TABLE, list(TABLE)) == (1, 2, False, ["hipparcos", "openngc"])


def test_completes() -> None:
    assert {"hipparcos", "openngc"} <= set(dir(TABLE))
    assert TABLE._ipython_key_completions_() == ["hipparcos", "openngc"]


def test_wrong_name_gives_the_nearest() -> None:
    with pytest.raises(UraniborgError) as raised:
        TABLE["hiparcos"]
    assert raised.value.suggestions == ("hipparcos",)
    with pytest.raises(AttributeError, match="hipparcos, openngc"):
        _ = TABLE.gaia
