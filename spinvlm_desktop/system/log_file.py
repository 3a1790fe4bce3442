"""The program's log: what goes wrong is kept for a report, wherever it goes wrong. Logging never stops the program."""

from __future__ import annotations

import atexit
import copy
import faulthandler
import logging
import os
import platform
import sys
import threading
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler, qVersion

from spinvlm_desktop import __version__
from spinvlm_desktop.system.paths import log_folder

FILE_NAME = "spinvlm.log"
CRASH_NAME = "crash.log"
MAX_BYTES = 1_000_000
FILES = 3
SHOWN_LINES = 40
_HANDLER_NAMES = ("spinvlm-file", "spinvlm-stderr")
_FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
log = logging.getLogger(__name__)


def start_log() -> Path | None:
    """Log to a rotating file and warnings to stderr; uncaught errors, crashes and Qt's messages too.

    Returns the file, or None where it can't be written; then stderr is all there is. Never raises.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in [handler for handler in root.handlers if handler.name in _HANDLER_NAMES]:
        root.removeHandler(handler)
        handler.close()
    path = _add_file(root)
    _add_stderr(root, short=path is not None)
    _catch_crashes(path)
    sys.excepthook = _on_uncaught
    threading.excepthook = _on_uncaught_in_thread
    qInstallMessageHandler(_on_qt_message)
    # Qt goes on after Python has ended, and must not call into it.
    atexit.register(qInstallMessageHandler, None)
    log.info("SpinVLM %s starts: Python %s, Qt %s, %s", __version__, platform.python_version(), qVersion(), platform.platform())
    return path


def current_log() -> Path | None:
    """The file that is logged to."""
    for handler in logging.getLogger().handlers:
        if handler.name == _HANDLER_NAMES[0] and isinstance(handler, RotatingFileHandler):
            return Path(handler.baseFilename)
    return None


def diagnostics(**more: object) -> str:
    """What a report of a problem should hold: versions, the machine, `more`, and the log's last lines.

    The user's home folder reads `~`. Imports no torch.
    """
    path = current_log()
    facts: dict[str, object] = {
        "SpinVLM": __version__,
        "Python": platform.python_version(),
        "Qt": qVersion(),
        "PySide6": _version("PySide6-Essentials"),
        "torch": _version("torch"),
        "System": platform.platform(),
        "Processors": os.cpu_count() or "unknown",
        "Memory": _memory(),
        **more,
        "Log": path or "none: its folder can't be written",
    }
    lines = [f"{name}: {value}" for name, value in facts.items()]
    last = _last_lines(path)
    if last:
        lines += ["", f"The log's last {len(last)} lines:", *last]
    return _without_home("\n".join(lines))


def _add_stderr(root: logging.Logger, *, short: bool) -> None:
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]  # so it is in a program without a console
        return
    handler = logging.StreamHandler()
    handler.name = _HANDLER_NAMES[1]
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_Sentences("%(levelname)s: %(message)s" if short else _FORMAT, whole_errors=not short))
    root.addHandler(handler)


class _Sentences(logging.Formatter):
    """A terminal gets a sentence and its reason; the rest stands in the file. Without a file it gets the whole error."""

    def __init__(self, form: str, *, whole_errors: bool) -> None:
        super().__init__(form)
        self._whole_errors = whole_errors

    def format(self, record: logging.LogRecord) -> str:
        if self._whole_errors and record.levelno >= logging.ERROR:
            return super().format(record)
        plain = copy.copy(record)
        plain.exc_info = plain.exc_text = plain.stack_info = None
        reason = f" ({record.exc_info[1]})" if record.exc_info and record.exc_info[1] else ""
        return super().format(plain) + reason


def _add_file(root: logging.Logger) -> Path | None:
    try:
        path = log_folder() / FILE_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=MAX_BYTES, backupCount=FILES - 1, encoding="utf-8", errors="backslashreplace"
        )
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: there is no home folder
        log.warning("There is no log file: %s", error)
        return None
    handler.name = _HANDLER_NAMES[0]
    handler.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(handler)
    return path


def _catch_crashes(path: Path | None) -> None:
    """Where each thread was when the process is killed by a fault, beside the log or else on stderr."""
    with suppress(OSError, ValueError, AttributeError, RuntimeError):
        if path is None:
            faulthandler.enable()
            return
        crashes = path.with_name(CRASH_NAME)
        mode = "w" if crashes.exists() and crashes.stat().st_size > MAX_BYTES else "a"
        # The fault handler keeps the file; it has to be open when the fault comes.
        faulthandler.enable(file=crashes.open(mode, encoding="utf-8"))


def _on_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("uncaught error", exc_info=(kind, error, trace))


def _on_uncaught_in_thread(caught: threading.ExceptHookArgs) -> None:
    if caught.exc_type is SystemExit:
        return
    name = caught.thread.name if caught.thread else "unknown"
    error = caught.exc_value or caught.exc_type()
    log.critical("uncaught error in thread %s", name, exc_info=(caught.exc_type, error, caught.exc_traceback))


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    category = getattr(context, "category", None) or "default"
    logging.getLogger(f"qt.{category}").log(_LEVELS.get(kind, logging.WARNING), "%s", message)


def _version(package: str) -> str:
    from importlib import metadata  # only a report needs it, and with it comes half of the e-mail library

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _memory() -> str:
    import psutil

    try:
        memory = psutil.virtual_memory()
    except (OSError, RuntimeError, NotImplementedError):
        return "unknown"
    return f"{memory.total / 2**30:.1f} GiB, {memory.available / 2**30:.1f} GiB free"


def _last_lines(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.splitlines()[-SHOWN_LINES:]


def _without_home(text: str) -> str:
    with suppress(RuntimeError):
        home = str(Path.home())
        if len(home) > 1:
            return text.replace(home, "~")
    return text
