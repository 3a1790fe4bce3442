"""The one door to a model, whichever engine it needs: the starter model, a file, a folder, or a name as on the hub.

The library of pretrained models is imported only where one is asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.answer_model import AnswerModel, OnStep
from core.errors import DownloadError, ModelFileError

if TYPE_CHECKING:
    from core.pretrained.session import PretrainedSession

FILE_SUFFIXES = (".safetensors", ".pth", ".pt")


def open_model(
    where: Path | str | None, *, models: Path, choices: Path | None = None, device: str = "auto",
    threads: int | None = None, precision: str = "auto", content_hash: str | None = None, on_step: OnStep | None = None,
    classes: Path | None = None,
) -> AnswerModel:
    """The model there, loaded.

    where: None is the starter model; a file is a model of this program; a folder, or a name such as organisation/model, is
    a pretrained one; models: the folder of downloaded ones; choices: the file that remembers how pretrained models compute
    fastest here, None measures each time; device: auto, cpu, cuda or mps; precision: auto, float32 or bfloat16; threads:
    CPU threads, None leaves the choice to the engine; content_hash: of a file what the model's must be, of a folder its
    revision, None takes any; on_step: takes a sentence at each step that may take long; classes: the folder of the user's class
    questions, which models of this program answer. Raises ConfigError for a setting that
    can't be had, ModelFileError for what is no model that can be used.
    """
    folder = None if where is None else find_folder(where, models=models)
    if folder is None:
        from core.session import ModelSession

        file = None if where is None else Path(where).expanduser()
        return ModelSession.load(
            file, device=device, threads=threads, precision=precision, content_hash=content_hash, classes=classes
        )
    return open_folder(
        folder, choices=choices, device=device, threads=threads, precision=precision, revision=content_hash, on_step=on_step
    )


def open_folder(
    folder: Path, *, choices: Path | None, device: str = "auto", threads: int | None = None, precision: str = "auto",
    revision: str | None = None, on_step: OnStep | None = None,
) -> PretrainedSession:
    """The pretrained model in this folder. Arguments and errors are those of open_model."""
    from core.pretrained.loading.model_folder import inspect_folder
    from core.pretrained.loading.remembered_choices import RememberedChoices
    from core.pretrained.session import PretrainedSession

    found = inspect_folder(folder)
    remembered = None if choices is None else RememberedChoices(choices)
    known = None if remembered is None else remembered.find(found)
    session = PretrainedSession.load(
        folder, device=device, threads=threads, precision=precision, remembered=known, revision=revision, on_step=on_step
    )
    was_measured = threads is None and precision == "auto" and session.choice.seconds_a_token is not None
    if remembered is not None and was_measured and session.choice != known:
        remembered.keep(found, session.choice)
    return session


def find_folder(where: Path | str, *, models: Path) -> Path | None:
    """The folder of a pretrained model; None where a file is meant. Loads nothing, and asks nothing of the network.

    Raises ModelFileError for a name that could be a pretrained model's where there is none here, and for what is neither a
    file nor a folder nor such a name.
    """
    path = Path(where).expanduser()
    name = Path(where).as_posix()
    try:
        if path.is_dir():
            return path
        is_file = path.exists() or path.suffix.lower() in FILE_SUFFIXES
    except (OSError, ValueError):  # a name that the system can't have: what reads the file says so
        return None
    if is_file:
        return None
    from core.pretrained.hub.hub_plan import check_name

    try:
        check_name(name)
    except DownloadError:
        raise ModelFileError(
            f"There is no file or folder {where}, and models on the hub have names such as organisation/model."
        ) from None
    from core.pretrained.hub.model_store import find_model

    return find_model(name, models)
