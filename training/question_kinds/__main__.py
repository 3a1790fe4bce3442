"""Trains the classifier of question kinds and writes what it is worth into docs/questions.md.

    python -m training.question_kinds             trains, measures
    python -m training.question_kinds --measure   measures the stored weights
    python -m training.question_kinds --mistakes  lists the training questions of people that are taken for another kind
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from core.text.question_kinds.classifier import WEIGHTS_FILE, load_classifier
from training.question_kinds.learning import learn, words_of
from training.question_kinds.measuring import Measured, kinds_table, measure, summary_table
from training.question_kinds.wordings import Wording, authored_wordings, held_out_wordings, people_questions

SEED = 0
ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "resources" / "question_kinds" / WEIGHTS_FILE
PAGE = ROOT / "docs" / "questions.md"
PLACE = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- end of measured -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    if "--mistakes" in arguments:
        sys.stdout.write("\n".join(measure(people_questions(held_out=False)).mistakes()) + "\n")
        return 0
    training = [*authored_wordings(seed=SEED), *people_questions(held_out=False)]
    if "--measure" not in arguments:
        WEIGHTS.write_text(learn(training, seed=SEED).to_json() + "\n", encoding="utf-8")
        load_classifier.cache_clear()
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
