"""A model from the Hugging Face hub, only ever on the user's request: resumed after any interruption, verified by hash.

The files go into a folder of their own, `organisation--model`, which is `organisation--model.part` until all of them are
there and intact. HF_ENDPOINT, proxies and access tokens are those of the hub's own client.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import DownloadError, SpinVlmError, reason_of
from core.pretrained.hub.hub_plan import DownloadPlan, HubFile, check_name, is_intact, make_plan, read_plan
from core.pretrained.library import hub_client
from core.pretrained.loading.model_folder import check_kind, read_json

log = logging.getLogger(__name__)
CHUNK = 1 << 20
"""Bytes between two looks at whether somebody wants to stop."""
SPARE_DISK = 200_000_000
"""Bytes that a disk keeps free."""
TIMEOUT_S = 15.0
UNFINISHED = ".part"
UNREACHABLE = frozenset(["ConnectError", "ConnectTimeout", "ProxyError"])
"""What the HTTP library calls it where no connection was made at all."""


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download is."""

    done: int
    total: int
    """Bytes."""
    seconds_left: float | None
    """At the speed so far; None before there is one."""


class DownloadStoppedError(DownloadError):
    """The user stopped a download; what is there stays, and the next one goes on from it."""


Report = Callable[[DownloadProgress], None]
ShouldStop = Callable[[], bool]


def folder_of(repository: str, models: Path) -> Path:
    """Where a model of this name is kept among the downloaded ones. Raises DownloadError for a name that is none."""
    check_name(repository)
    return models / repository.replace("/", "--")


def download_model(
    repository: str, models: Path, *, revision: str | None = None, progress: Report | None = None,
    should_stop: ShouldStop | None = None,
) -> Path:
    """The folder of this model; downloaded, unless it is there already.

    repository: organisation/model; models: the folder of downloaded models; revision: a commit, branch or tag, None is the
    latest. An interrupted download is gone on with, at the revision it was begun with. Raises DownloadError.
    """
    folder = folder_of(repository, models)
    finished = read_plan(folder)
    if finished is not None and revision in (None, finished.revision):
        return folder
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise DownloadError(f"{repository} can't be downloaded, because HF_HUB_OFFLINE forbids it.")
    part = folder.with_name(folder.name + UNFINISHED)
    with hub_client(offline=False), _sentences(repository):
        plan = read_plan(part)
        if plan is None or revision not in (None, plan.revision):
            plan = _announced(repository, revision)
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            plan.save(part)
        _Download(plan, part, progress, should_stop).run()
        if folder.exists():
            shutil.rmtree(folder)
        part.replace(folder)
    return folder


def _announced(repository: str, revision: str | None) -> DownloadPlan:
    from huggingface_hub import HfApi

    info = HfApi(endpoint=_endpoint()).model_info(repository, revision=revision, files_metadata=True, timeout=TIMEOUT_S)
    return make_plan(repository, str(info.sha), list(info.siblings or []))


def _endpoint() -> str:
    from huggingface_hub import constants

    return os.environ.get("HF_ENDPOINT", constants.ENDPOINT).rstrip("/")


