"""Names by CDS Sesame (Simbad, NED, VizieR), over the internet."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import quote
from xml.etree import ElementTree

import httpx

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.resolver.models import Resolved

LOG = logging.getLogger(__name__)

LARGEST = 200_000
"""Bytes of an answer at most."""
KEPT = 1000
"""Answers remembered."""
PAUSE = 60.0
"""Seconds for which a Sesame that did not answer is left alone."""


class Sesame:
    """The source that asks CDS Sesame."""

    name = "CDS Sesame"

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url.rstrip("/")
        self.client = client
        self.known: OrderedDict[str, Resolved | None] = OrderedDict()
        self.down_until = 0.0

    def resolve(self, text: str) -> Resolved | None:
        """Give what Sesame says of a name, None where it knows none.

        Raises
        ------
        Unavailable
            Sesame does not answer, or not in its format.
        """
        if text not in self.known:
            self.known[text] = self.ask(text)
            while len(self.known) > KEPT:
                self.known.popitem(last=False)
        return self.known[text]

    def candidates(self) -> Iterable[str]:
        """Give nothing: what Sesame knows can't be listed."""
        return ()

    def ask(self, text: str) -> Resolved | None:
        """Ask over the network."""
        if time.monotonic() < self.down_until:
            raise unavailable("it did not answer a moment ago")
        try:
            answer = self.client.get(f"{self.url}/-oxp/SNV?{quote(text, safe='')}")
            answer.raise_for_status()
            return parse(answer.content)
        except (httpx.HTTPError, ElementTree.ParseError, ValueError) as error:
            self.down_until = time.monotonic() + PAUSE
            LOG.info("CDS Sesame: %s", error)
            reason = "it can't be reached" if isinstance(error, httpx.TransportError) else "its answer can't be read"
            raise unavailable(reason) from error


def unavailable(reason: str) -> Unavailable:
    """Give the words for a Sesame that does not answer."""
    return Unavailable(
        f"CDS Sesame does not answer ({reason}), and the local tables do not know this name.",
        "Give coordinates, for example '83.82 -5.39'.",
    )


def parse(document: bytes) -> Resolved | None:
    """Give the first answer with a position of a Sesame document (version 4, option `-oxp`); pure.

    Raises
    ------
    ValueError
        The document is too large or declares entities.
    ElementTree.ParseError
        It is not XML.
    """
    if len(document) > LARGEST or b"<!DOCTYPE" in document or b"<!ENTITY" in document:
        raise ValueError("not a Sesame document")
    for answer in ElementTree.fromstring(document).iter("Resolver"):
        ra, dec = number(answer, "jradeg"), number(answer, "jdedeg")
        if ra is not None and dec is not None:
            return resolved(answer, ra, dec)
    return None


def resolved(answer: ElementTree.Element, ra: float, dec: float) -> Resolved:
    """Give what one of Sesame's databases says."""
    database = answer.get("name", "").partition("=")[2].partition("(")[0].strip() or "unknown database"
    name = " ".join((answer.findtext("oname") or "").split())
    return Resolved(
        name=name or "unnamed",
        kind=(answer.findtext("otype") or "object").strip(),
        source=f"CDS Sesame ({database})",
        ra=ra,
        dec=dec,
        pmra=number(answer, "pm/pmRA"),
        pmdec=number(answer, "pm/pmDE"),
        aliases=tuple(" ".join((alias.text or "").split()) for alias in answer.iter("alias"))[:20],
    )


def number(answer: ElementTree.Element, path: str) -> float | None:
    """Give the number of an element, None where it is absent.

    Raises
    ------
    ValueError
        Its text is no number.
    """
    text = answer.findtext(path)
    return float(text) if text and text.strip() else None
