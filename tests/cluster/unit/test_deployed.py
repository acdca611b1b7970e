"""The tests' own cluster, registry, values and kernel messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from deployed.cluster import named, registry
from deployed.images import Image
from deployed.kernel import SHOWN, Answer, execute_request
from deployed.values import ADMIN, Address, Passwords, values
from recipe.errors import RecipeError
from recipe.folders import Folders
from recipe.images import OURS, Registry

HERE = Folders(built=Path("/built"))
IMAGES = {
    part: Image(registry="uraniborg.test", name=f"uraniborg/{part}", digest=f"sha256:{part}")
    for part in ("hub", "portal", "lab", "postgresql")
}


@pytest.mark.parametrize(
    ("environment", "here", "found"),
    [
        ({}, HERE, OURS),
        ({"URANIBORG_CLUSTER_REGISTRY": "example.org/tests/"}, HERE, "example.org/tests"),
        ({"URANIBORG_CLUSTER_REGISTRY": "example.org/tests"}, None, "example.org/tests"),
    ],
)
def test_registry(environment: dict[str, str], here: Folders | None, found: Registry | str) -> None:
    told = found if isinstance(found, Registry) else Registry(pushed_to=found, pulled_as=found)
    assert registry(environment, here) == told


def test_a_foreign_cluster_must_say_where_images_come_from() -> None:
    with pytest.raises(RecipeError, match="Set URANIBORG_CLUSTER_REGISTRY"):
        registry({}, None)


def test_the_recipe_s_own_cluster_is_known_by_its_kubeconfig(tmp_path: Path) -> None:
    helm = tmp_path / "bin" / "helm"
    helm.parent.mkdir()
    helm.touch(0o755)
    where = Folders(built=tmp_path)
    assert named(where, {"PATH": "/usr/bin"}, where.kubeconfig).here == where
    environment = {"PATH": "/usr/bin", "URANIBORG_CLUSTER_REGISTRY": "example.org"}
    foreign = named(where, environment, tmp_path / "config")
    assert foreign.here is None
    assert foreign.environment["KUBECONFIG"] == str(tmp_path / "config")
    assert foreign.environment["PATH"] == f"{tmp_path}/bin:/usr/bin"


def test_values_name_every_image_by_digest() -> None:
    given = values(IMAGES, Address(url="http://198.19.0.11:30123/", node_port=30123), Passwords())
    assert given["image"] == {"registry": "uraniborg.test"}
    for part, image in (("hub", "hub"), ("portal", "portal"), ("singleuser", "lab"), ("postgresql", "postgresql")):
        assert given[part]["image"] == {"name": f"uraniborg/{image}", "digest": f"sha256:{image}"}
    assert given["proxy"]["service"] == {"type": "NodePort", "nodePort": 30123}
    assert given["publicUrl"] == "http://198.19.0.11:30123/"


def test_the_administrator_has_a_password_of_their_own() -> None:
    passwords = Passwords()
    assert passwords.of(ADMIN) != passwords.of("tycho") == passwords.of("kepler")
    assert len(passwords.admin) >= 32
    assert passwords.user not in repr(passwords)


def test_what_a_notebook_shows_of_messages() -> None:
    shown = [
        SHOWN["stream"]({"text": "a\n"}),
        SHOWN["execute_result"]({"data": {"text/plain": "5"}}),
        SHOWN["error"]({"ename": "ValueError", "evalue": "no", "traceback": ["line 1"]}),
    ]
    total = Answer()
    for each in shown:
        total = total.joined(each)
    assert total == Answer(text="a\n", value="5", error="ValueError\nno\nline 1")


def test_requests_differ_from_each_other() -> None:
    one, other = execute_request("1"), execute_request("1")
    assert one["header"]["msg_id"] != other["header"]["msg_id"]
    assert one["content"]["code"] == "1"
