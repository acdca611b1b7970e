"""Names that a result can land in."""

from __future__ import annotations

import pytest

from uraniborg import UraniborgError
from uraniborg.widgets._variable import checked_name


@pytest.mark.parametrize("name", ["stars", "gw_product", "Größe", "x1"])
def test_variables(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "my stars", "1st", "class", "_hidden", "a.b", "x=1", "__import__('os')"])
def test_what_is_no_variable_is_refused(name: str) -> None:
    with pytest.raises(UraniborgError, match="can't be a variable"):
        checked_name(name)
