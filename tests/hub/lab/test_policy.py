"""The Content-Security-Policy of labs."""

from __future__ import annotations

import pytest

from uraniborg_hub.lab.policy import chooser, lab_policy, script_hashes, voila_policy


def test_the_hash_of_an_inline_script_is_the_one_a_browser_computes() -> None:
    page = '<script id="data" type="application/json">{}</script><script>alert(1)</script>'
    assert script_hashes(page) == ("bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=",)


def test_only_voila_may_have_inline_scripts_and_only_lab_eval() -> None:
    lab, voila = lab_policy(("abc=",), "ws://127.0.0.1:8000"), voila_policy("")
    scripts = {
        name: text.partition("script-src ")[2].partition(";")[0] for name, text in (("lab", lab), ("voila", voila))
    }
    assert scripts["lab"] == "'self' 'unsafe-eval' blob: 'sha256-abc='"
    assert scripts["voila"] == "'self' 'unsafe-inline' blob:"
    assert "connect-src 'self' ws://127.0.0.1:8000;" in lab and "connect-src 'self';" in voila
    assert all("object-src 'none'" in text and "https:" not in text for text in (lab, voila))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/user/tycho/lab", "lab"),
        ("/user/tycho/lab/tree/start", "lab"),
        ("/user/tycho/doc/tree/a.ipynb", "lab"),
        ("/user/tycho/voila/render/a.ipynb", "voila"),
        ("/user/tycho/labels", None),
        ("/user/tycho/files/lab/page.html", None),
        ("/user/tycho/nbconvert/html/a.ipynb", None),
        ("/", None),
    ],
)
def test_a_path_gets_its_policy(path: str, expected: str | None) -> None:
    assert chooser("/user/tycho/", "lab", "voila")(path) == expected
