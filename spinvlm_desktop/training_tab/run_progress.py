"""What a run's events say of its progress, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.events import Event

TITLES = {"warm_up": "Stage 1 of 2: warm-up", "fine_tune": "Stage 2 of 2: fine-tuning"}
SMOOTHING = 0.95


@dataclass
class RunProgress:
    """Takes events one after the other."""

    line: str = "Starting…"
    """What is under way."""
    done: int = 0
    total: int = 0
    """0 where it isn't known."""
    failure: str = ""
    notice: str = ""
    """What the run told last besides its progress."""
    samples: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    metrics: dict[str, object] | None = None
    _speed: float = 0.0
    stage: str = ""
    """The stage that was begun last."""
    _epochs: int = 0

    def take(self, event: Event) -> None:
        """One event; those of later versions are passed over."""
        handler = getattr(self, f"_on_{event['event']}", None)
        if handler is not None:
            handler(event)

    def _on_run_started(self, event: Event) -> None:
        self.failure = ""
        self.line = f"{event['photos']:,} photos, {event['pairs']:,} question-answer pairs"
        self.done = self.total = 0

    def _on_preparing(self, event: Event) -> None:
        self.line = f"{str(event['what']).capitalize()}: {event['done']:,} of {event['total']:,}"
        self.done, self.total = event["done"], event["total"]

    def _on_stage_started(self, event: Event) -> None:
        self.stage, self._epochs, self._speed = event["stage"], event["epochs"], 0.0
        self.line = TITLES.get(self.stage, self.stage)
        self.done, self.total = 0, event["steps"]

    def _on_step(self, event: Event) -> None:
        speed = float(event["samples_per_second"])
        self._speed = speed if not self._speed else SMOOTHING * self._speed + (1 - SMOOTHING) * speed
        self.done, self.total = event["step"], event["steps"]
        self.line = (
            f"{TITLES.get(event['stage'], event['stage'])}, pass {event['epoch'] + 1} of {self._epochs or '?'} · "
            f"step {event['step']:,} of {event['steps']:,} · {self._speed:.0f} photos a second · loss {event['loss']:.2f}"
        )
        if "memory_mb" in event:
            self.line += f" · {event['memory_mb'] / 1000:.1f} GB of memory"

    def _on_notice(self, event: Event) -> None:
        self.notice = str(event["text"])

    def _on_samples(self, event: Event) -> None:
        self.samples = list(event["answers"])

    def _on_evaluated(self, event: Event) -> None:
        self.metrics = dict(event["metrics"])

    def _on_run_failed(self, event: Event) -> None:
        self.failure = str(event["message"])

    def _on_run_finished(self, _event: Event) -> None:
        self.line, self.done, self.total = "Finished", 1, 1

    def _on_run_stopped(self, event: Event) -> None:
        stage = str(event["stage"])
        self.line = f"Paused at step {event['step']:,} of {TITLES.get(stage, stage).lower()}"
