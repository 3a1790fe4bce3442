"""`spinvlm ask`: one photo or many, one question."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from core.answers import AnswerRequest
from core.config import GenerationConfig, SpinConfig, require
from core.errors import ImageError
from core.model.published_spin import HALF
from core.model.spin_text import parse_keep, parse_layers
from spinvlm_desktop.answers.answer_codec import answer_to_dict, comparison_to_dict
from spinvlm_desktop.answers.answer_files import AnswerFile
from spinvlm_desktop.commands.answer_report import print_comparison, print_declined, print_explanation
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION
from training.commands.terminal import terminal, text_column

if TYPE_CHECKING:
    from core.session import ModelSession

Images = Annotated[list[Path], typer.Option("--image", "-i", help="A photo, or a folder of photos; may repeat.")]


def ask(
    image: Images,
    prompt: Annotated[str, typer.Option("--prompt", "-p", help="The question.")] = DEFAULT_QUESTION,
    model: Annotated[Path | None, typer.Option("--model", help="A model file; default: the starter model.")] = None,
    spin: Annotated[bool | None, typer.Option("--spin/--no-spin", help="Image-guided head suppression.")] = None,
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="K", help="Heads kept per layer: a number, or a ratio such as 0.5.")
    ] = None,
    alpha: Annotated[float | None, typer.Option(help="Factor on the other heads' output, 0 to 1.")] = None,
    layers: Annotated[str | None, typer.Option(metavar="A:B", help="Decoder layers from A up to, but not with, B.")] = None,
    score: Annotated[str | None, typer.Option(help="How heads are ranked: mass or logits.")] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Answer with head suppression off and on.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show what the heads did for each word.")] = False,
    free_form: Annotated[
        bool, typer.Option("--free-form", help="Give the model the question as typed; decline nothing, allow any answer.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write answers to a .csv or .jsonl file.")] = None,
    method: Annotated[str, typer.Option(help="greedy, sampling or beam.")] = "greedy",
    beam_width: Annotated[int, typer.Option(help="Hypotheses of a beam search.")] = 4,
    length_penalty: Annotated[float, typer.Option(help="Beam search: higher favours longer answers.")] = 1.0,
    temperature: Annotated[float, typer.Option(help="Sampling: lower is more predictable.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Sampling: only the k likeliest words; 0: all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Sampling: only the likeliest words up to this probability.")] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Sampling: the same seed gives the same answer.")] = None,
    repetition_penalty: Annotated[float, typer.Option(help="Above 1 discourages repeated words.")] = 1.0,
    no_repeat_ngram: Annotated[int, typer.Option(help="No sequence of so many words twice; 0: any.")] = 0,
    max_tokens: Annotated[int, typer.Option(help="Longest answer.")] = 48,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = "auto",
) -> None:
    """Ask a question about one photo or many."""
    spin_config = _spin_config(spin, keep=keep, alpha=alpha, layers=layers, score=score, compare=compare)
    require(method in ("greedy", "sampling", "beam"), f"--method must be greedy, sampling or beam, got {method!r}")
    generation = GenerationConfig(
        method=method,  # pyright: ignore[reportArgumentType]
        max_tokens=max_tokens, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, beam_width=beam_width,
        length_penalty=length_penalty, repetition_penalty=repetition_penalty, no_repeat_ngram=no_repeat_ngram,
    )
    photos, many = _photos(image)
    many = many or out is not None
    request = AnswerRequest(photos[0], prompt, spin=spin_config, generation=generation, free_form=free_form)
    require(not (many and (compare or explain)), "--compare and --explain take a single photo, and no --out")
    with nullcontext() if out is None else AnswerFile(out) as answers:  # a bad name is refused before the model is loaded
        from core.session import ModelSession  # torch is loaded only once everything typed is known to make sense

        session = ModelSession.load(model, device=device, threads=threads, precision=precision)
        failed = 0 if not many else _ask_many(
            session, photos, request, answers, json_output=json_output
        )
    if many:
        _report(answers, photos=len(photos), failed=failed)
        raise typer.Exit(1 if failed else 0)
    console = terminal(soft_wrap=False)
    if compare:
        comparison = session.compare(request)
        if json_output:
            _write_json(comparison_to_dict(comparison))
        else:
            print_comparison(console, comparison, explain=explain)
    elif json_output:
        _write_json(answer_to_dict(session.answer(request), image=photos[0]))
    else:
        _stream(session, request, console, explain=explain)


def _spin_config(
    spin: bool | None, *, keep: str | None, alpha: float | None, layers: str | None, score: str | None, compare: bool
) -> SpinConfig | None:
    """Head suppression as asked for; a setting of it, or --compare, switches it on."""
    settings = (keep, alpha, layers, score)
    if spin is False or (spin is None and not compare and all(setting is None for setting in settings)):
        require(not compare, "--compare needs head suppression: leave out --no-spin")
        return None
    first, last = (0, None) if layers is None else parse_layers(layers, name="--layers")
    return SpinConfig(
        keep=HALF.keep if keep is None else parse_keep(keep, name="--keep"),
        alpha=HALF.alpha if alpha is None else alpha,
        first_layer=first,
        last_layer=last,
        score=HALF.score if score is None else score,  # pyright: ignore[reportArgumentType]
    )


def _photos(images: Sequence[Path]) -> tuple[list[Path], bool]:
    """The photos named, folders opened, and whether they are to be treated as many."""
    from core.images.image_input import find_images

    photos: list[Path] = []
    for path in images:
        if path.is_dir():
            found = find_images(path)
            if not found:
                raise ImageError(f"The folder {path} holds no photos.")
            photos.extend(found)
        else:
            photos.append(path)
    return photos, len(images) > 1 or images[0].is_dir()


def _write_json(content: dict[str, Any], *, indent: int | None = 1) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=indent) + "\n")


def _stream(session: ModelSession, request: AnswerRequest, console: Console, *, explain: bool) -> None:
    stream = session.stream_answer(request)
    for token in stream:
        sys.stdout.write(token.text)
        sys.stdout.flush()
    answer = stream.answer()
    if answer.declined is not None:
        print_declined(console, answer.declined)
        return
    sys.stdout.write("\n")
    if explain:
        print_explanation(console, answer.tokens)


def _ask_many(
    session: ModelSession, photos: Sequence[Path], request: AnswerRequest, answers: AnswerFile | None, *, json_output: bool
) -> int:
    """The request's question about all photos, printed or written as answers come. Returns how many photos failed."""
    errors = terminal(errors=True)
    progress = Progress(
        text_column("description"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors,
        transient=answers is None, disable=not errors.is_terminal,
    )
    failed, model = 0, session.describe().name
    with progress:
        task = progress.add_task("Asking", total=len(photos))
        for image, result in session.answer_many(
            photos, request.question, spin=request.spin, generation=request.generation, free_form=request.free_form
        ):
            assert isinstance(image, Path)
            if isinstance(result, Exception):
                failed += 1
                errors.print(str(result), style="red")
            elif answers is None and json_output:
                _write_json(answer_to_dict(result, image=image), indent=None)
            elif answers is None:
                sys.stdout.write(f"{image}: {result.text}\n")
            if answers is not None:
                answers.write(image, request.question, result, model=model, spin=request.spin)
            progress.advance(task)
    return failed


def _report(answers: AnswerFile | None, *, photos: int, failed: int) -> None:
    errors = terminal(errors=True)
    if answers is not None:
        errors.print(f"{photos - failed} answers are in {answers.path}")
    if failed:
        errors.print(f"{failed} of {photos} photos could not be read", style="red")
