"""Identifiers of datasets: `ivo://AUTHORITY/tap?KEY` (IVOA Identifiers 2.0, section 4.1)."""

from __future__ import annotations

from uraniborg_portal.settings import UNREGISTERED


def prefix_of(authority: str) -> str:
    """Give what the identifiers of all datasets begin with; `authority` is the setting, empty where there is none."""
    return f"ivo://{authority or UNREGISTERED}/tap?"


def key_of(identifier: str, authority: str) -> str | None:
    """Give the key of a dataset of this portal, None where the identifier is none of ours.

    The authority and `tap` are the same in any case (IVOA Identifiers 2.0, section 2.6), the key is not.
    """
    prefix = prefix_of(authority)
    start, key = identifier[: len(prefix)], identifier[len(prefix) :]
    return key if start.lower() == prefix.lower() else None
