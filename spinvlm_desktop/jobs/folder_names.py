"""Names that users give to jobs, which are their folders' names too."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

from core.errors import ConfigError, reason_of
from spinvlm_desktop.jobs.job import Job
from spinvlm_desktop.jobs.job_process import JobError

_NAME = re.compile(r"[^\x00-\x1f/\\:*?\"<>|.][^\x00-\x1f/\\:*?\"<>|]{0,79}")


def check_name(name: str) -> str:
    """A name that can be a folder's on every system. Raises ConfigError for any other."""
    if not _NAME.fullmatch(name):
        raise ConfigError('A name has 1 to 80 characters, none of them / \\ : * ? " < > |, and no dot first.')
    return name


def free_name(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """This name, or where it is taken the first with a number that isn't: "My model 2"."""
    name, stem, numbers = wanted, re.sub(r" \d+$", "", wanted), itertools.count(2)
    while name and is_taken(name):
        name = f"{stem} {next(numbers)}"
    return name


def rename_job(job: Job, name: str) -> Path:
    """Give a job another name. Returns its folder. Raises ConfigError or JobError with one sentence."""
    new = job.path.with_name(check_name(name))
    if job.is_alive():
        raise JobError(f"A {job.noun} can't be renamed while it is {job.running_word}; pause it first.")
    try:
        if new.exists():
            raise JobError(f"There is a {job.noun} named “{name}” already.")
        job.path.rename(new)
    except OSError as error:
        raise JobError(f"The {job.noun} can't be renamed: {reason_of(error)}.") from error
    return new


def moved(path: Path, old: Path, new: Path) -> Path:
    """Where a file is now that a folder was renamed; one that lies elsewhere is where it was."""
    return new / path.relative_to(old) if path.is_relative_to(old) else path
