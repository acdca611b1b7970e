"""Which authenticator the settings name: a JupyterHub authenticator class, with its options checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from jupyterhub.auth import Authenticator

from uraniborg_hub.auth.link import LinkAuthenticator
from uraniborg_hub.errors import PlatformError

GROUP = "jupyterhub.authenticators"
LINK = "link"


def authenticator_class(name: str) -> type[Authenticator]:
    """Give the class that `name` means: `link`, an entry point of JupyterHub's group, or a dotted path.

    Raises
    ------
    PlatformError
        There is no such class, or it is not a JupyterHub authenticator; says which names are known.
    """
    if name == LINK:
        return LinkAuthenticator
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    found = _load(known[name], name) if name in known else _import(name, known)
    if not (isinstance(found, type) and issubclass(found, Authenticator)):
        raise PlatformError(f"hub.authenticator is {name!r}, which is not a JupyterHub authenticator.", _accepts(known))
    return found


def check_options(authenticator: type[Authenticator], options: Mapping[str, Any]) -> None:
    """Return when each option is a setting of that class.

    Raises
    ------
    PlatformError
        An option is unknown; gives the nearest that exists.
    """
    known = set(authenticator.class_trait_names(config=True))
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, 3, 0.4)
            remedy = f"Did you mean {' or '.join(near)}?" if near else "`jupyterhub --help-all` lists them."
            what = f"{authenticator.__name__} has no setting {name!r} (hub.authenticator_options)."
            raise PlatformError(what, remedy)


def _import(path: str, known: Iterable[str]) -> object:
    module, _, attribute = path.replace(":", ".").rpartition(".")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        what = f"hub.authenticator is {path!r}, which can't be loaded: {error}."
        raise PlatformError(what, _accepts(known)) from error


def _load(entry: EntryPoint, name: str) -> object:
    try:
        return entry.load()
    except ImportError as error:
        raise PlatformError(f"The authenticator {name!r} needs a package: {error}.", "Install it beside us.") from error


def _accepts(known: Iterable[str]) -> str:
    return f"Name one of {', '.join(sorted({LINK, *known}))}, or the dotted path of a class."
