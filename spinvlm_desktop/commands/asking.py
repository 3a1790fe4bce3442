"""A question put to a model from a terminal: about one photo, or about many."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from core.answer_model import AnswerModel
from core.answers import Answer, AnswerRequest
from spinvlm_desktop.answers.answer_codec import answer_to_dict, comparison_to_dict
from spinvlm_desktop.answers.answer_files import AnswerFile
from spinvlm_desktop.commands.answer_report import print_comparison, print_declined, print_explanation
from spinvlm_desktop.commands.model_terminal import reading_progress
from training.commands.terminal import terminal, text_column


def compare_one(model: AnswerModel, request: AnswerRequest, *, explain: bool, json_output: bool) -> None:
    """The answers with head suppression off and on, on the standard output."""
    comparison = model.compare(request)
    if json_output:
        _write_json(comparison_to_dict(comparison))
    else:
        print_comparison(terminal(soft_wrap=False), comparison, explain=explain)
    _note_forgotten(comparison.baseline)


def ask_one(model: AnswerModel, request: AnswerRequest, *, image: Path, explain: bool, json_output: bool) -> None:
    """One photo's answer on the standard output: word by word as it is made, or as JSON.

    KeyboardInterrupt is passed on when what there is of the answer has been printed.
    """
    with reading_progress() as progress:
        stream = model.stream_answer(request, progress=progress)
        first = next(stream, None)
    written, stopped = "", None
    try:
        for token in chain([] if first is None else [first], stream):
            if not json_output:
                written += token.text
                sys.stdout.write(token.text)
                sys.stdout.flush()
    except KeyboardInterrupt as stop:
        stopped = stop
    answer = stream.answer()
    if json_output:
        _write_json(answer_to_dict(answer, image=image))
    elif answer.declined is not None:
        print_declined(terminal(soft_wrap=False), answer.declined)
        return
    else:
        # The rest is a character that became certain with the last token.
        sys.stdout.write(answer.text.removeprefix(written) + "\n")
        sys.stdout.flush()
    if stopped is not None:
        raise stopped
    if explain:
        print_explanation(terminal(soft_wrap=False), answer.tokens)
    _note_forgotten(answer)


def ask_many(
    model: AnswerModel, photos: Sequence[Path], request: AnswerRequest, answers: AnswerFile | None, *, json_output: bool
) -> int:
    """Answers of all photos, printed or written as they come. Returns how many photos failed."""
    errors = terminal(errors=True)
    progress = Progress(
        text_column("description"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors,
        transient=answers is None, disable=not errors.is_terminal,
    )
    failed, name = 0, model.describe().name
    results = model.answer_many(
        photos, request.question, spin=request.spin, generation=request.generation, finer=request.finer,
        free_form=request.free_form,
    )
    with progress:
        task = progress.add_task("Asking", total=len(photos))
        for image, result in results:
            assert isinstance(image, Path)
            if isinstance(result, Exception):
                failed += 1
                errors.print(str(result), style="red")
            elif answers is None and json_output:
                _write_json(answer_to_dict(result, image=image), indent=None)
            elif answers is None:
                sys.stdout.write(f"{image}: {result.text}\n")
            if answers is not None:
                answers.write(image, request.question, result, model=name, spin=request.spin)
            progress.advance(task)
    return failed


def report_many(answers: AnswerFile | None, *, photos: int, failed: int) -> None:
    """Where the answers are, and how many photos have none."""
    errors = terminal(errors=True)
    if answers is not None:
        errors.print(f"{photos - failed} answers are in {answers.path}")
    if failed:
        errors.print(f"{failed} of {photos} photos could not be read", style="red")


def fitted(request: AnswerRequest, model: AnswerModel, *, any_score: bool, any_length: bool) -> AnswerRequest:
    """The request with the model's own ways where nothing was asked for: how heads are ranked, how long an answer may be."""
    described, spin, generation = model.describe(), request.spin, request.generation
    if any_score and spin is not None:
        spin = replace(spin, score=described.default_score)
    if any_length:
        generation = replace(generation, max_tokens=described.usual_answer)
    return replace(request, spin=spin, generation=generation)


def _note_forgotten(answer: Answer) -> None:
    count = answer.forgotten_turns
    if count:
        turns = "turn was" if count == 1 else f"{count} turns were"
        terminal(errors=True).print(
            f"The conversation is too long for this model: the oldest {turns} left out.", style="yellow"
        )


def _write_json(content: dict[str, Any], *, indent: int | None = 1) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=indent) + "\n")
