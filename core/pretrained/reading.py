"""Photos and questions that a model has read: each photo is looked at once, each prompt read once while it is recent."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from PIL import Image

from core.answer_model import ReadingProgress, ShouldStop
from core.answers import AnswerRequest
from core.images.image_input import content_hash, load_image
from core.photo_layout import PhotoLayout
from core.pretrained.decoding.decoding_run import ReadPrompt, read_prompt
from core.pretrained.loading.model_check import QUESTION, ModelParts, generated_photo, photo_features
from core.pretrained.photo.photo_input import PhotoInput
from core.pretrained.prompt.chat_prompt import Prompt

REMEMBERED_PHOTOS = 8
REMEMBERED_PROMPTS = 1
"""A prompt's keys and values can take hundreds of megabytes."""
CAMERA_SIZE = (1600, 1200)
"""Width and height, pixels; of larger photos no model here sees more."""
T = TypeVar("T")


@dataclass(frozen=True)
class SeenPhoto:
    """A photo after the vision tower."""

    shown: PhotoInput
    features: Any


@dataclass(frozen=True)
class Reading:
    """A prompt that was read, and how the photo lies in it."""

    prompt: ReadPrompt
    layout: PhotoLayout
    forgotten_turns: int


class Recent(Generic[T]):
    """The latest few of something costly."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[Any, T] = OrderedDict()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The remembered one of this key, or a new one."""
        if key not in self._found:
            while len(self._found) >= self._most:  # before the new one, so that both never take memory at once
                self._found.popitem(last=False)
            self._found[key] = make()
        self._found.move_to_end(key)
        return self._found[key]


class PromptReader:
    """Reads photos and questions with one model."""

    def __init__(self, parts: ModelParts, *, before_reading: Callable[[], None]) -> None:
        """before_reading: is called before a new prompt takes memory, to let go of what belongs to the last one."""
        self._parts = parts
        self._before_reading = before_reading
        self._photos: Recent[SeenPhoto] = Recent(REMEMBERED_PHOTOS)
        self._prompts: Recent[ReadPrompt] = Recent(REMEMBERED_PROMPTS)
        self._generated: PhotoInput | None = None
        self._camera_tokens: tuple[int, int] | None = None

    def read(
        self, request: AnswerRequest, *, should_stop: ShouldStop | None = None, progress: ReadingProgress | None = None
    ) -> Reading:
        """Raises ImageError, QuestionError, and StoppedError where should_stop says so on the way."""
        key = (_photo_key(request.image), request.finer)
        photo = self._photos.get(key, lambda: self._look(load_image(request.image), finer=request.finer))
        prompt = self._parts.prompts.build(request.question, request.earlier, photo.shown)
        read = self._prompts.get(
            (key, prompt.ids), lambda: self._read(prompt, photo, should_stop=should_stop, progress=progress)
        )
        return Reading(read, photo.shown.layout, prompt.forgotten_turns)

    def generated(self) -> PhotoInput:
        """The generated photo as this model sees one."""
        if self._generated is None:
            self._generated = self._shown(generated_photo(), finer=False)
        return self._generated

    def camera_tokens(self) -> tuple[int, int]:
        """Image tokens of a camera's photo as it is usually looked at, and finer."""
        if self._camera_tokens is None:
            photo = Image.new("RGB", CAMERA_SIZE)
            plain, finer = (self._shown(photo, finer=finer).layout.image_tokens for finer in (False, True))
            self._camera_tokens = plain, finer
        return self._camera_tokens

    def check_question(self, request: AnswerRequest) -> None:
        """Raises QuestionError where a question can't be asked about any photo."""
        self._parts.prompts.build(request.question, request.earlier, self.generated())

    def read_generated(self, *, finer: bool) -> None:
        """Reads the generated photo with a short question, for somebody who measures how long that takes."""
        photo = self._look(generated_photo(), finer=finer)
        self._read(self._parts.prompts.build(QUESTION, (), photo.shown), photo, should_stop=None, progress=None)

    def _shown(self, photo: Any, *, finer: bool) -> PhotoInput:
        loaded = self._parts.loaded
        return loaded.family.photo(self._parts.processor, loaded.model.config, photo, finer=finer)

    def _look(self, photo: Any, *, finer: bool) -> SeenPhoto:
        shown = self._shown(photo, finer=finer)
        return SeenPhoto(shown, photo_features(self._parts.loaded, shown))

    def _read(
        self, prompt: Prompt, photo: SeenPhoto, *, should_stop: ShouldStop | None, progress: ReadingProgress | None
    ) -> ReadPrompt:
        self._before_reading()
        loaded, grid = self._parts.loaded, photo.shown.grid
        return read_prompt(
            loaded, prompt.ids, photo.features, cell_tokens=photo.shown.layout.cell_tokens.tolist(),
            grid=None if grid is None else grid.to(loaded.device), should_stop=should_stop, progress=progress,
        )


def _photo_key(image: Path | bytes) -> str:
    return hashlib.sha256(image).hexdigest() if isinstance(image, bytes) and image else content_hash(image)
