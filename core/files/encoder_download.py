"""timm's pretrained encoder weights from the Hugging Face hub: only ever on the user's request."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import DownloadError
from core.model.timm_import import import_timm

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 6.0
MEGABYTE = 1_000_000
_FILE_NAMES = ("model.safetensors", "pytorch_model.bin")
"""What timm's repositories on the hub call their weights, the better one first."""
_ADVICE = "connect to the internet, or start from a local file (--encoder FILE) or the bundled encoder (--encoder bundled)"
Counted = Callable[[int, int], None]
"""Takes the megabytes that are there and all."""


def download_encoder(
    name: str, *, progress: Callable[[str], None] | None = None, counted: Counted | None = None
) -> Path:
    """The file of timm's pretrained weights of this model; downloaded, unless it was before.

    progress: called with a sentence before any download; counted: with how much of it has arrived. Raises DownloadError.
    """
    known = import_timm().get_pretrained_cfg(name, allow_unregistered=True)
    if known is None or not known.hf_hub_id:
        raise DownloadError(
            f"timm offers no pretrained weights of {name}: give a local file with --encoder FILE, or use --encoder random."
        )
    names = (known.hf_hub_filename,) if known.hf_hub_filename else _FILE_NAMES
    try:
        path = _from_cache(known.hf_hub_id, names)
        return path or _from_hub(name, known.hf_hub_id, names, progress or log.warning, counted)
    except DownloadError:
        raise
    except Exception as error:  # the hub's client and the HTTP libraries below it raise kinds of their own
        raise DownloadError(
            f"The pretrained weights of {name} could not be downloaded ({_reason(error)}): {_ADVICE}."
        ) from error


def _from_cache(repository: str, names: tuple[str, ...]) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    for name in names:
        path = try_to_load_from_cache(repository, name)
        if isinstance(path, str):
            return Path(path)
    return None


def _from_hub(
    name: str, repository: str, names: tuple[str, ...], progress: Callable[[str], None], counted: Counted | None
) -> Path:
    import huggingface_hub
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if huggingface_hub.is_offline_mode():
        raise DownloadError(
            f"The pretrained weights of {name} could not be downloaded, because HF_HUB_OFFLINE forbids it: {_ADVICE}."
        )
    urls = {file: huggingface_hub.hf_hub_url(repository, file) for file in names}
    found = next((file for file, url in urls.items() if _is_there(name, url)), None)
    if found is None:
        raise DownloadError(f"The hub has no pretrained weights of {name}: {_ADVICE}.")
    progress(f"Downloading the pretrained weights of {name} from {repository} (once; they are kept).")
    # A program without a console has no place for the client's own bar, which then fails.
    hide = sys.stderr is None and not are_progress_bars_disabled()  # pyright: ignore[reportUnnecessaryComparison]
    if hide:
        disable_progress_bars()
    try:
        return Path(huggingface_hub.hf_hub_download(repository, found, tqdm_class=counted and _counting_bar(counted)))
    finally:
        if hide:
            enable_progress_bars()


def _counting_bar(counted: Counted) -> type[Any]:
    """A bar, as the hub's client takes one, that shows nothing and reports how far it is."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[type-arg]
        def __init__(self, *_: Any, total: float | None = None, initial: float = 0, **__: Any) -> None:
            super().__init__(total=total, initial=initial, disable=True)
            self.n, self.total = initial, total

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            counted(round(self.n / MEGABYTE), round((self.total or 0) / MEGABYTE))

    return Bar


def _is_there(name: str, url: str) -> bool:
    """Whether the hub has this file. Raises at once where the hub can't be reached: its client tries for a minute."""
    from huggingface_hub import get_session

    status: int = get_session().head(url, timeout=CONNECT_TIMEOUT_S, follow_redirects=False).status_code
    if status >= 500 or status in (403, 407, 408, 429):
        raise DownloadError(
            f"The pretrained weights of {name} could not be downloaded (the server answers {status}): try again later, "
            "or start from a local file (--encoder FILE) or the bundled encoder (--encoder bundled)."
        )
    return status < 400


def _reason(error: BaseException) -> str:
    """The innermost cause in few words."""
    while error.__cause__ is not None:
        error = error.__cause__
    line = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else ""
    return line if 0 < len(line) <= 150 else type(error).__name__
