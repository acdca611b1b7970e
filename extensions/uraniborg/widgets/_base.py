"""The widget that carries the portal's browser code into a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from uraniborg._errors import UraniborgError
from uraniborg.widgets._modules import Program
from uraniborg.widgets._relay import Relay
from uraniborg.widgets._still import Still

if TYPE_CHECKING:
    from uraniborg._portal import Portal

STATIC = Path(__file__).parent / "static"

Handler = Callable[[Mapping[str, Any], list[Any]], None]


class Carrier(anywidget.AnyWidget):
    """A notebook output that runs a program of the portal, with the kernel between it and the portal.

    The front end asks for the program by a message and gets it as binary buffers, so that a saved notebook stays
    small; the front end never holds the token.
    """

    _esm = STATIC / "carrier.js"
    _css = STATIC / "carrier.css"
    key = traitlets.Unicode().tag(sync=True)
    """Names the still picture that this widget hides while it lives."""
    label = traitlets.Unicode().tag(sync=True)
    """What the widget is, for screen readers and below the picture."""
    state = traitlets.Dict().tag(sync=True)
    """What the user has filled in, as the program gives it; a second view of the widget starts from it."""

    def __init__(self, portal: Portal, label: str, **traits: object) -> None:
        self._portal = portal
        self._still = Still()
        relay = Relay(portal, self._tell)
        self._handlers: dict[str, Handler] = {
            "ping": self._load,
            "request": relay.request,
            "events": relay.events,
            "close": relay.close,
            "picture": self._picture,
            "result": self._result,
        }
        super().__init__(key=self._still.key, label=label, **traits)
        self.on_msg(self._receive)

    def program(self) -> Program:
        """Give what the front end loads."""
        raise NotImplementedError

    def options(self) -> Mapping[str, object]:
        """Give what the program is told at its start."""
        return {}

    def take(self, value: Mapping[str, Any]) -> str:
        """Take a result of the program, and give a sentence that says where it is now."""
        raise NotImplementedError

    def _ipython_display_(self, **choices: object) -> None:
        """Show the widget and, where no kernel runs, its picture."""
        from IPython.display import display

        bundle = self._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        display(data, metadata=metadata, raw=True)
        self._still.display()

    def _receive(self, widget: object, content: Mapping[str, Any], buffers: list[Any]) -> None:
        handler = self._handlers.get(str(content.get("kind")))
        if handler is not None:
            handler(content, buffers)

    def _tell(self, content: Mapping[str, Any], buffers: list[bytes] | None = None) -> None:
        self.send(content, buffers)

    def _load(self, content: Mapping[str, Any], buffers: list[Any]) -> None:
        """Say at once that a kernel is here, then send the program."""
        self._tell({"kind": "pong"})
        Thread(target=self._with_words, args=(lambda: self._send_program(content),), daemon=True).start()

    def _send_program(self, content: Mapping[str, Any]) -> None:
        program = self.program()
        known = content.get("bokeh") == program.version
        head = {"kind": "program", "entry": program.entry, "paths": list(program.modules), "bokeh": program.version}
        texts = [text.encode() for text in program.modules.values()]
        options = {"options": dict(self.options()), "base": self._portal.pages}
        self._tell(head | options, [b"" if known else program.bokeh, *texts])

    def _picture(self, content: Mapping[str, Any], buffers: list[Any]) -> None:
        self._still.update(bytes(buffers[0]), self.label)

    def _result(self, content: Mapping[str, Any], buffers: list[Any]) -> None:
        Thread(target=self._with_words, args=(lambda: self._take(content["value"]),), daemon=True).start()

    def _take(self, value: Mapping[str, Any]) -> None:
        self._tell({"kind": "taken", "text": self.take(value)})

    def _with_words(self, work: Callable[[], None]) -> None:
        """Do something whose failure the widget shows, since no cell is there to show it."""
        try:
            work()
        except UraniborgError as error:
            self._tell({"kind": "failed", "message": error.message, "remedy": error.remedy})
