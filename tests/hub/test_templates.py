"""Our pages over JupyterHub's own, rendered by its environment."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from jupyterhub.utils import format_exception

from uraniborg_hub.kubernetes.failure import Failure, LabFailed

Page = Callable[..., str]
FAILURE = Failure(
    code="profile", sentence="There is no lab <b> that you may start.", next_step="Choose one.", details=("no <i>",)
)


def test_the_form_shows_why_a_start_failed_with_its_next_step(page: Page) -> None:
    plain, html = format_exception(LabFailed(FAILURE))
    shown = page("spawn.html", spawner_options_form="<i>form</i>", error_message=plain, html_error_message=html)
    assert "There is no lab &lt;b&gt; that you may start.</strong><br>Choose one." in shown
    assert "<pre>no &lt;i&gt;</pre>" in shown and "Error: " not in shown
    assert shown.count("There is no lab") == 1


@pytest.mark.parametrize(("message", "shown"), [("It <failed>.", True), ("", False)])
def test_the_form_shows_a_plain_reason_too(page: Page, message: str, shown: bool) -> None:
    text = page("spawn.html", spawner_options_form="", error_message=message, html_error_message="")
    assert ("Error: It &lt;failed&gt;." in text) is shown and ("spawn-error-msg" in text) is shown
