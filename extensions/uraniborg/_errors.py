"""The one error that this library raises about the platform: the portal's own words, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping


class UraniborgError(Exception):
    """A request that the platform could not fulfil.

    `message` says what was given and what is accepted, `remedy` what to do next (it may be empty), `code` is the
    portal's word for programs, `field` the parameter at fault and `suggestions` the nearest known names. In a notebook
    only these words are shown; Python's own traceback ends with the remedy as a note.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        code: str = "internal",
        field: str | None = None,
        suggestions: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code
        self.field = field
        self.suggestions = suggestions
        for line in self._advice():
            self.add_note(line)

    @classmethod
    def from_json(cls, status: int, content: object) -> UraniborgError:
        """Give the error that the portal answered with that HTTP status; any body makes an error with words."""
        if not isinstance(content, Mapping) or not isinstance(content.get("message"), str):
            return cls(f"The platform answered with HTTP status {status} and no explanation.", code="internal")
        return cls(
            content["message"],
            str(content.get("remedy") or ""),
            code=str(content.get("error") or "internal"),
            field=content.get("field"),
            suggestions=tuple(content.get("suggestions") or ()),
        )

    def _advice(self) -> list[str]:
        """List what may help, a sentence each; names that the remedy gives already are not repeated."""
        names = [name for name in self.suggestions if name not in self.remedy and name not in self.message]
        nearest = f"Nearest known names: {', '.join(names)}." if names else ""
        return [line for line in (self.remedy, nearest) if line]

    def _render_traceback_(self) -> list[str]:
        """Show words instead of a traceback (IPython's protocol)."""
        return [f"\x1b[31mUraniborgError:\x1b[0m {self.message}", *self._advice()]
