"""Properties files survive writing and reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs import properties
from uraniborg_portal.errors import BadParameter

VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=40).map(str.strip)


@given(values=st.dictionaries(st.from_regex(r"[a-z_]{1,20}", fullmatch=True), VALUES, max_size=6))
def test_what_is_written_is_read(values: dict[str, str]) -> None:
    assert properties.parse(properties.render("test", values)) == values


def test_java_escapes_and_comments() -> None:
    text = "#comment\n!another\n\nname = a\\tb\\\\c\nurl=http\\://x/y=z\n"
    assert properties.parse(text) == {"name": "a\tb\\c", "url": "http://x/y=z"}


def test_nothing_is_written_for_none() -> None:
    assert properties.render("t", {"a": None, "b": 1}) == "#t\nb=1\n"


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match=r"hats\.properties can't be read"):
        properties.read(tmp_path / "hats.properties")
