"""Tunes the sentence encoder to kinds of questions and writes what it is worth into docs/questions.md.

    python -m training.question_kinds --from FOLDER  tunes all-MiniLM-L6-v2, which lies in this folder, and measures
    python -m training.question_kinds             measures the encoder that comes with the program
    python -m training.question_kinds --mistakes  lists the training questions of people that are taken for another kind
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
from pathlib import Path

from core.files.atomic_file import write_bytes
from core.text.question_kinds.sentence_encoder import ENCODER_FILE, load_encoder
from training.question_kinds.examples import words_of
from training.question_kinds.measuring import Measured, kinds_table, measure, summary_table
from training.question_kinds.tuning import PUBLISHED, tune
from training.question_kinds.wordings import Wording, authored_wordings, held_out_wordings, people_questions

SEED = 0
ROOT = Path(__file__).parents[2]
ENCODER = ROOT / "resources" / "question_kinds" / ENCODER_FILE
PAGE = ROOT / "docs" / "questions.md"
PLACE = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- end of measured -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.question_kinds", description=__doc__, formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument("--from", dest="folder", type=Path, help="all-MiniLM-L6-v2: model.safetensors and vocab.txt")
    parser.add_argument("--mistakes", action="store_true")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.mistakes:
        sys.stdout.write("\n".join(measure(people_questions(held_out=False)).mistakes()) + "\n")
        return 0
    training = [*authored_wordings(seed=SEED), *people_questions(held_out=False)]
    if options.folder is not None:
        missing = [name for name in PUBLISHED if not (options.folder / name).is_file()]
        if missing:
            parser.error(f"{options.folder} holds no {' and no '.join(missing)}.")
        write_bytes(ENCODER, tune(training, options.folder, seed=SEED))
        load_encoder.cache_clear()
    tables = measured_tables(training)
    sys.stdout.write(tables)
    if PAGE.exists():
        PAGE.write_text(PLACE.sub(lambda _: tables, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def measured_tables(training: list[Wording]) -> str:
    """The tables of docs/questions.md."""
    learnt = {tuple(words_of(wording.text)) for wording in training}
    names = {"written": "held_out.txt", "written later": "held_out_2.txt"}
    written = {name: measure(held_out_wordings(file)) for name, file in names.items()}
    people = measure(people_questions(held_out=True))
    unlike = {f"{name}, not met in training": _not_met(measured, learnt) for name, measured in written.items()}
    first = written["written"]
    both = Measured((*first.wordings, *people.wordings), (*first.understood, *people.understood))
    sets = {**written, "people": people}
    summary = summary_table({**written, **unlike, "people": people, "written and people": both})
    return f"\n{summary}\n\n{kinds_table(sets)}\n\n"


def _not_met(measured: Measured, learnt: set[tuple[str, ...]]) -> Measured:
    """Without the wordings that happen to be learnt word for word."""
    new = [place for place, wording in enumerate(measured.wordings) if tuple(words_of(wording.text)) not in learnt]
    return Measured(tuple(measured.wordings[place] for place in new), tuple(measured.understood[place] for place in new))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
