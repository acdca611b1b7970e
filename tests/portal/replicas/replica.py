"""A replica of the portal as a process; users are named by a header, as the hub names them by a token."""

from __future__ import annotations

import sys

from fastapi import Request

from uraniborg_portal.identity.dependencies import optional_user
from uraniborg_portal.identity.models import User
from uraniborg_portal.main import create_app
from uraniborg_portal.serve import answer, listen
from uraniborg_portal.settings import Settings


def who(request: Request) -> User | None:
    """Name the user by a header."""
    name = request.headers.get("x-user")
    return User(name=name) if name else None


if __name__ == "__main__":
    settings = Settings()
    app = create_app(settings)
    app.dependency_overrides[optional_user] = who
    sock = listen("127.0.0.1", 0)
    sys.stdout.write(f"{sock.getsockname()[1]}\n")
    sys.stdout.flush()
    answer(app, settings, sock)
