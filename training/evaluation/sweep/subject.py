"""What is measured: a model file of this program, or a pretrained model, which answers photo by photo.

Of a pretrained model a photo's "features" are its place among the photos, [N, 1]: it looks at the photo itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.answer_model import PretrainedDescription
from core.config import ModelShape
from core.files.checkpoint import ModelFile
from training.evaluation.photo_costs import AnsweringPace, PhotoCosts, photo_costs

if TYPE_CHECKING:
    from core.pretrained.session import PretrainedSession

USUAL_TOKEN_S = 0.05
"""Of a token, where that wasn't measured: on a GPU."""


@dataclass(frozen=True)
class PretrainedSubject:
    """A loaded pretrained model, with what a report says of it."""

    model: PretrainedSession
    described: PretrainedDescription
    seconds_to_read: float
    """That a photo and a question take."""

    @property
    def path(self) -> Path:
        return self.described.path

    @property
    def content_hash(self) -> str:
        """The hub's commit; empty where that isn't known."""
        return self.described.revision or ""

    @property
    def shape(self) -> ModelShape:
        known = self.described
        return ModelShape(
            known.layers, known.heads, grid_side=1, image_tokens=known.image_tokens,
            max_question_tokens=known.longest_question, max_answer_tokens=known.longest_answer,
        )

    def costs(self, *, settings: int) -> PhotoCosts:
        """What a photo costs. settings: of head suppression, SPIN off among them."""
        pace = AnsweringPace(self.seconds_to_read, self.described.seconds_a_token or USUAL_TOKEN_S)
        return photo_costs(pace, settings=settings)


Subject = ModelFile | PretrainedSubject


def open_subject(folder: Path, *, device: str, choices: Path | None = None) -> PretrainedSubject:
    """The pretrained model in this folder, loaded and tried. choices: see open_model. Raises ConfigError and ModelFileError."""
    from core.open_model import open_folder

    session = open_folder(folder, choices=choices, device=device)
    return PretrainedSubject(session, session.describe(), session.seconds_to_read(finer=False))
