"""The portal's words reach the user, in a traceback and in a notebook."""

from __future__ import annotations

import traceback

import pytest

from uraniborg import UraniborgError

REFUSED = {
    "error": "not_found",
    "message": "There is no catalog 'hiparcos'.",
    "remedy": "Choose one of those listed.",
    "field": "catalog",
    "suggestions": ["hipparcos"],
}


def test_error_keeps_the_portals_words() -> None:
    error = UraniborgError.from_json(404, REFUSED)
    assert (error.code, error.field, error.suggestions) == ("not_found", "catalog", ("hipparcos",))
    assert str(error) == REFUSED["message"]


def test_traceback_and_notebook_show_the_remedy() -> None:
    error = UraniborgError.from_json(404, REFUSED)
    plain = "".join(traceback.format_exception(error))
    short = "\n".join(error._render_traceback_())
    for shown in (plain, short):
        assert "Choose one of those listed." in shown
        assert "Nearest known names: hipparcos." in shown
    assert "File" not in short


@pytest.mark.parametrize("content", [None, "gateway", [], {"detail": "Not Found"}, {"message": 3}])
def test_answer_without_words_still_makes_a_sentence(content: object) -> None:
    assert str(UraniborgError.from_json(502, content)) == (
        "The platform answered with HTTP status 502 and no explanation."
    )
