"""`spinvlm ask`: one photo or many, one question."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, get_args

import typer

from core.answers import AnswerRequest
from core.config import GenerationConfig, MethodName, SpinConfig, require
from core.errors import ImageError
from core.model.published_spin import HALF
from core.model.spin_text import parse_keep, parse_layers
from spinvlm_desktop.answers.answer_files import AnswerFile
from spinvlm_desktop.commands.asking import ask_many, ask_one, compare_one, fitted, report_many
from spinvlm_desktop.commands.earlier_turns import read_turns
from spinvlm_desktop.commands.model_terminal import open_from_terminal, refuse_beam_search, stoppable
from spinvlm_desktop.settings.defaults import DEFAULT_QUESTION

Images = Annotated[list[Path], typer.Option("--image", "-i", help="A photo, or a folder of photos; may repeat.")]


def ask(
    image: Images,
    prompt: Annotated[str, typer.Option("--prompt", "-p", help="The question.")] = DEFAULT_QUESTION,
    model: Annotated[Path | None, typer.Option(
        "--model", metavar="MODEL", help="A model file, a pretrained model's folder or its name; default: the starter model."
    )] = None,
    spin: Annotated[bool | None, typer.Option("--spin/--no-spin", help="Image-guided head suppression.")] = None,
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="K", help="Heads kept per layer: a number, or a ratio such as 0.5.")
    ] = None,
    alpha: Annotated[float | None, typer.Option(help="Factor on the other heads' output, 0 to 1.")] = None,
    layers: Annotated[str | None, typer.Option(metavar="A:B", help="Decoder layers from A up to, but not with, B.")] = None,
    score: Annotated[str | None, typer.Option(help="How heads are ranked: mass or logits.")] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option("--earlier", metavar="FILE", help="Earlier answers about the photo, as --json prints them; may repeat."),
    ] = None,
    finer: Annotated[bool, typer.Option("--finer", help="Look at the photo more closely, where the model can.")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="Answer with head suppression off and on.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show what the heads did for each word.")] = False,
    free_form: Annotated[
        bool, typer.Option("--free-form", help="Give the model the question as typed; decline nothing, allow any answer.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write answers to a .csv or .jsonl file.")] = None,
    method: Annotated[str, typer.Option(help="default, greedy, sampling or beam.")] = "default",
    beam_width: Annotated[int, typer.Option(help="Hypotheses of a beam search.")] = 4,
    length_penalty: Annotated[float, typer.Option(help="Beam search: higher favours longer answers.")] = 1.0,
    temperature: Annotated[float, typer.Option(help="Sampling: lower is more predictable.")] = 1.0,
    top_k: Annotated[int, typer.Option(help="Sampling: only the k likeliest words; 0: all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Sampling: only the likeliest words up to this probability.")] = 1.0,
    seed: Annotated[int | None, typer.Option(help="Sampling: the same seed gives the same answer.")] = None,
    repetition_penalty: Annotated[float, typer.Option(help="Above 1 discourages repeated words.")] = 1.0,
    no_repeat_ngram: Annotated[int, typer.Option(help="No sequence of so many tokens twice; 0: as the method has it.")] = 0,
    max_tokens: Annotated[int | None, typer.Option(help="Longest answer; default: the model's usual one.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = "auto",
) -> None:
    """Ask a question about one photo or many."""
    spin_config = _spin_config(spin, keep=keep, alpha=alpha, layers=layers, score=score, compare=compare)
    require(method in get_args(MethodName), f"--method must be default, greedy, sampling or beam, got {method!r}")
    generation = GenerationConfig(
        method=method,  # pyright: ignore[reportArgumentType]
        **({} if max_tokens is None else {"max_tokens": max_tokens}), temperature=temperature, top_k=top_k, top_p=top_p,
        seed=seed, beam_width=beam_width, length_penalty=length_penalty,
        repetition_penalty=repetition_penalty, no_repeat_ngram=no_repeat_ngram,
    )
    photos, many = _photos(image)
    many = many or out is not None
    require(not (many and (compare or explain)), "--compare and --explain take a single photo, and no --out")
    turns = read_turns(earlier or [])
    require(not (many and turns), "--earlier takes a single photo, and no --out")
    answers = None if out is None else AnswerFile(out)  # a bad name is refused before the model is loaded
    with stoppable(lambda: _what_is_left(answers)), answers or nullcontext():
        refuse_beam_search(model, method=method)
        session = open_from_terminal(model, device=device, threads=threads, precision=precision)
        described = session.describe()
        require(
            not turns or described.remembers_conversation,
            f"{described.name} answers each question by itself and can't be given earlier ones",
        )
        request = fitted(
            AnswerRequest(
                photos[0], prompt, spin=spin_config, generation=generation, earlier=turns, finer=finer, free_form=free_form
            ),
            session, any_score=score is None, any_length=max_tokens is None,
        )
        if compare:
            compare_one(session, request, explain=explain, json_output=json_output)
        elif not many:
            ask_one(session, request, image=photos[0], explain=explain, json_output=json_output)
        failed = ask_many(session, photos, request, answers, json_output=json_output) if many else 0
    if many:
        report_many(answers, photos=len(photos), failed=failed)
        raise typer.Exit(1 if failed else 0)


def _what_is_left(answers: AnswerFile | None) -> str | None:
    return f"The answers so far are in {answers.path}." if answers is not None and answers.count else None


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
