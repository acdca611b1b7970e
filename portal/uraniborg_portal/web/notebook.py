"""A notebook that repeats a result: nbformat 4.5 JSON, ready to run in a lab."""

from __future__ import annotations

import hashlib
from typing import Any

from uraniborg_portal.queries.models import StoredResult


def cell(kind: str, text: str) -> dict[str, Any]:
    """Give a cell; its id follows from its text, so that one result gives one file."""
    identifier = hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()[:12]
    common = {"cell_type": kind, "id": identifier, "metadata": {}, "source": text.splitlines(keepends=True)}
    return common if kind == "markdown" else {**common, "execution_count": None, "outputs": []}


def notebook(title: str, intro: str, codes: tuple[str, ...]) -> dict[str, Any]:
    """Give a notebook: a heading with an introduction, then one cell per code."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {
        "cells": [cell("markdown", f"# {title}\n\n{intro}"), *(cell("code", code) for code in codes)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def of_query(stored: StoredResult, address: str) -> dict[str, Any]:
    """Give the notebook of a query result; `address` is its page."""
    described = stored.description
    what = "Repeats the query of" if stored.adql else "Gives the table of"
    intro = f"{what} <{address}>: {described.rows} rows.\n\n"
    intro += "\n".join(f"- {note}" for note in described.notes)
    repeat = stored.python.strip()
    return notebook("A query of Uraniborg", intro.strip(), (repeat, "table"))
