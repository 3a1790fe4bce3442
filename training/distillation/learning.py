"""A student learns from a book of lessons, in steps that follow from the settings and their number alone."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.compute_device import multiplies_bfloat16
from core.errors import TrainingError
from core.model.vision_encoder import VisionEncoder
from training.distillation.checkpoint import Position, load_checkpoint, save_checkpoint
from training.distillation.lessons import LessonBook
from training.distillation.photo_pack import PhotoSet
from training.distillation.principal_components import component_weights
from training.distillation.settings import LearningSettings
from training.distillation.student import LossWeights, Student, Truth, losses
from training.distillation.teachers import Teacher
from training.distillation.views import cut_out, inside, random_boxes, recolour
from training.distillation.words import expected_words, frequent_words, word_shares
from training.loop.muon import Muon

LIKELY = (1e-3, 0.98)
"""Shares of captions are foretold within these."""


class Learning:
    """A student, its optimisers and how far it is."""

    def __init__(self, settings: LearningSettings, photos: PhotoSet, teachers: dict[str, Teacher], book: LessonBook,
                 *, device: torch.device, report: Callable[[str], None]) -> None:
        """Judges the first lessons, where that isn't done yet."""
        self.settings, self.book, self._photos, self._device = settings, book, photos, device
        book.judge_until(
            settings.lessons_at(0, photos=len(photos), capacity=book.capacity),
            report=lambda done: report(f"judged {done} lessons") if done % 1024 == 0 else None,
        )
        self._pixels = photos.pixels.to(device)
        self._classifiers = [
            tuple(part.to(device) for part in book.components[name].on_components(*_on_cpu(teacher.classifier())))
            for name, teacher in teachers.items()
        ]
        captions = photos.captions
        words = frequent_words(captions, photos=settings.word_photos)
        self._shares = word_shares(captions, words).to(device)  # [N, W]
        self._captioned = torch.tensor([bool(of_photo) for of_photo in captions], device=device)
        self._expectation: tuple[Tensor, Tensor] | None = None
        self._expected_from = 0
        deviations = [book.components[name].deviations for name in teachers]
        self._weights = LossWeights(
            torch.cat([component_weights(of_teacher) for of_teacher in deviations]).to(device),
            settings.class_weight, settings.word_weight,
        )
        torch.manual_seed(settings.seed)
        self.student = Student(
            settings.encoder_name, features=sum(map(len, deviations)), words=self._shares.shape[1],
            classes=sum(len(weight) for weight, _ in self._classifiers),
        )
        if self.student.word_head is not None:
            with torch.no_grad():  # begins with how often each word is said, instead of with one half
                self.student.word_head.bias.copy_(self._shares[self._captioned].mean(0).clamp(*LIKELY).logit())
        self.student.encoder.set_fused_attention(device.type == "cuda")
        self.student.to(device)
        self.average = copy.deepcopy(self.student).requires_grad_(False)
        self.position = Position()
        self._optimizers = _optimizers(self.student, settings)

    def _expect_words(self, lessons: int) -> None:
        """Find what the teachers' features let expect, again each time that the lessons of whole photos have doubled."""
        if not self.settings.word_weight or not self._shares.shape[1]:
            return
        count = self.settings.first_lessons
        while 2 * count <= lessons:
            count *= 2
        count = min(count, lessons, len(self._photos))
        if count == self._expected_from:
            return
        first = torch.arange(count)
        known = first[self._captioned.cpu()[self.book.photo_of[first]]]
        features = torch.cat([self.book.maps(numbers).mean((2, 3)).cpu() for numbers in known.split(256)])
        weight, bias = expected_words(features, self._shares.cpu()[self.book.photo_of[known]])
        self._expectation, self._expected_from = (weight.to(self._device), bias.to(self._device)), count

    def start_from(self, load: Callable[[VisionEncoder], None]) -> None:
        """Load weights into the encoder, before the first step."""
        load(self.student.encoder)
        self.average.load_state_dict(self.student.state_dict())

    def views(self, step: int, size: int, count: int, lessons: int) -> tuple[Tensor, Truth]:
        """Parts of photos, and what is to be predicted of them; pixels: [count, 3, size, size]. The same for the same step."""
        generator = torch.Generator().manual_seed(self.settings.seed * 1_000_003 + self.settings.start_step + step)
        numbers = torch.randint(lessons, (count,), generator=generator)
        parts = random_boxes(count, smallest=self.settings.smallest_crop, mirror=True, generator=generator)
        photos = self.book.photo_of[numbers].to(self._device)
        pixels = cut_out(self._pixels[photos].float(), inside(self.book.boxes[numbers], parts), size)
        maps = cut_out(self.book.maps(numbers), parts, size // 16)
        means = maps.mean((2, 3))
        classes: list[Tensor] = []
        for (weight, bias), of_teacher in zip(self._classifiers, means.chunk(len(self._classifiers), 1), strict=True):
            classes.append((of_teacher @ weight.T + bias).softmax(1))
        return recolour(pixels, generator=generator), Truth(maps, tuple(classes), self._true_words(photos, means))

    def _true_words(self, photos: Tensor, means: Tensor) -> Tensor:
        if self._expectation is None:
            return means[:, :0]
        weight, bias = self._expectation
        expected = (means @ weight.T + bias).clamp(*LIKELY)
        own = self.settings.true_words * self._captioned[photos].float()[:, None]
        return expected.lerp(self._shares[photos], own)

    def step(self) -> dict[str, float]:
        """One step; returns the parts of the loss."""
        started, spent = time.monotonic(), time.process_time()
        settings, position = self.settings, self.position
        stage = settings.stage_at(position.seen)
        lessons = settings.lessons_at(position.seen, photos=len(self._photos), capacity=self.book.capacity)
        self.book.judge_until(lessons)
        self._expect_words(lessons)
        size = stage.sizes[position.step % len(stage.sizes)]
        pixels, truth = self.views(position.step, size, stage.batch, lessons)
        self.student.train()
        with torch.autocast(self._device.type, torch.bfloat16, enabled=multiplies_bfloat16(self._device)):
            predicted = self.student(pixels)
        parts = losses(predicted, truth, self._weights)
        torch.stack(list(parts.values())).sum().backward()
        nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        factor = settings.rate_factor(position.step, position.seen)
        rising = 1.0 if settings.start_step else min(1.0, (position.step + 1) / max(1, settings.warm_up))
        for optimizer in self._optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = settings.rate * factor * (1.0 if group.get("head") else rising)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        done = settings.start_step + position.step
        kept = min(settings.average, (1 + done) / (10 + done))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.student.parameters()), 1 - kept)  # pyright: ignore
        found = {name: value.item() for name, value in parts.items()}
        position.step, position.seen = position.step + 1, position.seen + stage.batch
        position.seconds += time.monotonic() - started
        position.cpu_seconds += time.process_time() - spent
        return found

    def save(self, path: Path) -> None:
        """Write the checkpoint."""
        self.book.flush()
        save_checkpoint(path, self.position, {
            "settings": json.dumps(asdict(self.settings)), "student": self.student.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self._optimizers.items()},
        })

    def resume(self, path: Path) -> None:
        """Go on from this run's own checkpoint. Raises TrainingError where it was made with other settings."""
        position, parts = load_checkpoint(path)
        if json.loads(parts["settings"]) != json.loads(json.dumps(asdict(self.settings))):
            raise TrainingError(f"The checkpoint {path} was made with other settings.")
        self.position = position
        self._load(parts)

    def follow(self, path: Path) -> None:
        """Begin as another run's checkpoint ends."""
        self._load(load_checkpoint(path)[1])

    def _load(self, parts: dict[str, Any]) -> None:
        self.student.load_state_dict(parts["student"])
        self.average.load_state_dict(parts["average"])
        for name, optimizer in self._optimizers.items():
            optimizer.load_state_dict(parts["optimizers"][name])


def _on_cpu(classifier: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return classifier[0].float().cpu(), classifier[1].float().cpu()


def _optimizers(student: Student, settings: LearningSettings) -> dict[str, torch.optim.Optimizer]:
    """Muon for the weights of the blocks' linear layers, AdamW for all else."""
    named = dict(student.named_parameters())
    matrices = [name for name, parameter in named.items() if ".blocks." in name and parameter.ndim == 2]
    rest = [name for name in named if name not in matrices]
    heads = [name for name in rest if not name.startswith("encoder.")]
    others = [name for name in rest if name.startswith("encoder.")]
    fused = {number: 3 for number, name in enumerate(matrices) if ".qkv." in name}
    return {
        "muon": Muon((named[name] for name in matrices), lr=settings.rate, weight_decay=settings.weight_decay, fused=fused),
        "adamw": torch.optim.AdamW(
            [{"params": [named[name] for name in heads], "weight_decay": settings.weight_decay, "head": True},
             {"params": [named[name] for name in others], "weight_decay": 0.0, "head": False}],
            lr=settings.rate, betas=(0.9, 0.99), fused=True,
        ),
    }
