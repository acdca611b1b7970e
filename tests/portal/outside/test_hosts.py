"""Which hosts may be asked on behalf of a user."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from uraniborg_portal.errors import BadParameter, PortalError, TooLarge, Unavailable
from uraniborg_portal.outside.content import limited
from uraniborg_portal.outside.hosts import AllowedHosts, check_url, is_public
from uraniborg_portal.outside.transport import FAILURES, client

Serve = Callable[[Starlette], AbstractContextManager[str]]

NOT_PUBLIC = (
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "fe80::1%eth0", "no address",
)  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_of_no_public_network_is_told_from_others(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["130.79.128.31", "2001:660:2402::31", "64:ff9b::824f:801f", "::ffff:130.79.128.31"]
)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://simbad.example/tap", "is no address"),
        ("file:///etc/passwd", "is no address"),
        ("//simbad.example/tap", "is no address"),
        ("http://", "is no address"),
        ("http://[::1", "is no address"),
        ("https://tycho:brahe@simbad.example/tap", "user or password"),
        ("https://evil.example/tap", "accepted: simbad.example"),
        ("https://simbad.example.evil.example/tap", "accepted: simbad.example"),
    ],
)
def test_only_allowed_hosts_are_asked(url: str, words: str) -> None:
    with pytest.raises(BadParameter, match=re.escape(words)):
        check_url(url, AllowedHosts(public=frozenset({"simbad.example"})))
    check_url("HTTPS://SIMBAD.example/tap", AllowedHosts(public=frozenset({"simbad.example"})))


@pytest.fixture(scope="module")
def host(serve: Serve) -> Iterator[str]:
    """A host that shows what it is sent, leads elsewhere, sets cookies, and sends bombs."""

    def shown(request: Request) -> JSONResponse:
        return JSONResponse(dict(request.headers), headers={"Set-Cookie": "taste=sweet"})

    def away(request: Request) -> RedirectResponse:
        return RedirectResponse(request.query_params["to"])

    def bomb(request: Request) -> Response:
        return Response(gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": request.query_params["as"]})

    def again(request: Request) -> RedirectResponse:
        return RedirectResponse(str(request.url))

    routes = [Route("/shown", shown), Route("/away", away), Route("/bomb", bomb), Route("/again", again)]
    with serve(Starlette(routes=routes)) as url:
        yield url


def read(url: str, allowed: AllowedHosts, addresses: dict[str, list[str]], times: int = 1) -> bytes:
    """The body at a URL, where names have these addresses."""

    async def resolver(name: str, port: int) -> list[str]:
        return addresses[name]

    async def asked() -> bytes:
        async with client(allowed, 10, resolver=resolver) as http:
            for _ in range(times):
                async with http.stream("GET", url) as answer:
                    content = await limited(answer, 1_000_000)
            return content

    return asyncio.run(asked())


def at(host: str, name: str) -> str:
    """The host's address under another name."""
    return host.replace("127.0.0.1", name)


HERE = {"named.example": ["127.0.0.1"], "known.example": ["130.79.128.31", "127.0.0.1"], "any.example": ["127.0.0.1"]}


def test_a_host_that_the_operator_names_may_be_of_this_network_and_no_other(host: str) -> None:
    allowed = AllowedHosts(named=frozenset({"named.example"}), public=frozenset({"known.example"}), every=True)
    sent = read(at(host, "named.example") + "/shown", allowed, HERE, times=2)
    assert b"named.example" in sent
    assert not any(name in sent.lower() for name in (b"cookie", b"authorization"))
    for name in ("known.example", "any.example"):
        with pytest.raises(BadParameter, match="not of the public internet"):
            read(at(host, name) + "/shown", allowed, HERE)


def test_redirects_are_checked_like_the_first_address_and_are_few(host: str) -> None:
    allowed = AllowedHosts(named=frozenset({"named.example"}), every=True)
    here = at(host, "named.example")
    assert b"named.example" in read(f"{here}/away?to={here}/shown", allowed, HERE)
    for to in (at(host, "any.example") + "/shown", "http://any.example/latest/meta-data"):
        with pytest.raises(BadParameter, match="public internet"):
            read(f"{here}/away?to={to}", allowed, HERE)
    for wrong in (f"{here}/away?to=file:///etc/passwd", f"{here}/again"):
        with pytest.raises((PortalError, *FAILURES)):
            read(wrong, allowed, HERE)


def test_an_answer_is_unpacked_no_further_than_its_limit(host: str) -> None:
    allowed = AllowedHosts(named=frozenset({"127.0.0.1"}))
    with pytest.raises(TooLarge, match="more than 1 MB"):
        read(f"{host}/bomb?as=gzip", allowed, {"127.0.0.1": ["127.0.0.1"]})
    with pytest.raises(Unavailable, match="not asked for"):
        read(f"{host}/bomb?as=br", allowed, {"127.0.0.1": ["127.0.0.1"]})
