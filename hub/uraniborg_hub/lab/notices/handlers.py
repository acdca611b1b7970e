"""Routes of the lab's own server, for the lab's page: `GET uraniborg/notices` and `POST uraniborg/activity`."""

from __future__ import annotations

import json
from dataclasses import asdict

from jupyter_server.base.handlers import APIHandler
from tornado.web import authenticated

from uraniborg_hub.lab.notices.board import Board


class NoticesHandler(APIHandler):
    """Notices of this lab; for whoever may enter it. Asking is not use."""

    _track_activity = False

    def initialize(self, board: Board) -> None:
        """Take what holds the notices."""
        self.board = board

    @authenticated
    def get(self) -> None:
        """Give the notices of now, and when to ask again."""
        self.finish(answer(self.board))


class ActivityHandler(NoticesHandler):
    """Somebody uses this lab; for whoever may enter it."""

    @authenticated
    async def post(self) -> None:
        """Count this moment as use, and give the notices that are left."""
        await self.board.keep()
        self.finish(answer(self.board))


def answer(board: Board) -> str:
    """Give the JSON that the page reads."""
    notices = [asdict(each) for each in board.notices()]
    return json.dumps({"notices": notices, "again": board.again, "use": board.use_seconds})
