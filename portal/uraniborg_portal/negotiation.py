"""What a client would rather have, by the headers of its request (RFC 9110, section 12.5)."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import Accept, MIMEAccept
from werkzeug.http import parse_accept_header

JAVA = "text/html, image/gif, image/jpeg"
"""How Java's client begins what it accepts, where nobody told it anything: no wish of TOPCAT's or STILTS's."""


def media_type(accept: str | None, offered: Sequence[str]) -> str | None:
    """Give the offered media type that a client likes best, the earlier of equals; None where it names none of them."""
    if not accept or accept.startswith(JAVA):
        return None
    found: str | None = parse_accept_header(accept, MIMEAccept).best_match(offered)
    return found


def coding(accept_encoding: str | None, offered: Sequence[str]) -> str | None:
    """Give the offered content coding that a client likes best, the earlier of equals; None for none at all."""
    if not accept_encoding:
        return None
    liked = parse_accept_header(accept_encoding, Accept)
    best = max(offered, key=liked.quality)
    # What is sent as it is needs no word of the client; it is what one gets that likes it better.
    plain = liked.quality("identity") if "identity" in accept_encoding.lower() else 0
    return best if liked.quality(best) > plain else None
