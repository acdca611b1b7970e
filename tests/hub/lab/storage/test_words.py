"""Notices about a user's files."""

from __future__ import annotations

import pytest

from uraniborg_hub.lab.storage.usage import Usage
from uraniborg_hub.lab.storage.volume import Volume
from uraniborg_hub.lab.storage.words import size, usage_notice, volume_notice

LARGEST = (("data" * 20, 6_100_000_000), (".cache", 2_000_000_000), ("x", 1))


@pytest.mark.parametrize(
    ("taken", "complete", "level", "words"),
    [
        (8_900_000_000, True, None, ""),
        (9_100_000_000, True, "warning", "Your files take 9.1 GB of your 10 GB. Largest: data"),
        (9_100_000_000, False, "warning", "take at least 9.1 GB"),
        (12_000_000_000, True, "error", "12 GB of your 10 GB"),
    ],
)
def test_the_user_hears_of_it_from_nine_tenths_on(taken: int, complete: bool, level: str | None, words: str) -> None:
    notice = usage_notice(Usage(bytes=taken, complete=complete, largest=LARGEST), 10_000_000_000)
    assert (notice and notice.level) == level
    assert notice is None or (words in notice.text and len(notice.text) <= 140 and not notice.keep)


@pytest.mark.parametrize(
    ("free", "files", "full"), [(10**9, None, False), (10**9, 5, False), (1000, None, True), (10**9, 0, True)]
)
@pytest.mark.parametrize("own", [True, False])
def test_a_full_volume_is_said(free: int, files: int | None, full: bool, own: bool) -> None:
    notice = volume_notice(Volume(size=10**10, free=free, files_free=files), own=own)
    assert (notice is not None) is full
    assert notice is None or (notice.level == "error" and "nothing can be saved" in notice.text)
    assert notice is None or ("tell the administrator" in notice.text) is not own


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (999_600, "1 MB"), (53_687_091_200, "53.7 GB")]
)
def test_sizes_in_words(number: int, words: str) -> None:
    assert size(number) == words
