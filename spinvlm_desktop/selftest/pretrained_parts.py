"""The parts of the second engine: of each kind of pretrained models a tiny random one is made, loaded, asked and looked into."""

from __future__ import annotations

import io
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from core.answers import Answer, AnswerRequest, CellToken
from core.config import GenerationConfig, SpinConfig
from core.pretrained.library import is_installed, quiet_library
from core.pretrained.photo.known_families import KINDS
from spinvlm_desktop.selftest.part_result import Test, require_that

QUESTION = "Is there a dog?"
NOT_HERE = "pretrained models can't be used here: the library transformers isn't installed"
KEPT = 2
"""Heads, of eight in each layer."""


def pretrained_parts() -> dict[str, Test]:
    """One for each kind of models; where their library isn't installed each only says so."""
    return {kind: partial(_answers, kind) if is_installed() else lambda: NOT_HERE for kind in KINDS}


def _answers(kind: str) -> str:
    """Its folder is read as a downloaded one is; SPIN that keeps every head changes nothing, SPIN with fewer does."""
    from core.pretrained.session import PretrainedSession
    from core.pretrained.tiny_models.families import TINY, photo

    encoded = io.BytesIO()
    photo().save(encoded, "PNG")
    with tempfile.TemporaryDirectory(prefix="spinvlm-selftest-", ignore_cleanup_errors=True) as name:
        with quiet_library():
            folder = TINY[kind]().save(Path(name) / kind)
        session = PretrainedSession.load(folder, device="cpu", precision="float32", threads=1)
        described = session.describe()

        def answer(spin: SpinConfig | None) -> Answer:
            return session.answer(
                AnswerRequest(encoded.getvalue(), QUESTION, spin=spin, generation=GenerationConfig(max_tokens=3))
            )

        off, every_head, few = answer(None), answer(SpinConfig(keep=described.heads)), answer(SpinConfig(keep=KEPT))
    require_that(bool(off.tokens), f"A model of the kind {kind} has no answer for a drawn photo.")
    require_that(_same(off, every_head), f"SPIN that keeps every head changes the answer of a model of the kind {kind}.")
    gates = [token.head_gate for token in few.tokens]
    suppressed = min(int(np.count_nonzero(gate == 0)) for gate in gates)
    expected = described.layers * (described.heads - KEPT)
    require_that(0 < suppressed <= expected, f"SPIN suppressed {suppressed} heads of a model of the kind {kind}.")
    cells = off.layout.cell_count if off.layout is not None else 0
    return f"{described.family}: {described.parameters / 1e6:.1f} million random weights, {cells} cells, SPIN silences heads"


def _same(one: Answer, other: Answer) -> bool:
    """Whether the tokens and their maps are equal to the last bit."""
    return len(one.tokens) == len(other.tokens) and all(
        a.token_id == b.token_id and isinstance(a, CellToken) and isinstance(b, CellToken)
        and np.array_equal(a.cell_attention, b.cell_attention)
        for a, b in zip(one.tokens, other.tokens, strict=True)
    )
