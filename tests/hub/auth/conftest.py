"""A real OAuth provider on loopback: authorization code with PKCE, checked by oauthlib."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from oauthlib.common import Request
from oauthlib.oauth2 import RequestValidator, WebApplicationServer

PASSWORDS = {"kepler": "mars-1609", "galilei": "jupiter-1610"}


class Validator(RequestValidator):
    """One client, with a secret; codes and tokens in memory."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.codes: dict[str, SimpleNamespace] = {}
        self.tokens: dict[str, str] = {}

    def validate_client_id(self, client_id: str, request: Request, *_: object, **__: object) -> bool:
        request.client = SimpleNamespace(client_id=client_id)
        return client_id == self.provider.client_id

    def authenticate_client(self, request: Request, *_: object, **__: object) -> bool:
        request.client = SimpleNamespace(client_id=request.client_id)
        return request.client_id == self.provider.client_id and hmac.compare_digest(
            request.client_secret or "", self.provider.client_secret
        )

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, *_: object, **__: object) -> bool:
        return redirect_uri == self.provider.callback

    def validate_response_type(self, client_id: str, response_type: str, *_: object, **__: object) -> bool:
        return response_type == "code"

    def validate_grant_type(self, client_id: str, grant_type: str, *_: object, **__: object) -> bool:
        return grant_type == "authorization_code"

    def validate_scopes(self, *_: object, **__: object) -> bool:
        return True

    def get_default_scopes(self, *_: object, **__: object) -> list[str]:
        return ["profile"]

    def is_pkce_required(self, *_: object, **__: object) -> bool:
        return True

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Request, *_: object, **__: object
    ) -> None:
        self.codes[code["code"]] = SimpleNamespace(
            user=request.user,
            redirect_uri=request.redirect_uri,
            challenge=request.code_challenge,
            method=request.code_challenge_method,
        )

    def validate_code(
        self, client_id: str, code: str, client: object, request: Request, *_: object, **__: object
    ) -> bool:
        if code not in self.codes:
            return False
        request.user, request.scopes = self.codes[code].user, ["profile"]
        return True

    def get_code_challenge(self, code: str, request: Request) -> str:
        return self.codes[code].challenge

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return self.codes[code].method

    def confirm_redirect_uri(self, client_id: str, code: str, redirect_uri: str, *_: object, **__: object) -> bool:
        return redirect_uri == self.codes[code].redirect_uri

    def save_bearer_token(self, token: dict[str, str], request: Request, *_: object, **__: object) -> None:
        self.tokens[token["access_token"]] = request.user

    def invalidate_authorization_code(self, client_id: str, code: str, *_: object, **__: object) -> None:
        del self.codes[code]

    def validate_bearer_token(self, token: str, scopes: list[str], request: Request) -> bool:
        request.user = self.tokens.get(token)
        return request.user is not None


@dataclass(kw_only=True)
class Provider:
    """Where it listens, and the client that is registered there."""

    client_id: str = "uraniborg"
    client_secret: str = field(default="s3cret-of-the-client", repr=False)
    callback: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        self.server = WebApplicationServer(Validator(self))


class Pages(BaseHTTPRequestHandler):
    """The provider's HTTP: `/authorize` (a form, then a redirect), `/token`, `/userinfo`."""

    provider: Provider

    def do_GET(self) -> None:
        server = self.provider.server
        if urlsplit(self.path).path == "/userinfo":
            known, request = server.verify_request(self.path, "GET", None, dict(self.headers), ["profile"])
            self.answer(200 if known else 401, json.dumps({"preferred_username": request.user}))
        else:
            server.validate_authorization_request(self.path, "GET", None, dict(self.headers))
            self.answer(200, '<form method="post"><input name="user"><input name="password"></form>')

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if urlsplit(self.path).path == "/token":
            self.reply(self.provider.server.create_token_response(self.path, "POST", body, dict(self.headers)))
            return
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if PASSWORDS.get(form["user"]) != form["password"]:
            self.answer(403, "wrong password")
            return
        make = self.provider.server.create_authorization_response
        self.reply(make(self.path, "GET", None, {}, ["profile"], {"user": form["user"]}))

    def reply(self, made: tuple[dict[str, str], str | None, int]) -> None:
        headers, text, status = made
        self.answer(status, text or "", headers)

    def answer(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that runs until the test ends."""
    # oauthlib demands TLS otherwise; this is loopback.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    provider = Provider()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Pages,), {"provider": provider})) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
