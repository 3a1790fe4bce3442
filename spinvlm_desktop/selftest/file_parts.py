"""The parts that read and write files: image formats, history, the user's folders, and what came with the program."""

from __future__ import annotations

import io
import sqlite3
import tempfile
from contextlib import closing
from importlib import resources
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import reason_of
from core.images.image_input import content_hash, load_image
from spinvlm_desktop.selftest.part_result import PartError, Test, require_that
from spinvlm_desktop.startup.help.licences import third_party_licences
from spinvlm_desktop.system import paths

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "HEIF")
ROUGHLY = 24
"""Of 255, by which a colour may be off after a lossy format."""


def file_parts() -> dict[str, Test]:
    """Each by itself."""
    return {
        "images": _formats_decode, "history": _history_opens, "folders": _folders_are_writable, "resources": _resources_are_there,
    }


def _formats_decode() -> str:
    """A plain image with a colour profile in every format that the program promises, written and read again."""
    import pillow_heif
    from PIL import ImageCms

    colour = (200, 60, 40)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name in FORMATS:
        encoded = io.BytesIO()
        image = Image.new("RGB", (64, 48), colour)
        if name == "HEIF":
            pillow_heif.from_pillow(image).save(encoded, quality=90, icc_profile=srgb)
        else:
            image.save(encoded, name, icc_profile=srgb)
        read = np.asarray(load_image(encoded.getvalue()), np.int16)
        require_that(read.shape == (48, 64, 3), f"A {name} image has another size when it is read.")
        require_that(int(np.abs(read - colour).max()) <= ROUGHLY, f"A {name} image has other colours when it is read.")
    return ", ".join(FORMATS).replace("HEIF", "HEIC")


def _history_opens() -> str:
    """A new history keeps a conversation; the user's own, where there is one, is looked at and not changed."""
    from core.config import GenerationConfig
    from spinvlm_desktop.history.store import DATABASE_NAME, HistoryStore

    with tempfile.TemporaryDirectory(prefix="spinvlm-selftest-", ignore_cleanup_errors=True) as name:
        photo = Path(name) / "photo.png"
        Image.new("RGB", (8, 8)).save(photo)
        with closing(HistoryStore(Path(name))) as store:
            kept = store.add_conversation(photo, photo.name, content_hash=content_hash(photo), title="Selftest")
            store.add_question(kept.id, "What is this?", spin=None, generation=GenerationConfig(), model="none")
        with closing(HistoryStore(Path(name))) as store:
            require_that(len(store.turns(kept.id)) == 1, "A history that was opened again has lost its question.")
    own = paths.data_folder() / DATABASE_NAME
    if not own.is_file():
        return "a new one keeps a question; the user has none yet"
    uri = f"{own.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=5)) as connection:
        require_that(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",), f"The history {own} is damaged.")
        (count,) = connection.execute("SELECT count(*) FROM conversations WHERE deleted IS NULL").fetchone()
    return f"a new one keeps a question; the user's own is sound ({count} conversations)"


def _folders_are_writable() -> str:
    """All of them are tried, so that the sentence names every one that can't be written."""
    wrong: list[str] = []
    for folder in (paths.data_folder(), paths.config_folder(), paths.log_folder()):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"selftest")
        except OSError as error:
            wrong.append(f"{folder} ({reason_of(error)})")
    if wrong:
        raise PartError(f"These folders can't be written: {', '.join(wrong)}.")
    return str(paths.data_folder())


def _resources_are_there() -> str:
    """Icon, style and licences: what the window shows beside the model."""
    root = resources.files("resources")
    for parts in (("icons", "spinvlm.svg"), ("styles", "window.qss"), ("models", "starter.md")):
        require_that(root.joinpath(*parts).is_file(), f"The file {'/'.join(parts)} is missing in the program.")
    components = third_party_licences()
    require_that(any(component.name.lower() == "torch" for component in components), "The third-party licences are missing.")
    return f"icon, style, model card, licences of {len(components)} components"
