from __future__ import annotations

import json
from pathlib import Path

from training.data.captions import CaptionedImage
from training.evaluation.report.examples import choose_examples, write_examples

CAPTIONS = ("a brown dog runs on the sand", "two men play football", "a red car on a street", "a girl eats an apple")


def test_the_best_captions_are_those_that_people_wrote_and_none_is_also_among_the_worst(tmp_path: Path) -> None:
    images = [CaptionedImage(f"{n}.jpg", tmp_path / f"{n}.jpg", (text,), "dev") for n, text in enumerate(CAPTIONS)]
    answers = [CAPTIONS[0], "nothing of the kind", CAPTIONS[2], ""]
    best, worst = choose_examples(images, answers)
    assert {Path(example.image).name for example in best} == {"0.jpg", "2.jpg"}
    assert {Path(example.image).name for example in worst} == {"1.jpg", "3.jpg"}
    assert best[0].cider_d >= best[1].cider_d > worst[0].cider_d == 0
    write_examples(tmp_path / "examples.json", best, worst)
    assert json.loads((tmp_path / "examples.json").read_text())["worst"][0]["reference"] in (CAPTIONS[1], CAPTIONS[3])
