"""Remembers of a running lab whether it tells the hub of its use by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uraniborg_hub.lab.culling.rules import TIMEOUT

if TYPE_CHECKING:

    class Base:
        """What is used of JupyterHub's spawner, which has no types."""

        def get_env(self) -> dict[str, Any]:
            """Give a lab's variables."""
            ...

        def get_state(self) -> dict[str, Any]:
            """Give what is kept of a lab."""
            ...

        def load_state(self, state: dict[str, Any]) -> None:
            """Take it up."""
            ...

        def clear_state(self) -> None:
            """Forget it."""
            ...


else:
    # JupyterHub wants `start`, `poll` and `stop` of whatever is a spawner; these are the next base's.
    Base = object

KEY = "tells_its_use"


class InformedSpawner(Base):
    """A spawner whose labs may know the culler's rules; first of the bases, before the one that starts them.

    A lab keeps what it was started with: after the rules came or went, labs of both kinds run.
    """

    tells_its_use = False

    def get_env(self) -> dict[str, Any]:
        """Give the lab's variables, and note whether the rules are among them."""
        environment = super().get_env()
        self.tells_its_use = TIMEOUT in environment
        return environment

    def get_state(self) -> dict[str, Any]:
        """Give the state with that note."""
        state = super().get_state()
        return {**state, KEY: True} if self.tells_its_use else state

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up that state."""
        super().load_state(state)
        self.tells_its_use = bool(state.get(KEY))

    def clear_state(self) -> None:
        """Forget it."""
        super().clear_state()
        self.tells_its_use = False
