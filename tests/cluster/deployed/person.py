"""A user at the other end of HTTP: signs in with a password, starts a lab, runs code in it, stops it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from deployed.kernel import Answer, run

START_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Person:
    """Someone who is signed in."""

    name: str
    url: str
    browser: httpx.Client
    """Has the cookies that a browser would have."""
    token: str
    """Of the hub, made by its owner after signing in."""

    @property
    def lab_url(self) -> str:
        """Where the user's lab answers; ends with a slash."""
        return f"{self.url}user/{self.name}/"

    @property
    def headers(self) -> dict[str, str]:
        """What a program sends to be this user."""
        return {"Authorization": f"token {self.token}"}

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send a program's request to a path of the platform, and give the answer, whatever it is."""
        address = f"{self.url}{path}"
        return httpx.request(method, address, headers=self.headers, json=body, timeout=60, trust_env=False)

    def start_lab(self, options: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Start the lab, and give what the hub told on the way; the last of it says whether it is ready."""
        asked = self.ask("POST", f"hub/api/users/{self.name}/server", options or {})
        assert asked.status_code in (201, 202), asked.text
        return self.progress()

    def progress(self) -> list[dict[str, Any]]:
        """Give the events of a start until it is ready or has failed, as the spawn page shows them."""
        told: list[dict[str, Any]] = []
        path = f"{self.url}hub/api/users/{self.name}/server/progress"
        headers = {**self.headers, "Accept": "text/event-stream"}
        with httpx.stream("GET", path, headers=headers, timeout=START_SECONDS, trust_env=False) as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    told.append(json.loads(line.removeprefix("data:")))
                if told and (told[-1].get("ready") or told[-1].get("failed")):
                    break
        return told

    def stop_lab(self) -> None:
        """Have the hub stop the lab; it may take a moment more."""
        asked = self.ask("DELETE", f"hub/api/users/{self.name}/server")
        assert asked.status_code in (202, 204), asked.text

    def lab(self, path: str) -> httpx.Response:
        """Ask the lab itself."""
        return self.ask("GET", f"user/{self.name}/{path}")

    def have_lab(self) -> None:
        """Start the lab unless it runs, and return when it is ready."""
        asked = self.ask("POST", f"hub/api/users/{self.name}/server", {})
        assert asked.status_code in (201, 202) or "already running" in asked.text, asked.text
        # JupyterHub 6.1.1 says 201 also of a start that is under way, when the one before it failed (user.py:265-270).
        if asked.is_success:
            told = self.progress()
            assert told[-1].get("ready"), told

    def looking(self, path: str) -> Callable[[], str]:
        """Give a question whether a path answers, in seconds: what it says otherwise, empty when all is well.

        It keeps its connection, as browsers do. One that is made anew each time meets, sooner or later, what a node's
        connection tracking remembers of a proxy that died with connections open, and hangs for a minute.
        """
        client = httpx.Client(headers=self.headers, timeout=5, trust_env=False)

        def look() -> str:
            answer = client.get(f"{self.url}{path}")
            return "" if answer.is_success else str(answer)

        return look

    def kernel(self) -> str:
        """Start a kernel in the lab, and give its name."""
        made = self.ask("POST", f"user/{self.name}/api/kernels", {"name": "python3"})
        assert made.status_code == 201, made.text
        name: str = made.json()["id"]
        return name

    def run(self, code: str, seconds: float = 120, *, kernel: str = "") -> Answer:
        """Run code in a kernel of the lab, by default a new one, and give what a notebook would show."""
        return run(f"{self.lab_url}api/kernels/{kernel or self.kernel()}/channels", self.headers, code, seconds)


def sign_in(url: str, name: str, password: str) -> Person:
    """Sign in by the hub's form, as a browser does, and have a token made for programs."""
    browser = httpx.Client(base_url=url, follow_redirects=True, timeout=60, trust_env=False)
    browser.get("hub/login").raise_for_status()
    form = {"username": name, "password": password, "_xsrf": _xsrf(browser)}
    page = browser.post("hub/login", params={"next": "/hub/home"}, data=form)
    assert page.status_code == 200, page.text
    headers = {"X-XSRFToken": _xsrf(browser), "Referer": f"{url}hub/home"}
    made = browser.post(f"hub/api/users/{name}/tokens", json={"note": "tests"}, headers=headers)
    assert made.status_code == 201, made.text
    return Person(name=name, url=url, browser=browser, token=made.json()["token"])


def _xsrf(browser: httpx.Client) -> str:
    return browser.cookies.get("_xsrf", path="/hub/") or ""
