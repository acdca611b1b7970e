"""Ingress and HTTPRoute: the portal's traffic goes to the portal, everything else to the proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Render


def test_ingress(render: Render) -> None:
    values = {"ingress": {"enabled": True, "hosts": ["a.example.org"]}, "subdomainHost": "http://a.example.org"}
    (ingress,) = [each for each in render(values) if each["kind"] == "Ingress"]
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == ["a.example.org", "*.a.example.org"]
    for rule in ingress["spec"]["rules"]:
        targets = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
        assert targets == {"/services/portal": "uraniborg-portal", "/": "uraniborg-proxy-public"}


def test_http_route(render: Render) -> None:
    gateway = {"name": "public", "namespace": "gateways"}
    values = {"httpRoute": {"enabled": True, "hostnames": ["a.example.org"], "gateways": [gateway]}}
    (route,) = [each for each in render(values) if each["kind"] == "HTTPRoute"]
    assert route["spec"]["parentRefs"] == [gateway]
    targets = {rule["matches"][0]["path"]["value"]: rule["backendRefs"][0] for rule in route["spec"]["rules"]}
    assert targets == {
        "/services/portal": {"name": "uraniborg-portal", "port": 8000},
        "/": {"name": "uraniborg-proxy-public", "port": 80},
    }


def test_neither_by_default(render: Render) -> None:
    assert not [each for each in render() if each["kind"] in {"Ingress", "HTTPRoute"}]
