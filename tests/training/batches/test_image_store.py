from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import TrainingError
from core.model.vision_encoder import VisionEncoder
from training.batches.image_store import check_disk, store_features, store_pixels, usable_images
from training.data.captions import CaptionedImage

CPU = torch.device("cpu")


def silent(_done: int, _total: int) -> None: ...


@pytest.fixture
def images(tmp_path: Path) -> list[CaptionedImage]:
    """Three photos, dark on the left and bright on the right."""
    found: list[CaptionedImage] = []
    for number in range(3):
        path = tmp_path / f"{number}.png"
        Image.linear_gradient("L").rotate(90).convert("RGB").resize((50 + number, 40)).save(path)
        found.append(CaptionedImage(name=path.name, path=path, captions=("A gradient .",), split="train"))
    return found


@pytest.fixture(scope="module")
def encoder() -> VisionEncoder:
    torch.manual_seed(0)
    return VisionEncoder("vit_tiny_patch16_224", image_size=32).eval()


def test_photos_are_decoded_once(images: list[CaptionedImage], tmp_path: Path) -> None:
    reported: list[tuple[int, int]] = []
    first = store_pixels(images, tmp_path / "cache", name="p", size=32, progress=lambda *done: reported.append(done))
    assert first.shape == (3, 32, 32, 3)
    assert reported[-1] == (3, 3)
    reported.clear()
    again = store_pixels(images, tmp_path / "cache", name="p", size=32, progress=lambda *done: reported.append(done))
    assert reported == []
    assert np.array_equal(first, again)


def test_a_photo_that_changed_is_decoded_again(images: list[CaptionedImage], tmp_path: Path) -> None:
    before = np.array(store_pixels(images, tmp_path / "cache", name="p", size=32, progress=silent))
    Image.new("RGB", (20, 20), (200, 0, 0)).save(images[1].path)
    after = store_pixels(images, tmp_path / "cache", name="p", size=32, progress=silent)
    assert np.array_equal(before[0], after[0])
    assert after[1].reshape(-1, 3).tolist() == [[200, 0, 0]] * 32 * 32


def test_a_cache_that_was_cut_off_is_made_again(images: list[CaptionedImage], tmp_path: Path) -> None:
    class KilledError(Exception): ...

    def die(done: int, _total: int) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        store_pixels(images, tmp_path / "cache", name="p", size=32, progress=die)
    assert (tmp_path / "cache" / "p.npy").exists()
    pixels = store_pixels(images, tmp_path / "cache", name="p", size=32, progress=silent)
    assert all(rows.max() > 200 for rows in pixels)


def test_a_broken_photo_becomes_grey_and_is_reported(
    images: list[CaptionedImage], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    images[2].path.write_bytes(b"no photo")
    pixels = store_pixels(images, tmp_path / "cache", name="p", size=32, progress=silent)
    assert (pixels[2] == 127).all()
    assert "2.png" in caplog.text


def test_photos_without_captions_or_file_are_left_out(images: list[CaptionedImage], tmp_path: Path) -> None:
    gone = CaptionedImage(name="gone.png", path=tmp_path / "gone.png", captions=("A ghost .",), split="train")
    mute = CaptionedImage(name="0.png", path=images[0].path, captions=(), split="train")
    assert usable_images([gone, mute, *images]) == images


def test_cached_features_are_the_encoders(images: list[CaptionedImage], encoder: VisionEncoder, tmp_path: Path) -> None:
    pixels = store_pixels(images, tmp_path / "cache", name="p", size=32, progress=silent)
    plain, mirrored = (
        store_features(
            pixels, encoder, tmp_path / "cache", name=f"f{flip}", mirrored=flip, device=CPU, autocast=False, progress=silent,
            batch=2,
        )
        for flip in (False, True)
    )
    with torch.inference_mode():
        for stored, flip in ((plain, False), (mirrored, True)):
            rows = torch.from_numpy(np.array(pixels[:, :, ::-1] if flip else pixels))
            expected = encoder(encoder.normalise(rows))
            torch.testing.assert_close(torch.from_numpy(np.array(stored)).float(), expected, rtol=2e-3, atol=2e-3)
    assert not np.allclose(plain, mirrored)


def test_features_of_another_encoder_are_computed_again(
    images: list[CaptionedImage], encoder: VisionEncoder, tmp_path: Path
) -> None:
    pixels = store_pixels(images, tmp_path / "cache", name="p", size=32, progress=silent)
    settings = {"name": "f", "mirrored": False, "device": CPU, "autocast": False, "progress": silent}
    before = np.array(store_features(pixels, encoder, tmp_path / "cache", **settings))  # type: ignore[arg-type]
    torch.manual_seed(1)
    other = VisionEncoder("vit_tiny_patch16_224", image_size=32).eval()
    assert not np.allclose(before, store_features(pixels, other, tmp_path / "cache", **settings))  # type: ignore[arg-type]


def test_a_disk_that_is_too_small_is_reported_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"GB free and this run needs .* GB; free some space"):
        check_disk(tmp_path, 2**60)
    check_disk(tmp_path, 0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.name != "posix" or os.system(f"mount -t tmpfs -o size=600m spinvlm-test '{folder}' 2>/dev/null") != 0:
        pytest.skip("only root can mount a small disk")
    yield folder
    os.system(f"umount -l '{folder}'")


def test_a_disk_that_fills_up_ends_the_run_and_keeps_the_last_checkpoint(scenes: Path, small_disk: Path) -> None:
    from training.loop.training_run import run_training
    from training.loop.training_state import load_state
    from training.run.training_config import StageConfig, TrainingConfig

    config = TrainingConfig(
        data=str(scenes), encoder="random", vocabulary_size=300, width=32, layers=1, heads=4, dev_photos=2, threads=1,
        precision="float32", checkpoint_seconds=0, device="cpu", warm_up=StageConfig(epochs=20, batch_photos=4),
    )
    heard: list[str] = []

    def fill_up(event: dict[str, object]) -> None:
        heard.append(str(event["event"]))
        if event["event"] == "step" and event["step"] == 5:
            with pytest.raises(OSError, match="No space"), (small_disk / "ballast").open("wb") as ballast:
                while True:
                    ballast.write(bytes(2**16))

    with pytest.raises(TrainingError, match="intact"):
        run_training(config, small_disk / "run", listener=fill_up)
    assert heard[-1] == "run_failed"
    assert 1 <= load_state(small_disk / "run" / "checkpoint.pt")[0].step <= 5
    (small_disk / "ballast").unlink()
    stop = [False]

    def stop_soon(event: dict[str, object]) -> None:
        stop[0] |= event["event"] == "step"

    assert not run_training(None, small_disk / "run", resume=True, listener=stop_soon, should_stop=lambda: stop[0]).finished
