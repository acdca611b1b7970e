"""Who may use a table, as CADC's youcat writes it: lines of `key=value`; pure."""

from __future__ import annotations

from dataclasses import replace

from uraniborg_portal.catalogs.readable import NAME
from uraniborg_portal.errors import BadParameter, NotAllowed
from uraniborg_portal.user_tables.models import Sharing, UserTable

KEYS = {"r-group": "read_group", "rw-group": "write_group"}
ACCEPTED = "Accepted: lines of r-group=GROUP and rw-group=GROUP; without a group nobody but you has the right."
SWITCH = {"true": True, "false": False}


def written(table: UserTable) -> str:
    """Give the lines on a table."""
    groups = {key: getattr(table.sharing, name) or "" for key, name in KEYS.items()}
    lines = {"owner": table.owner, "public": "false", **groups}
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def read(text: str, before: Sharing) -> Sharing:
    """Give who may use a table, of lines that name what changes.

    Raises
    ------
    BadParameter
        A line is none of these.
    NotAllowed
        The table is to be public.
    """
    for line in filter(None, map(str.strip, text.splitlines())):
        key, equals, value = (part.strip() for part in line.partition("="))
        key = key.lower()
        if key in KEYS and equals:
            before = replace(before, **{KEYS[key]: group_of(value)})
        elif key == "public" and value.lower() in SWITCH:
            if SWITCH[value.lower()]:
                raise NotAllowed("Tables of users can't be public here.", "Share it with a group: r-group=GROUP.")
        elif key != "owner" or value:
            raise BadParameter(f"{line[:80]!r} says nothing of who may use a table.", ACCEPTED)
    return before


def group_of(value: str) -> str | None:
    """Give the hub's name of a group, which may be given as an identifier, `ivo://authority/gms?GROUP`."""
    name = value.rpartition("?")[2] if value.lower().startswith("ivo://") else value
    if name and not NAME.fullmatch(name):
        raise BadParameter(f"{name[:80]!r} can't be the name of a group.", ACCEPTED)
    return name or None
