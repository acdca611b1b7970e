"""Lines of a pasted list: names, positions and labels in the forms that people have; none takes another with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.queries.targets.lines import lines_of

LINES = [
    ("M31", ("M31", "M31", False)),
    ("10.68 41.27", ("10.68 41.27", "10.68 41.27", False)),
    ("00:42:44.3 +41:16:09", ("00:42:44.3 +41:16:09", "00:42:44.3 +41:16:09", False)),
    ("10.68, 41.27", ("10.68, 41.27", "10.68, 41.27", True)),
    ("my star, 10.68, 41.27", ("my star", "10.68, 41.27", True)),
    ("my star; 10.68; 41.27", ("my star", "10.68, 41.27", True)),
    ('"my star",10.68,-41.27,', ("my star", "10.68, -41.27", True)),
    ("my star\t00:42:44.3\t+41:16:09", ("my star", "00:42:44.3, +41:16:09", True)),
    ("my star, 00:42:44.3 +41:16:09", ("my star", "00:42:44.3 +41:16:09", True)),
    ("my star 10.68 41.27", ("my star", "10.68 41.27", True)),
    ("gal 209.01 -19.38", ("gal 209.01 -19.38", "gal 209.01 -19.38", False)),
    ("HD 209458", ("HD 209458", "HD 209458", False)),
    ("Barnard's star", ("Barnard's star", "Barnard's star", False)),
]


@pytest.mark.parametrize(("text", "expected"), LINES, ids=[text for text, _ in LINES])
def test_a_line_is_a_name_or_a_position_or_both(text: str, expected: tuple[str, str, bool]) -> None:
    (line,), problems = lines_of(text)
    assert (line.label, line.place, line.must_be_position) == expected
    assert not problems


def test_numbers_of_lines_count_what_is_left_out() -> None:
    lines, problems = lines_of("name, ra, dec\n\n# mine\nM31\n a, b, c, d \n" + "x" * 300 + "\nM42\n")
    assert [(line.number, line.label) for line in lines] == [(4, "M31"), (7, "M42")]
    assert [problem.number for problem in problems] == [5, 6]
    assert "4 fields" in problems[0].why and "300 characters" in problems[1].why
    assert len(problems[1].text) == 80


@pytest.mark.parametrize(
    "line",
    ["name, ra, dec", "ra,dec", "RAJ2000;DEJ2000", "target_name\tra (deg)\tdec (deg)", "ra dec", "name ra dec",
     "Object,RA_ICRS,DE_ICRS", "id, ra_deg, dec_deg", "source, object"],
)  # fmt: skip
def test_a_first_line_that_names_columns_is_no_target(line: str) -> None:
    lines, problems = lines_of(line + "\n1.5, 2.5")
    assert ([each.number for each in lines], problems) == ([2], [])


@pytest.mark.parametrize(
    "line",
    ["Target 5, Object 7", "Source A, M31", "name 1, 10.5, 20.5", "ID 12, 10.5, 20.5", "RA 10 DEC 20", "Object X",
     "id 5; source 9", "name", "Dec 1, M31"],
)  # fmt: skip
def test_a_first_line_of_data_is_a_target_or_told(line: str) -> None:
    lines, problems = lines_of(line + "\n1.5, 2.5")
    assert [each.number for each in (*lines, *problems)] in ([1, 2], [2, 1])


@given(st.text())
def test_every_line_is_read_told_or_a_remark(text: str) -> None:
    lines, problems = lines_of(text)
    told = [line.number for line in lines] + [problem.number for problem in problems]
    assert len(set(told)) == len(told)
    assert set(told) <= set(range(1, len(text.splitlines()) + 1))