class _Download:
    """One download under way."""

    def __init__(self, plan: DownloadPlan, part: Path, progress: Report | None, should_stop: ShouldStop | None) -> None:
        self._plan, self._part = plan, part
        self._progress, self._should_stop = progress, should_stop
        self._there = sum(self._present(file) for file in plan.files)
        self._fetched = 0
        self._started = time.monotonic()

    def run(self) -> None:
        self._check_disk()
        for file in self._plan.files:
            path = self._part / file.name
            if not path.exists():
                self._fetch(file, path)
            if file.name == "config.json":  # before gigabytes are downloaded for nothing
                config = read_json(path, what=f"the config.json of {self._plan.repository}")
                check_kind(str(config.get("model_type")), config)

    def count(self, size: int) -> None:
        """So many more bytes came. Raises DownloadStoppedError where the user wants no more."""
        self._fetched += size
        if self._progress is not None:
            done, total = self._there + self._fetched, self._plan.size
            passed = time.monotonic() - self._started
            left = (total - done) * passed / self._fetched if self._fetched and passed > 0.5 else None
            self._progress(DownloadProgress(min(done, total), total, left))
        if self._should_stop is not None and self._should_stop():
            raise DownloadStoppedError(f"The download of {self._plan.repository} was stopped; it can be gone on with later.")

    def _present(self, file: HubFile) -> int:
        for path in (self._part / file.name, self._partial(file)):
            if path.exists():
                return min(path.stat().st_size, file.size)
        return 0

    def _partial(self, file: HubFile) -> Path:
        return self._part / f"{file.name}{UNFINISHED}"

    def _check_disk(self) -> None:
        needed = self._plan.size - self._there
        free = shutil.disk_usage(self._part).free
        if needed + SPARE_DISK > free:
            raise DownloadError(
                f"{self._plan.repository} needs {needed / 1e9:.1f} GB more on the disk, and only "
                f"{max(free - SPARE_DISK, 0) / 1e9:.1f} GB are free: make room, or choose a smaller model."
            )

    def _fetch(self, file: HubFile, path: Path) -> None:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers

        partial = self._partial(file)
        url = hf_hub_url(self._plan.repository, file.name, revision=self._plan.revision, endpoint=_endpoint())
        self.count(0)
        with partial.open("ab", buffering=0) as stream, _small_chunks():
            have = stream.tell()
            if have > file.size:
                stream.truncate(have := 0)
            http_get(
                url, stream, resume_size=have, headers={**build_hf_headers(), "Accept-Encoding": "identity"},  # pyright: ignore[reportArgumentType]
                expected_size=file.size, tqdm_class=_counting_bar(self.count),
            )
            os.fsync(stream.fileno())
        if not is_intact(partial, file):
            partial.unlink()
            raise DownloadError(
                f"{file.name} of {self._plan.repository} was damaged on the way (its hash is wrong) and has been thrown away: "
                "start the download again."
            )
        partial.replace(path)


@contextmanager
def _small_chunks() -> Iterator[None]:
    from huggingface_hub import constants

    before = constants.DOWNLOAD_CHUNK_SIZE
    constants.DOWNLOAD_CHUNK_SIZE = CHUNK
    try:
        yield
    finally:
        constants.DOWNLOAD_CHUNK_SIZE = before


def _counting_bar(count: Callable[[int], None]) -> type[Any]:
    """A bar, as the hub's client takes one, that shows nothing and passes on what has come."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[type-arg]
        def __init__(self, *_: Any, **__: Any) -> None:
            super().__init__(disable=True)

        def update(self, n: float | None = 1) -> None:
            count(int(n or 0))

    return Bar


@contextmanager
def _sentences(repository: str) -> Iterator[None]:
    """Tells what goes wrong inside in one sentence."""
    from huggingface_hub import errors
    from huggingface_hub.utils import HFValidationError

    try:
        yield
    except SpinVlmError as error:
        raise error if isinstance(error, DownloadError) else DownloadError(str(error)) from error
    except errors.GatedRepoError as error:
        raise DownloadError(
            f"{repository} is only for those who have accepted its terms: accept them on https://huggingface.co/{repository}, "
            "then make the access token known with `hf auth login` or in HF_TOKEN."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise DownloadError(f"The hub has no such revision of {repository}.") from error
    except (errors.RepositoryNotFoundError, HFValidationError) as error:
        raise DownloadError(f"The hub has no model {repository}, or only for those who are logged in.") from error
    except errors.RemoteEntryNotFoundError as error:
        raise DownloadError(f"A file of {repository} is no longer on the hub.") from error
    except errors.HfHubHTTPError as error:
        raise DownloadError(
            f"{repository} could not be downloaded (the server answers {error.response.status_code}): try again later."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DownloadError(f"The disk is full: {repository} is only partly there; make room and go on.") from error
        raise DownloadError(f"{repository} could not be downloaded: {reason_of(error).splitlines()[0].rstrip('.')}.") from error
    except Exception as error:  # the HTTP library below raises kinds of its own
        log.debug("download failed", exc_info=True)
        if type(error).__name__ in UNREACHABLE:
            raise DownloadError(
                f"{repository} could not be downloaded, because the hub can't be reached: is this computer online?"
            ) from error
        raise DownloadError(
            f"The connection broke off while {repository} was downloaded ({type(error).__name__}): go on when it is back."
        ) from error
