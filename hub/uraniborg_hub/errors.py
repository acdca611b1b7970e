"""What goes wrong when the platform is started or asked, in words and with a remedy."""

from __future__ import annotations


class PlatformError(Exception):
    """A failure with words for the person at the terminal.

    Parameters
    ----------
    message
        One sentence: what is wrong, with names, paths and numbers.
    remedy
        One sentence: what to do next.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
