"""Notices about a user's files. JupyterLab cuts what is longer than 140 characters."""

from __future__ import annotations

from uraniborg_hub.lab.notices.notice import Notice
from uraniborg_hub.lab.storage.usage import Usage
from uraniborg_hub.lab.storage.volume import Volume

NEARLY = 0.9
"""Part of the quota from which on the user is warned."""
LONGEST_NAME = 24
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def volume_notice(volume: Volume, *, own: bool) -> Notice | None:
    """Say that the volume is full; None while it is not."""
    if not volume.full:
        return None
    whose = "The volume with your files" if own else "The volume with everyone's files"
    what = "Remove files that you do not need." if own else "Remove what you do not need; tell the administrator."
    return Notice(id="volume", level="error", text=f"{whose} is full: nothing can be saved. {what}")


def usage_notice(usage: Usage, quota: int) -> Notice | None:
    """Say that the files take nearly all, or more than all, of what the user may have; None while they do not."""
    if usage.bytes < NEARLY * quota:
        return None
    over = usage.bytes > quota
    least = "" if usage.complete else "at least "
    largest = ", ".join(f"{short(name)} {size(taken)}" for name, taken in usage.largest[:2])
    text = f"Your files take {least}{size(usage.bytes)} of your {size(quota)}. Largest: {largest}. Remove some."
    return Notice(id="storage", level="error" if over else "warning", text=text)


def size(number: float) -> str:
    """Give a number of bytes in the unit that fits, as `df -H` counts."""
    for unit in UNITS[:-1]:
        if number < 999.5:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} {UNITS[-1]}"


def short(name: str) -> str:
    """Give a name that is not too long for a notice."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
