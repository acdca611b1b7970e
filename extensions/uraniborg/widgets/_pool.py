"""A pool in a notebook: what it does now, and how it is scaled and closed with the mouse."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from uraniborg import _pool_words
from uraniborg._errors import UraniborgError
from uraniborg.widgets._base import STATIC
from uraniborg.widgets._pulse import Pulse
from uraniborg.widgets._still import Still

if TYPE_CHECKING:
    from uraniborg._pool import Pool


class PoolView(anywidget.AnyWidget):
    """The live picture of one pool; all its places in a notebook show the same.

    The kernel asks the platform and passes the facts on, so the browser needs no token; what a button asks for is a
    call of the pool's own method.
    """

    _esm = STATIC / "pool.js"
    _css = STATIC / "pool.css"
    key = traitlets.Unicode().tag(sync=True)
    """Names the still form that this widget hides while it lives."""
    facts = traitlets.Dict().tag(sync=True)
    """What the platform says of the pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._still = Still()
        self._pulse = Pulse(self._look)
        super().__init__(key=self._still.key, facts=pool.look())
        self.on_msg(self._receive)

    def show(self) -> None:
        """Display the live form, and below it the still one for where no kernel runs."""
        from IPython.display import display

        self._pulse.watch("shown", seen=True)
        bundle = self._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        display({**(data or {}), "text/plain": _pool_words.text(self.facts)}, metadata=metadata, raw=True)
        self._still.display(_pool_words.html(self.facts), _pool_words.text(self.facts))

    def _look(self) -> bool:
        """Pass on what the pool does now; whether there is more to come."""
        facts = self._pool.look()
        over = facts["state"] in ("closed", "ended")
        settled = facts["state"] != self.facts.get("state")
        self.facts = facts
        if settled:
            self._still.update_html(_pool_words.html(facts), _pool_words.text(facts))
        return not over

    def _receive(self, widget: object, content: Mapping[str, Any], buffers: list[Any]) -> None:
        kind, view = content.get("kind"), str(content.get("view"))
        if kind == "ping":
            self.send({"kind": "pong", "view": view})
        elif kind == "watch":
            self._pulse.watch(view, seen=bool(content.get("seen")))
        elif kind in ("scale", "adapt", "close"):
            Thread(target=self._do, args=(kind, content, view), daemon=True).start()

    def _do(self, kind: str, content: Mapping[str, Any], view: str) -> None:
        """Do what a button asks for, and tell that it is done or why it was refused."""
        asked = {
            "scale": lambda: self._pool.scale(content["workers"]),
            "adapt": lambda: self._pool.adapt(content["minimum"], content["maximum"]),
            "close": self._pool.close,
        }
        tell = partial(self.send, buffers=None)
        try:
            asked[kind]()
        except UraniborgError as error:
            tell({"kind": "refused", "view": view, "text": f"{error.message} {error.remedy}".strip()})
        else:
            tell({"kind": "done", "view": view})
        self._pulse.now()
