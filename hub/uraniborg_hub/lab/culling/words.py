"""The warning before a lab is ended, in words. JupyterLab cuts what is longer than 140 characters."""

from __future__ import annotations

from uraniborg_hub.lab.culling.decision import End
from uraniborg_hub.lab.notices.notice import Notice

ID = "culling"
MINUTE = 60


def notice(end: End) -> Notice:
    """Give the notice of a lab that ends soon."""
    when = f"in {duration(end.seconds)}" if end.seconds >= 1 else "any moment"
    if end.final:
        text = f"This lab has reached the greatest age of labs: it ends {when}. Save your work, then start it anew."
    else:
        unused = f"Nobody has used this lab for {duration(end.idle)}: it ends {when}."
        text = f"{unused} Save your work; variables in memory are lost."
    return Notice(id=ID, level="warning", text=text, title=f"Lab ends {when}", keep=not end.final)


def duration(seconds: float) -> str:
    """Give a time in words, in the unit in which it is a small number."""
    number, unit = (round(seconds), "second") if seconds < 2 * MINUTE else (round(seconds / MINUTE), "minute")
    if unit == "minute" and number >= 2 * MINUTE:
        number, unit = round(number / MINUTE), "hour"
    return f"{number} {unit}{'' if number == 1 else 's'}"
