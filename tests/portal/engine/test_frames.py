"""Frames: what is written is read; whatever else comes is refused, not believed."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.engine import frames

MOST = 1000


@given(st.sampled_from([frames.WORDS, frames.SCHEMA, frames.ROWS]), st.binary(max_size=MOST))
def test_what_is_written_is_read(kind: bytes, content: bytes) -> None:
    stream = io.BytesIO()
    frames.write(stream, kind, content)
    stream.seek(0)
    assert frames.read(stream, MOST) == (kind, content)


@given(st.binary(max_size=60))
def test_anything_else_is_a_broken_channel(noise: bytes) -> None:
    """Nothing but it is raised, and nothing larger than asked for is given."""
    try:
        kind, content = frames.read(io.BytesIO(noise), MOST)
    except frames.BrokenChannel:
        return
    assert len(kind) == 1
    assert len(content) <= MOST


def test_a_frame_that_is_too_long_is_not_read() -> None:
    stream = io.BytesIO(frames.HEAD.pack(frames.ROWS, MOST + 1) + b"x" * (MOST + 1))
    with pytest.raises(frames.BrokenChannel):
        frames.read(stream, MOST)


@given(st.one_of(st.binary(max_size=40), st.sampled_from([b"[1]", b"1", b"null", b'"x"'])))
def test_words_are_an_object_of_json(content: bytes) -> None:
    try:
        said = frames.words(content)
    except frames.BrokenChannel:
        return
    assert said == json.loads(content)
