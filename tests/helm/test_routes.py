"""Ingress and HTTPRoute: the portal's traffic goes to the portal, everything else to the proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Render


PORTAL, PROXY = "uraniborg-portal", "uraniborg-proxy-public"
OWN_HOSTS = {"publicUrl": "https://a.example.org:8443/", "subdomainHost": "https://a.example.org:8443"}
"""Each lab and service on a host of its own."""


def ingress_targets(objects: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Give the Service of each path of each host."""
    (ingress,) = [each for each in objects if each["kind"] == "Ingress"]
    return {
        rule.get("host", ""): {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
        for rule in ingress["spec"]["rules"]
    }


def test_ingress(render: Render) -> None:
    both = {"/services/portal": PORTAL, "/": PROXY}
    assert ingress_targets(render({"ingress": {"enabled": True}})) == {"": both}
    hosts = {"ingress": {"enabled": True, "hosts": ["a.example.org", "b.example.org"]}}
    assert ingress_targets(render(hosts)) == {"a.example.org": both, "b.example.org": both}


def test_a_labs_host_is_all_its_own(render: Render) -> None:
    """The portal's pages are on the portal's host only, and hosts have no port."""
    found = ingress_targets(render({"ingress": {"enabled": True, "hosts": ["a.example.org"]}, **OWN_HOSTS}))
    assert found == {
        "portal--service.a.example.org": {"/services/portal": PORTAL, "/": PROXY},
        "a.example.org": {"/": PROXY},
        "*.a.example.org": {"/": PROXY},
    }


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


def test_http_routes_of_hosts_of_their_own(render: Render) -> None:
    values = {"httpRoute": {"enabled": True, "hostnames": ["a.example.org"], "gateways": [{"name": "public"}]}}
    routes = [each for each in render(values | OWN_HOSTS) if each["kind"] == "HTTPRoute"]
    found = {
        tuple(route["spec"]["hostnames"]): [rule["backendRefs"][0]["name"] for rule in route["spec"]["rules"]]
        for route in routes
    }
    assert found == {
        ("portal--service.a.example.org",): [PORTAL, PROXY],
        ("a.example.org", "*.a.example.org"): [PROXY],
    }
    assert len({route["metadata"]["name"] for route in routes}) == 2


def test_neither_by_default(render: Render) -> None:
    assert not [each for each in render() if each["kind"] in {"Ingress", "HTTPRoute"}]
