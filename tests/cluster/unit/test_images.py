"""Images are pulled by digest, whatever they are called where they are built."""

from __future__ import annotations

import json

import pytest
from deployed.images import Image, local_names, name_in_registry
from recipe.errors import RecipeError
from recipe.images import OURS, with_tag

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(("name", "tagged"), [("lab", "lab:latest"), ("lab:1", "lab:1"), ("a/lab", "a/lab:latest")])
def test_with_tag(name: str, tagged: str) -> None:
    assert with_tag(name) == tagged


def test_what_is_pushed_is_pulled_by_digest() -> None:
    reference = OURS.reference("uraniborg/lab:1", f"{DIGEST}\n")
    assert reference == f"uraniborg.test/uraniborg/lab@{DIGEST}"
    assert Image.parse(reference) == Image(registry="uraniborg.test", name="uraniborg/lab", digest=DIGEST)


def test_names_of_the_local_storage() -> None:
    names = {part: f"localhost/uraniborg/{part}:1" for part in ("hub", "portal", "lab")}
    assert local_names(json.dumps(names)) == names
    assert name_in_registry(names["hub"]) == "uraniborg/hub:1"


def test_a_part_without_an_image_is_named() -> None:
    with pytest.raises(RecipeError, match=r"no image of portal, lab\. Run `make images`"):
        local_names('{"hub": "localhost/uraniborg/hub:1"}')
