"""The Content-Security-Policy of the hub's pages."""

from __future__ import annotations

from types import SimpleNamespace

from jinja2 import Environment

from uraniborg_hub.policy import NonceExtension, policy


class Handler(SimpleNamespace):
    """What a page is rendered for."""

    subdomain_host = ""

    def set_header(self, name: str, value: str) -> None:
        """Keep the header."""
        self.headers = {name: value}

    def static_url(self, path: str) -> str:
        """Give the address of a static file."""
        return f"/hub/static/{path}"


def render(source: str, **values: str) -> tuple[str, str]:
    handler = Handler()
    page = Environment(autoescape=True, extensions=[NonceExtension]).from_string(source)
    html = page.render(static_url=handler.static_url, **values)
    return html, handler.headers["Content-Security-Policy"]


def test_scripts_of_the_template_run_and_scripts_of_values_do_not() -> None:
    html, header = render("<script>a()</script>{{ value | safe }}", value="<script>evil()</script>")
    nonce = header.partition("'nonce-")[2].partition("'")[0]
    assert html == f'<script nonce="{nonce}">a()</script><script>evil()</script>'


def test_each_request_has_its_own_nonce() -> None:
    assert render("<script></script>")[1] != render("<script></script>")[1]


def test_only_the_administrators_page_may_add_style_sheets() -> None:
    assert "style-src 'self';" in policy("n") and "script-src 'self' 'nonce-n';" in policy("n")
    assert "style-src 'self' 'unsafe-inline';" in policy("n", inline_styles=True)
    assert "nonce" not in policy() and "frame-ancestors 'none'" in policy()


def test_a_forms_answer_may_lead_to_hosts_of_labs_and_services() -> None:
    assert "form-action 'self';" in policy()
    assert "form-action 'self' https://*.a.example.org:8443;" in policy(subdomain_host="https://a.example.org:8443")
