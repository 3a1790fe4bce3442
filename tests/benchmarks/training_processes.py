"""How many photos stage 1 trains on in a second, by processes and threads: `python -m tests.benchmarks.training_processes`.

Real runs with the starter's recipe on drawn scenes, one after the other in several rounds, each stopped after some seconds
of steps. The features are made once. Another busy program disturbs it: the most of the rounds says most.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from training.scenes.collection import ScenesRecipe, make_scenes

SKIPPED_STEPS = 2
"""The first steps of a run are slower than all others."""


def main() -> None:
    """Print the most and the median of each way."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.training_processes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=30.0, help="of steps in each round")
    parser.add_argument("--photos", type=int, default=320)
    chosen = parser.parse_args()
    cores = os.cpu_count() or 1
    ways = sorted({(1, 1), (1, cores), (2, max(1, cores // 2)), (min(4, cores), max(1, cores // min(4, cores)))})
    paces: dict[tuple[int, int], list[float]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory(prefix="spinvlm-measure-") as name:
        scenes, cache = Path(name) / "scenes", Path(name) / "cache"
        make_scenes(scenes, ScenesRecipe(chosen.photos, 0))
        for number in range(chosen.rounds):
            for way in ways:
                run = Path(name) / f"{number}-{way[0]}-{way[1]}"
                paces[way].append(_photos_a_second(run, scenes, cache, way, seconds=chosen.seconds))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{chosen.rounds} rounds of {chosen.seconds:g} s, load {load} on {cores} cores")
    for (processes, threads), found in paces.items():
        way = f"processes {processes}, threads {threads}"
        print(f"{way}: {max(found):5.1f} photos/s at most, {statistics.median(found):5.1f} median")


def _photos_a_second(run: Path, scenes: Path, cache: Path, way: tuple[int, int], *, seconds: float) -> float:
    if cache.exists():
        shutil.move(cache, run / "cache")
    settings = {"processes": way[0], "threads": way[1], "warm_up.epochs": 1000, "device": "cpu"}
    command = [sys.executable, "-m", "training", "--preset", "starter", "--data", str(scenes), "--encoder", "random",
               "--out", str(run), "--json", *(f"--set={name}={value}" for name, value in settings.items())]
    steps: list[float] = []
    end = float("inf")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step":
                end = min(end, time.monotonic() + seconds)
                steps.append(event["samples_per_second"])
            if time.monotonic() > end and len(steps) > SKIPPED_STEPS:
                end = float("inf")
                process.send_signal(signal.SIGTERM)
    shutil.move(run / "cache", cache)
    return statistics.median(steps[SKIPPED_STEPS:])


if __name__ == "__main__":
    main()
