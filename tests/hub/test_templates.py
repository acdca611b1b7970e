"""Our pages over JupyterHub's own, rendered by its environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from jupyterhub._data import DATA_FILES_PATH
from jupyterhub.utils import format_exception, url_path_join

import uraniborg_hub
from uraniborg_hub.kubernetes.failure import Failure, LabFailed

OURS = Path(uraniborg_hub.__file__).parent / "templates"
FAILURE = Failure(
    code="profile", sentence="There is no lab <b> that you may start.", next_step="Choose one.", details=("no <i>",)
)


def page(name: str, **values: str) -> str:
    """Render a page as JupyterHub's `init_tornado_settings` sets its environment up."""
    base = FileSystemLoader([str(Path(DATA_FILES_PATH) / "templates")])
    loader = ChoiceLoader([FileSystemLoader([str(OURS)]), PrefixLoader({"templates": base}, "/"), base])
    environment = Environment(loader=loader, autoescape=True)
    common = {
        "base_url": "/hub/",
        "prefix": "/",
        "static_url": lambda path, **_: f"/hub/static/{path}",
        "parsed_scopes": {},
        "services": [],
        "url_path_join": url_path_join,
    }
    return environment.get_template(name).render(**common, **values)


def test_the_form_shows_why_a_start_failed_with_its_next_step() -> None:
    plain, html = format_exception(LabFailed(FAILURE))
    shown = page("spawn.html", spawner_options_form="<i>form</i>", error_message=plain, html_error_message=html)
    assert "There is no lab &lt;b&gt; that you may start.</strong><br>Choose one." in shown
    assert "<pre>no &lt;i&gt;</pre>" in shown and "Error: " not in shown
    assert shown.count("There is no lab") == 1


@pytest.mark.parametrize(("message", "shown"), [("It <failed>.", True), ("", False)])
def test_the_form_shows_a_plain_reason_too(message: str, shown: bool) -> None:
    text = page("spawn.html", spawner_options_form="", error_message=message, html_error_message="")
    assert ("Error: It &lt;failed&gt;." in text) is shown and ("spawn-error-msg" in text) is shown
