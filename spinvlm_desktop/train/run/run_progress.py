"""What a run's events say of its progress, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.run.events import Event

TITLES = {"warm_up": "Stage 1 of 2: warm-up", "fine_tune": "Stage 2 of 2: fine-tuning"}
PHASES = ("Photos", "Warm-up", "Fine-tuning", "Measuring")
"""What a run does, one after the other."""
_STAGE_PHASES = {"warm_up": 1, "fine_tune": 2}
STARTING = "Starting: the program's libraries are loaded and the data are read…"
"""Until the run says something itself; on a busy computer that takes most of a minute."""
SMOOTHING = 0.95
RISING = 3
"""Passes in a row with a rising dev loss from which it is said; one or two may be chance."""


@dataclass(frozen=True)
class Sample:
    """What the model answered at some time about the photos that are always asked."""

    when: str
    answers: tuple[dict[str, str], ...]
    """image, question, answer, reference"""


@dataclass
class RunProgress:
    """Takes events one after the other."""

    line: str = STARTING
    """What is under way."""
    figures: str = ""
    """The numbers of it."""
    phase: int = 0
    """Which of PHASES is under way; their number at the end."""
    done: int = 0
    total: int = 0
    """0 where it isn't known."""
    failure: str = ""
    notice: str = ""
    """The latest notice of the run."""
    rising: int = 0
    """Passes of this stage in a row, up to the last, after which the dev loss was higher than after the one before."""
    _dev_loss: float | None = None
    samples: list[Sample] = field(default_factory=list[Sample])
    metrics: dict[str, object] | None = None
    _speed: float = 0.0
    stage: str = ""
    """The stage that was begun last."""
    photos: int = 0
    """Those that are trained on."""
    report_photos: int = 0
    """Those that the finished model is measured on, as far as it is known."""
    passes: dict[str, int] = field(default_factory=dict[str, int])
    """Of each stage, if it doesn't end early."""
    measured_for: float = 0.0
    """Seconds that the report has taken so far."""
    _measuring_since: float = 0.0
    _epochs: int = 0

    def take(self, event: Event) -> None:
        """One event; those of later versions are passed over."""
        handler = getattr(self, f"_on_{event['event']}", None)
        if handler is not None:
            handler(event)

    @property
    def in_stage(self) -> bool:
        """Whether a stage trains, which could be finished."""
        return self.phase in _STAGE_PHASES.values()

    def _on_run_started(self, event: Event) -> None:
        config, dev = event.get("config", {}), int(event.get("dev_photos", 0))
        self.passes = {stage: int(config.get(stage, {}).get("epochs", 0)) for stage in _STAGE_PHASES}
        self.photos = int(event["photos"])
        # A dev split smaller than it might be is known to be all there is.
        wanted = int(config.get("report_photos", 0)) or dev
        self.report_photos = min(wanted, dev) if dev < int(config.get("dev_photos", 0)) else wanted
        self.measured_for = 0.0
        self.failure, self.notice, self.figures, self.phase = "", "", "", 0
        self.line = f"{event['photos']:,} photos, {event['pairs']:,} question-answer pairs"
        self.done = self.total = 0

    def _on_preparing(self, event: Event) -> None:
        self.line = f"{str(event['what']).capitalize()}: {event['done']:,} of {event['total']:,}"
        self.figures = ""
        self.done, self.total = event["done"], event["total"]
        if self.phase == PHASES.index("Measuring") and self._measuring_since:
            self.measured_for = max(0.0, event.get("time", 0.0) - self._measuring_since)

    def _on_stage_started(self, event: Event) -> None:
        self.stage, self._epochs, self._speed = event["stage"], event["epochs"], 0.0
        self.passes[self.stage] = self._epochs
        self.line, self.phase = TITLES.get(self.stage, self.stage), _STAGE_PHASES.get(self.stage, self.phase)
        self.done, self.total = 0, event["steps"]
        self.rising, self._dev_loss = 0, None

    def _on_epoch(self, event: Event) -> None:
        loss = float(event["dev_loss"])
        self.rising = self.rising + 1 if self._dev_loss is not None and loss > self._dev_loss else 0
        self._dev_loss = loss

    def _on_resumed(self, _event: Event) -> None:
        """Its later passes come again."""
        self.rising, self._dev_loss = 0, None

    @property
    def advice(self) -> str:
        """What to do about a dev loss that rises; empty while it doesn't."""
        if self.rising < RISING:
            return ""
        return (
            f"The dev loss has risen for {self.rising} passes: the model is memorising these photos and gets no better on "
            "others. Finish this stage: its best model so far is kept. More photos or fewer passes help."
        )

    def _on_stage_finished(self, event: Event) -> None:
        if event["stage"] == "fine_tune" and event["reason"] != "stopped":
            self.phase, self._measuring_since = PHASES.index("Measuring"), event.get("time", 0.0)
            self.line, self.figures, self.done, self.total = "Measuring the model on the dev photos…", "", 0, 0

    def _on_step(self, event: Event) -> None:
        speed = float(event["samples_per_second"])
        self._speed = speed if not self._speed else SMOOTHING * self._speed + (1 - SMOOTHING) * speed
        self.done, self.total = event["step"], event["steps"]
        self.line = f"{TITLES.get(event['stage'], event['stage'])}, pass {event['epoch'] + 1} of {self._epochs or '?'}"
        each = event["steps"] // self._epochs if self._epochs else 0
        if each:
            self.line += f", {100 * (event['step'] - event['epoch'] * each) // each} % of this pass"
        self.figures = (
            f"step {event['step']:,} of {event['steps']:,} · {self._speed:.{0 if self._speed >= 10 else 1}f} photos a second · "
            f"loss {event['loss']:.2f}"
        )
        if "memory_mb" in event:
            self.figures += f" · {event['memory_mb'] * 2**20 / 1e9:.1f} GB of memory"

    def _on_notice(self, event: Event) -> None:
        self.notice = str(event["text"])

    def _on_samples(self, event: Event) -> None:
        stage = str(event["stage"])
        when = f"after step {event['step']:,} of {PHASES[_STAGE_PHASES.get(stage, 0)].lower()}"
        self.samples.append(Sample(when, tuple(event["answers"])))

    def _on_evaluated(self, event: Event) -> None:
        self.metrics = dict(event["metrics"])

    def _on_run_failed(self, event: Event) -> None:
        self.failure = str(event["message"])

    def _on_run_finished(self, _event: Event) -> None:
        self.line, self.figures, self.done, self.total, self.phase = "Finished", "", 1, 1, len(PHASES)

    def _on_run_stopped(self, event: Event) -> None:
        stage = str(event["stage"])
        self.line = f"{TITLES.get(stage, stage)}, after step {event['step']:,}"
        self.figures = ""
