"""What keeps a cluster from starting, in words and with a remedy."""

from __future__ import annotations


class RecipeError(Exception):
    """Why something could not be done: one sentence of cause, one of what to do next.

    Parameters
    ----------
    message
        What is wrong, with names and numbers.
    remedy
        What to do next.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy

    @classmethod
    def for_command(cls, argv: tuple[str, ...], status: int, said: str) -> RecipeError:
        """Give the error of a program that ended with a status, with the last lines that it said."""
        last = " / ".join(said.strip().splitlines()[-3:]) or "it said nothing"
        return cls(f"`{' '.join(argv[:4])} …` ended with status {status}: {last}.", "Run it by hand to see more.")

    @classmethod
    def for_wait(cls, what: str, seconds: float, logs: object) -> RecipeError:
        """Give the error of something that did not become ready in time."""
        return cls(f"{what} was not ready after {seconds:.0f} s.", f"The logs in {logs} say why.")
