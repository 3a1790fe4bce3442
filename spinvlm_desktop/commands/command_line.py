"""The command line: `spinvlm ask`, `spinvlm train` and their companions."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from core.errors import SpinVlmError
from spinvlm_desktop import __version__
from spinvlm_desktop.commands.ask_command import ask
from spinvlm_desktop.commands.classes_command import classes
from spinvlm_desktop.commands.data_commands import check, pairs
from spinvlm_desktop.commands.models_commands import models
from spinvlm_desktop.selftest.command import selftest
from spinvlm_desktop.system import paths
from training.commands.measure_command import measure
from training.commands.measure_pretrained import PretrainedPaths
from training.commands.probe_command import probe
from training.commands.scenes_command import scenes
from training.commands.teach_command import rehearsal, teach
from training.commands.terminal import print_error
from training.commands.train_command import train

app = typer.Typer(
    name="spinvlm",
    help="Ask questions about photos, offline, with a model that you can look into and train yourself.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(ask)
app.command()(train)
app.command()(teach)
app.command()(rehearsal)
app.command()(pairs)
app.command()(check)
app.command()(classes)
app.command()(probe)
app.command()(measure)
app.command("evaluate", hidden=True)(measure)  # its name of before, for scripts
app.add_typer(scenes, name="scenes")
app.add_typer(models, name="models")
app.command()(selftest)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"spinvlm {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log what the program does.")] = False,
) -> None:
    """Settings of all commands."""
    context.obj = PretrainedPaths(paths.models_folder(), paths.compute_choices_file())
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s: %(message)s")


def main() -> None:
    """Run the command line; what the user can put right is one sentence and exit code 1."""
    try:
        app(prog_name="spinvlm")
    except SpinVlmError as error:
        print_error(error)
        sys.exit(1)
    except BrokenPipeError:
        # The reader (`| head`) has gone; closing stderr keeps Python from complaining about it at exit.
        sys.stderr.close()
        sys.exit(0)
