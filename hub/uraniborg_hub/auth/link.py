"""Sign-in by a one-time link: a GET shows a button, the POST uses the link up."""

from __future__ import annotations

from pathlib import Path

from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.handlers import BaseHandler
from jupyterhub.utils import url_path_join
from traitlets import Bool, Instance, default

from uraniborg_hub.auth import links


class LinkHandler(BaseHandler):
    """`GET /hub/link?token=…` and `POST /hub/link`; open to all, since nobody is signed in yet.

    A GET changes nothing: link previews, a prefetch and a second tab may fetch it. JupyterHub keeps the parameter
    `token` out of its log, and it goes no further: no redirect, no `Referer` and no cache carries it.
    """

    def set_default_headers(self) -> None:
        """Keep the link out of caches and `Referer` headers."""
        BaseHandler.set_default_headers(self)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")

    def append_query_parameters(self, url: str, exclude: list[str] | None = None) -> str:
        """Give the address without the query of this request, which holds the link."""
        return url

    async def get(self) -> None:
        """Show the button of a link that works, otherwise say how to get one; who is signed in goes on."""
        token = self.get_query_argument("token", "")
        holder = links.holder(self.authenticator.home, token)
        if self.current_user:
            self.redirect(self.get_next_url(self.current_user))
        else:
            await self._page(token=token, holder=holder, refused=bool(token) and holder is None)

    async def post(self) -> None:
        """Use the link up and sign its user in; 403 where it doesn't work (any more)."""
        user = await self.login_user({"token": self.get_body_argument("token", "")})
        if user is None:
            await self._page(token="", holder=None, refused=True)
        else:
            self.redirect(self.get_next_url(user), status=303)

    async def _page(self, *, token: str, holder: str | None, refused: bool) -> None:
        if refused:
            self.set_status(403)
        action = url_path_join(self.hub.base_url, "link")
        goal = self.get_argument("next", "")
        values = {"token": token, "holder": holder, "refused": refused, "action": action, "next": goal}
        self.finish(await self.render_template("link.html", **values, here=self.authenticator.here))


class LinkAuthenticator(Authenticator):
    """Lets in whoever brings a link that `uraniborg_hub.auth.links` issued, as the user for whom it was made."""

    home = Instance(Path, help="The state folder that holds the links.").tag(config=True)
    here = Bool(True, help="Whether people sit at the machine that runs the hub, and make links themselves.").tag(
        config=True
    )
    auto_login = True

    @default("allow_all")
    def _every_holder(self) -> bool:
        # The link itself is the permission: only who may write in the state folder can make one.
        return True

    def login_url(self, base_url: str) -> str:
        """Give the page that says how to sign in."""
        return str(url_path_join(base_url, "link"))

    def get_handlers(self, app: JupyterHub) -> list[tuple[str, type[BaseHandler]]]:
        """Give the one route of this authenticator."""
        return [(r"/link", LinkHandler)]

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> str | None:
        """Give the user of the link in `data["token"]`, which is used up by it."""
        return links.consume(self.home, data.get("token", ""))
