"""Which platform is meant, and that another one never gets the lab's token."""

from __future__ import annotations

import subprocess
import sys

import pytest

import uraniborg
from uraniborg._connection import current, environment

LAB = {"URANIBORG_PORTAL_URL": "http://127.0.0.1:8000/services/portal/", "JUPYTERHUB_API_TOKEN": "lab-token"}


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        (LAB, ("http://127.0.0.1:8000/services/portal/", "lab-token")),
        ({}, ("http://127.0.0.1:8000/services/portal/", None)),
        ({"URANIBORG_PORT": "8123"}, ("http://127.0.0.1:8123/services/portal/", None)),
        ({**LAB, "URANIBORG_TOKEN": "mine"}, ("http://127.0.0.1:8000/services/portal/", "mine")),
    ],
)
def test_environment_names_the_platform(variables: dict[str, str], found: tuple[str, str | None]) -> None:
    assert environment(variables) == found


def test_another_platform_does_not_get_the_labs_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in LAB.items():
        monkeypatch.setenv(key, value)
    assert uraniborg.connect().signed
    assert not uraniborg.connect("https://elsewhere.example.org").signed
    assert current().url == "https://elsewhere.example.org/services/portal/"


def test_in_a_lab_of_a_cluster_pages_are_where_browsers_find_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URANIBORG_PORTAL_URL", "http://uraniborg-portal.science:8000/services/portal/")
    monkeypatch.setenv("URANIBORG_PUBLIC_URL", "https://example.org/")
    inside = uraniborg.connect()
    assert inside.url == "http://uraniborg-portal.science:8000/services/portal/"
    assert inside.pages == "https://example.org/services/portal/"
    outside = uraniborg.connect("https://elsewhere.example.org")
    assert outside.pages == outside.url


def test_import_is_light_and_silent() -> None:
    code = (
        "import sys, time; start = time.perf_counter(); import uraniborg; took = time.perf_counter() - start; "
        "heavy = {'astropy', 'pandas', 'pyarrow', 'httpx', 'bokeh', 'ipywidgets', 'dask'} & set(sys.modules); "
        "assert not heavy, heavy; assert took < 1, took; assert 'query' in dir(uraniborg)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_public_names_all_load() -> None:
    assert all(getattr(uraniborg, name) is not None for name in uraniborg.__all__)
    with pytest.raises(AttributeError, match="no attribute 'qeury'"):
        getattr(uraniborg, "qeu" + "ry")
