"""The recipe's command line, `tests/cluster/cluster`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

from recipe import cluster, helpers, images, programs
from recipe.errors import RecipeError
from recipe.folders import Folders, folders

TEXT = """\
A real Kubernetes on this machine: nodes are network namespaces, nothing leaves the host. Needs root, Go 1.24 or newer,
and Debian or Ubuntu. Programs are built once, in ~/.cache/uraniborg-cluster; URANIBORG_CLUSTER_CACHE moves them.
`eval "$(tests/cluster/cluster env)"` sets KUBECONFIG and PATH.
"""


def parser() -> argparse.ArgumentParser:
    """Give the command line's grammar."""
    grammar = argparse.ArgumentParser(prog="cluster", description=TEXT)
    verbs = grammar.add_subparsers(dest="verb", required=True)
    started = verbs.add_parser("up", help="build what is missing, start, return when it is ready")
    started.add_argument("--nodes", type=int, default=1)
    started.add_argument("--pods-per-node", type=int, default=200)
    verbs.add_parser("down", help="stop and remove all but what was built and pushed")
    verbs.add_parser("env", help="print lines for a shell that set KUBECONFIG and PATH")
    for verb, text in (("kill-node", "end a node at once, as a power cut does"), ("start-node", "bring it back")):
        verbs.add_parser(verb, help=text).add_argument("number", type=int)
    pushed = verbs.add_parser("push", help="push an image of buildah; print what nodes pull, by digest")
    pushed.add_argument("image")
    pushed.add_argument("name", nargs="?", default="", help="NAME:TAG; the image's own last part by default")
    verbs.add_parser("base", help="make Debian 13 with Python an image, to build others on; print its name")
    verbs.add_parser("tool", help="build a program beside kubectl; print where it is").add_argument(
        "name", choices=sorted(programs.TOOLS)
    )
    for verb in ("open-volumes", "policies"):
        verbs.add_parser(verb, help="run by `up` as long as the cluster is up")
    return grammar


def environment(where: Folders) -> str:
    """Give lines for a shell."""
    return f"export KUBECONFIG={where.kubeconfig}\nexport PATH={where.programs}:$PATH"


def up(where: Folders, asked: argparse.Namespace) -> str:
    """Start a cluster, say how long it took, and give lines for a shell."""
    began = time.monotonic()
    cluster.up(where, asked.nodes, asked.pods_per_node)
    seconds = time.monotonic() - began
    sys.stderr.write(f"{asked.nodes} node(s) ready in {seconds:.0f} s, Kubernetes {programs.KUBERNETES}\n")
    return environment(where)


VERBS: dict[str, Callable[[Folders, argparse.Namespace], object]] = {
    "up": up,
    "down": lambda where, _: cluster.down(where),
    "env": lambda where, _: environment(where),
    "kill-node": lambda where, asked: cluster.lose_node(where, asked.number),
    "start-node": lambda where, asked: cluster.return_node(where, asked.number),
    "push": lambda _, asked: images.push(asked.image, asked.name),
    "base": lambda where, _: images.make_base(where),
    "tool": lambda where, asked: programs.tool(where, asked.name),
    "policies": lambda where, _: helpers.enforce_policies(where),
    "open-volumes": lambda where, _: helpers.open_volumes(where),
}


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; give the exit status. What it gives is printed on stdout, what it says on stderr."""
    asked = parser().parse_args(arguments)
    try:
        given = VERBS[asked.verb](folders(os.environ), asked)
    except RecipeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if given is not None:
        sys.stdout.write(f"{given}\n")
    return 0
