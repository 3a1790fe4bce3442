"""What becomes of a run that is training when the window is closed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.train.run.training_job import TrainingJob


def may_close(window: QWidget, run: Path) -> bool:
    """Ask what should happen to this run, and have it happen; False where the window is to stay."""
    box = QMessageBox(window)
    box.setWindowTitle("A model is being trained")
    box.setText(f"“{run.name}” is being trained.")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(
        "It can go on while the window is closed, be paused until you resume it, or be stopped; the best model stays."
    )
    onward = box.addButton("Go on in the background", QMessageBox.ButtonRole.AcceptRole)
    pause = box.addButton("Pause", QMessageBox.ButtonRole.ActionRole)
    stop = box.addButton("Stop", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(onward)
    box.exec()
    try:
        if box.clickedButton() is pause:
            TrainingJob(run).requests.ask("stop")
        elif box.clickedButton() is stop:
            window.hide()  # the process is waited for some seconds
            TrainingJob(run).end(wait=True)
    except SpinVlmError as error:
        window.show()
        QMessageBox.warning(window, "The training goes on", str(error))
        return False
    return box.clickedButton() in (onward, pause, stop)
