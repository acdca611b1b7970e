"""A volume per user, and the site's catalogs in labs and workers: on the platform as helm installs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from deployed.volumes import small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

LOOK = """
import os, pathlib
def look():
    folder = pathlib.Path(os.environ["URANIBORG_CATALOGS"])
    try:
        (folder / "mine").write_text("mine")
    except OSError as refusal:
        return (folder / "stars.txt").read_text(), refusal.strerror
print(look())
"""
LOOK_IN_WORKER = """
import uraniborg as ub
with ub.Pool(workers=1) as pool:
    print(pool.submit(look).result(120))
"""


@pytest.fixture(scope="module")
def stored(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform with a volume per user, and catalogs on one of the site's."""
    cluster, folder = platform.cluster, tmp_path_factory.mktemp("values")
    if cluster.here is None:
        pytest.skip("Folders of another cluster's nodes are not filled from here.")
    values: dict[str, Any] = {"storage": {"type": "dynamic"}, "catalogs": {"existingClaim": "sky"}}
    with small(cluster, "sky", platform.labs, 4) as sky:
        (sky / "stars.txt").write_text("HIP 17702")
        try:
            platform.install(folder, {"singleuser": values})
            yield platform
        finally:
            platform.install(folder)
            for name in volumes(platform):
                cluster.kubectl("delete", "persistentvolumeclaim", name, "-n", platform.labs, "--wait=false")


def volumes(platform: Platform) -> set[str]:
    """Give the names of the claims that labs brought."""
    claims = platform.cluster.objects("persistentvolumeclaims", platform.labs)
    return {name for claim in claims if (name := claim["metadata"]["name"]).startswith("home-")}


def test_each_user_has_a_volume_that_outlives_the_lab(stored: Platform) -> None:
    before = volumes(stored)
    halley, hevelius = stored.sign_in("halley"), stored.sign_in("hevelius")
    halley.have_lab()
    halley.run("open('comet.txt', 'w').write('1759')")
    stored.end_lab(halley)
    halley.have_lab()
    assert halley.run("print(open('comet.txt').read())").text == "1759\n"
    hevelius.have_lab()
    assert hevelius.run("import os; print(os.path.exists('comet.txt'))").text == "False\n"
    for person in (halley, hevelius):
        stored.end_lab(person)
    assert len(volumes(stored) - before) == 2


def test_catalogs_are_read_and_not_written_in_labs_and_workers(stored: Platform) -> None:
    person = stored.sign_in("lacaille")
    person.have_lab()
    kernel = person.kernel()
    seen = "('HIP 17702', 'Read-only file system')\n"
    assert person.run(LOOK, kernel=kernel).text == seen
    told = person.run(LOOK_IN_WORKER, 240, kernel=kernel)
    assert (told.text, told.error) == (seen, "")
    person.stop_lab()
