"""`spinvlm classes`: photos sorted by class become a question that the model answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress

from core.classes.class_question import ClassSummary
from core.classes.class_results import results_of
from core.config import require
from core.errors import DataError, ModelFileError, reason_of
from spinvlm_desktop.classes.class_words import accuracy_sentence, confusion_rows, decline_sentence
from spinvlm_desktop.commands.model_terminal import open_from_terminal, stoppable
from spinvlm_desktop.system import paths
from training.classes.class_folder import counsel, read_class_folder
from training.classes.class_project import ClassProject, ProjectFolder, find_projects, project_for
from training.commands.terminal import terminal, text_column

JSON_FOLDER = "folder"
"""In the last line that --json prints: where it was kept."""


def classes(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="A folder for each class, with its photos; none lists what is learnt.")
    ] = None,
    question: Annotated[
        str | None,
        typer.Option("--question", "-q", help="The question whose answers the classes are, such as “Which mushroom is it?”."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="MODEL", help="A model file of this program; default: the starter model.")
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget what was learnt of the question; no photo is touched.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print progress and results as JSON lines.")] = False,
    project: Annotated[Path | None, typer.Option(hidden=True, help="A class question of the window, to be learnt.")] = None,
) -> None:
    """Teach the model to tell classes of photos apart, and to answer a question by them."""
    if project is not None:
        kept = ProjectFolder(project)
        sorted_photos = kept.read()
    elif question is None:
        require(folder is None and not forget, "say with --question what is asked")
        _list(json_output=json_output)
        return
    elif forget:
        _forget(question)
        return
    else:
        require(folder is not None, "name the folder that holds a folder for each class")
        assert folder is not None
        sorted_photos = ClassProject.of(" ".join(question.split()), read_class_folder(folder.expanduser().absolute()))
        kept = project_for(paths.classes_folder(), question)
    with stoppable():
        summary = _learn(sorted_photos, kept, model=model, device=device, threads=threads, json_output=json_output)
    if project is None:
        kept.write(sorted_photos)
    if json_output:
        _write_json({JSON_FOLDER: str(kept.path), **summary.to_dict()})
    else:
        _report(summary, sorted_photos)


def _learn(
    project: ClassProject, kept: ProjectFolder, *, model: Path | None, device: str, threads: int | None, json_output: bool
) -> ClassSummary:
    """Learn, and keep what was learnt."""
    from core.classes.class_file import write_class_question
    from core.session import ModelSession
    from training.classes.class_folder import check_counts
    from training.classes.learning import learn_classes

    # Before the model is loaded, which takes seconds.
    check_counts({name: sum(path.is_file() for path in photos) for name, photos in project.photos.items()})
    session = open_from_terminal(model, device=device, threads=threads)
    if not isinstance(session, ModelSession):
        raise ModelFileError("Classes are learnt by the models of this program, not by pretrained ones.")
    with _progress(json_output) as progress:
        learnt = learn_classes(
            project.question, project.photos, session.classes, model=session.describe().name, progress=progress
        )
    try:
        write_class_question(kept.learnt, learnt)
    except OSError as error:
        raise DataError(f"What was learnt couldn't be kept in {kept.path}: {reason_of(error)}.") from error
    return learnt.summary


@contextmanager
def _progress(json_output: bool) -> Iterator[Callable[[int, int], None]]:
    if json_output:
        yield lambda done, total: _write_json({"done": done, "total": total})
        return
    errors = terminal(errors=True)
    with Progress(
        text_column("description"), BarColumn(), MofNCompleteColumn(), console=errors, transient=True,
        disable=not errors.is_terminal,
    ) as bar:
        task = bar.add_task("Looking at the photos", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _report(summary: ClassSummary, project: ClassProject) -> None:
    console = terminal()
    for note in summary.notes:
        console.print(note, style="yellow")
    for row in confusion_rows(summary):
        console.print(row)
    console.print(accuracy_sentence(results_of(summary)))
    for sentence in filter(None, (decline_sentence(summary), counsel(project.counts))):
        console.print(sentence)
    console.print(f"Ask it: spinvlm ask --image PHOTO --prompt \"{summary.question}\"")


def _list(*, json_output: bool) -> None:
    found = [summary for folder in find_projects(paths.classes_folder()) if (summary := folder.summary()) is not None]
    for summary in found:
        if json_output:
            _write_json(summary.to_dict())
        else:
            terminal().print(f"{summary.question}  {', '.join(summary.classes)}. {accuracy_sentence(results_of(summary))}")
    if not found and not json_output:
        terminal().print("No class question has been learnt yet: name a folder that holds a folder for each class.")


def _forget(question: str) -> None:
    kept = project_for(paths.classes_folder(), question)
    if not kept.path.exists():
        raise DataError(f"No class question “{question}” has been learnt.")
    kept.remove()
    terminal().print(f"“{question}” is forgotten; the photos are where they were.")


def _write_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()
