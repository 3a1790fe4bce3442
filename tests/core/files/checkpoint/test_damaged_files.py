"""Model files that were cut off or damaged get one sentence."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ModelFileError
from core.files.checkpoint import load_model, read_model_info
from core.files.model_info import read_header
from tests.core.files.checkpoint.model_files import SUFFIXES, Saved, checked_sentence, refusal


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=25)
@given(data=st.data())
def test_cut_off_anywhere(saved: Saved, suffix: str, data: st.DataObject) -> None:
    whole = saved.path(suffix).read_bytes()
    near_an_end = st.integers(1, 200).map(lambda n: len(whole) - n)
    length = data.draw(st.integers(1, len(whole) - 1) | st.integers(1, 2000) | near_an_end)
    path = saved.folder / f"cut.{suffix}"
    path.write_bytes(whole[:length])
    for read in (load_model, read_model_info):
        refusal(path, read)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1))
def test_damaged_anywhere(saved: Saved, suffix: str, seed: int) -> None:
    """Changed bytes either don't matter to what is checked or are reported in a sentence; no other error, and no crash."""
    whole = bytearray(saved.path(suffix).read_bytes())
    chance = random.Random(seed)
    # The description is small beside the weights: half of the damage hits what isn't weights.
    for _ in range(chance.randint(1, 8)):
        edge = chance.choice([4000, len(whole)])
        position = chance.choice([chance.randrange(edge), len(whole) - 1 - chance.randrange(edge)])
        whole[position] = chance.randrange(256)
    path = saved.folder / f"damaged.{suffix}"
    path.write_bytes(whole)
    try:
        load_model(path)
    except ModelFileError as error:
        checked_sentence(path, error)


@settings(max_examples=100)
@given(
    raw=st.binary(min_size=1, max_size=300),
    start=st.sampled_from([b"", b"PK\x03\x04", b"\x80\x02", b"\x10" + b"\0" * 7 + b"{"]),
)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, raw: bytes, start: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    path.write_bytes(start + raw)
    for read in (load_model, read_model_info):
        refusal(path, read)


def test_longer_than_its_header_says(saved: Saved, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(saved.path("safetensors").read_bytes() + b"more")
    assert "goes on after its end" in refusal(path)


def test_a_header_without_bounds(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    for header in (b'{"a": {"data_offsets": [0, -5]}}', b'{"a": 3}', b'{"a": {"data_offsets": "xy"}}', b"{" * 50_000):
        path.write_bytes(len(header).to_bytes(8, "little") + header)
        refusal(path, read_header)
