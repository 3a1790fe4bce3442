"""Sets the program up in a folder of its own (.venv) and runs it. Needs nothing but Python.

    python run.py                 start the program
    python run.py ask ...         ask on the command line (likewise train, pairs, check; --help lists all)
    python run.py screenshots     take the README's pictures of the window again
    python run.py test [...]      every check: ruff, pyright, import contracts, pytest (which gets the arguments)
    python run.py bundle [...]    build the program as a folder that needs no Python, and try it (--help lists options)

Packages come from wherever pip is set to look (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS, pip.conf), in the
versions of constraints.txt. This file must parse on Python 3.6, so that an old Python can say which one is needed.
"""

import os
import sys

OLDEST_PYTHON = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
CHECKS = (
    ("ruff", ["-m", "ruff", "check", "."]),
    ("pyright", ["-m", "pyright", "--pythonpath", "{python}"]),  # left alone it asks whichever Python is first on the path
    ("import contracts", ["-c", "from importlinter.cli import lint_imports_command as run; run()"]),
    # Side by side; a file's tests stay together, as what they prepare is theirs. `-n 0` runs them one by one.
    ("pytest", ["-m", "pytest", "-n", "logical", "--maxprocesses", "4", "--dist", "loadfile"]),
)
INSTALL_COMMANDS = {
    "apt": "sudo apt install", "dnf": "sudo dnf install", "pacman": "sudo pacman -S", "zypper": "sudo zypper install",
}
# What a window loads from the system, and the package that brings it, in the order of INSTALL_COMMANDS.
WINDOW_LIBRARIES = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd", "libglvnd"),
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd", "libglvnd"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2", "libglib-2_0-0"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig", "libfontconfig1"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus", "libdbus-1-3"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon", "libxkbcommon0"),
}
X11_LIBRARIES = {
    "libX11-xcb.so.1": ("libx11-xcb1", "libX11-xcb", "libx11", "libX11-xcb1"),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11", "libxkbcommon-x11-0"),
    "libxcb-cursor.so.0": ("libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor", "libxcb-cursor0"),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm", "libxcb-icccm4"),
    "libxcb-image.so.0": ("libxcb-image0", "xcb-util-image", "xcb-util-image", "libxcb-image0"),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms", "libxcb-keysyms1"),
    "libxcb-render-util.so.0": (
        "libxcb-render-util0", "xcb-util-renderutil", "xcb-util-renderutil", "libxcb-render-util0",
    ),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb", "libxcb-shape0"),
    "libxcb-xkb.so.1": ("libxcb-xkb1", "libxcb", "libxcb", "libxcb-xkb1"),
}
# By these pip's words for a connection that failed are known.
OFFLINE_WORDS = (
    "NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "ReadTimeoutError", "ProxyError", "SSLError",
    "Temporary failure in name resolution", "Failed to establish a new connection", "Connection broken",
)


class SetupError(Exception):
    """Told to the user as one sentence."""


def package_manager() -> "str | None":
    """The system's package manager, of those known here."""
    import shutil

    return next((name for name in INSTALL_COMMANDS if shutil.which(name)), None)


def python_complaint(version: "tuple[int, int]", platform: str, manager: "str | None") -> str:
    """A sentence about a Python that is too old. platform: as sys.platform; manager: as package_manager() gives it."""
    if platform == "darwin":
        command = "brew install python@3.12"
    elif platform == "win32":
        command = "winget install Python.Python.3.12"
    else:
        packages = {"apt": "python3.11 python3.11-venv", "dnf": "python3.11", "pacman": "python", "zypper": "python311"}
        command = "%s %s" % (INSTALL_COMMANDS[manager or "apt"], packages[manager or "apt"])
    return "This program needs Python 3.11 or newer and this is Python %d.%d; get one with: %s" % (
        version[0], version[1], command,
    )


def missing_libraries(libraries: "dict[str, tuple[str, ...]]") -> "list[str]":
    """Those of the system libraries that can't be loaded."""
    import ctypes

    missing: "list[str]" = []
    for name in libraries:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def library_complaint(missing: "list[str]", manager: "str | None") -> "str | None":
    """A sentence that names missing libraries and the command that brings them."""
    if not missing:
        return None
    known = dict(WINDOW_LIBRARIES, **X11_LIBRARIES)
    start = "The window needs system libraries that are missing here (%s); " % ", ".join(missing)
    if manager is None:
        return start + "install them with your system's package manager."
    column = list(INSTALL_COMMANDS).index(manager)
    packages = sorted({known[name][column] for name in missing})
    return "%sinstall them with: %s %s" % (start, INSTALL_COMMANDS[manager], " ".join(packages))


def window_complaint(platform: str, environment: "dict[str, str]") -> "str | None":
    """A sentence where the system can't show a window; asked before one is opened, as Qt would only abort."""
    if not platform.startswith("linux") or not os.path.exists(os.path.join(ROOT, "spinvlm_desktop", "app.py")):
        return None
    libraries = dict(WINDOW_LIBRARIES)
    if environment.get("QT_QPA_PLATFORM", "xcb").startswith("xcb") and not environment.get("WAYLAND_DISPLAY"):
        libraries.update(X11_LIBRARIES)
    missing = missing_libraries(libraries)
    return library_complaint(missing, package_manager()) if missing else None


class Environment:
    """The virtual environment and what is known to be installed in it.

    A stamp is written after everything else, so an environment without one is unfinished. While pip is at work there is
    also a mark: an environment in which it was cut off is made afresh.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.folder = os.path.join(root, ".venv")
        scripts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        self.python = os.path.join(self.folder, *scripts)
        self._mark = os.path.join(self.folder, "unfinished.txt")

    def wanted_stamp(self) -> str:
        """Changes when what is to be installed changes, or when the project has moved."""
        import hashlib

        digest = hashlib.sha256(self.root.encode())
        for name in ("constraints.txt", "pyproject.toml"):
            with open(os.path.join(self.root, name), "rb") as file:
                digest.update(file.read())
        return digest.hexdigest()

    def has(self, part: str, stamp: str) -> bool:
        """Whether this part, `program`, `checks` or `bundle`, is installed as the stamp wants it."""
        return self._stamp_of(part) == stamp and os.path.exists(self.python) and not os.path.exists(self._mark)

    def prepare(self, *, checks: bool, bundle: bool = False) -> None:
        """Install what is missing: the program, for checks their tools, for a bundle what builds it. Raises SetupError."""
        stamp = self.wanted_stamp()
        if not self.has("program", stamp):
            if self._stamp_of("program") is None or not os.path.exists(self.python) or os.path.exists(self._mark):
                self.make()
            self._install("program", ["--editable", self.root + "[pretrained]"], stamp)
        if checks and not self.has("checks", stamp):
            # Their names alone, not `.[dev]`: the program that is installed stays untouched.
            self._install("checks", tools(self.root, "dev"), stamp)
        if bundle and not self.has("bundle", stamp):
            self._install("bundle", tools(self.root, "bundle"), stamp)

    def _stamp_file(self, part: str) -> str:
        return os.path.join(self.folder, "installed-%s.txt" % part)

    def _stamp_of(self, part: str) -> "str | None":
        try:
            with open(self._stamp_file(part)) as file:
                return file.read()
        except OSError:
            return None

    def make(self) -> None:
        """Afresh, with nothing installed."""
        import shutil
        import subprocess

        say("Setting up the program in .venv; this happens once and takes a minute or more.")
        shutil.rmtree(self.folder, ignore_errors=True)
        # Started by a Python inside .venv itself, its own interpreter has just gone.
        python = getattr(sys, "_base_executable", None) or sys.executable
        done = subprocess.run([python, "-m", "venv", self.folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            output = done.stdout.decode(errors="replace").strip()
            if "ensurepip" in output:
                raise SetupError("Python lacks its module venv here; get it with: sudo apt install python3-venv")
            raise SetupError("The folder .venv could not be made: %s" % (output.splitlines() or ["unknown reason"])[-1])

    def _install(self, part: str, what: "list[str]", stamp: str) -> None:
        import subprocess

        with open(self._mark, "w") as file:
            file.write("An installation is under way, or was cut off.\n")
        # --no-input: a password prompt of some index would wait unseen.
        command = [self.python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--retries", "2",
                   "--constraint", os.path.join(self.root, "constraints.txt")]  # fmt: skip
        lines: "list[str]" = []
        with subprocess.Popen([*command, *what], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            assert process.stdout is not None
            for raw in process.stdout:
                line = raw.decode(errors="replace").strip()
                show_progress(line, warned=any(said.startswith("Collecting nvidia-") for said in lines))
                lines.append(line)
        os.remove(self._mark)
        if process.returncode != 0:
            raise SetupError(install_complaint(lines))
        with open(self._stamp_file(part), "w") as file:
            file.write(stamp)


def tools(root: str, extra: str) -> "list[str]":
    """What the checks (`dev`) or the bundle need, as pyproject.toml names it."""
    import tomllib

    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        return list(tomllib.load(file)["project"]["optional-dependencies"][extra])


def show_progress(line: str, *, warned: bool) -> None:
    """Of what pip says, what a person waits for: large downloads and the installation itself."""
    if line.startswith("Downloading") and line.endswith(("MB)", "GB)")):
        name, _, size = line[len("Downloading ") :].rsplit("/", 1)[-1].partition(" (")
        say("  downloading %s (%s" % ("-".join(name.split("-")[:2]), size))
    elif line.startswith("Installing collected packages"):
        count = line.count(",") + 1
        say("  installing %d package%s" % (count, "s" * (count > 1)))
    elif line.startswith("Collecting nvidia-") and not warned:
        say("  This PyTorch brings CUDA, some gigabytes. For the CPU build instead: stop this, set PIP_EXTRA_INDEX_URL")
        say("  to the CPU index that PyTorch's installation page names, and start again.")


def install_complaint(lines: "list[str]") -> str:
    """One sentence about a pip that failed. lines: all it said."""
    said = "\n".join(lines)
    if "No space left on device" in said:
        return "The packages could not be installed: the disk is full; make room (about 2 GB) and start again."
    if any(word in said for word in OFFLINE_WORDS):
        return "The packages could not be downloaded, which is needed once; check the connection and start again."
    errors = [line[len("ERROR:") :].strip() for line in lines if line.startswith("ERROR:")]
    return "The packages could not be installed: %s" % (errors or lines or ["pip ended without a word"])[-1]


def say(text: str) -> None:
    """Not on stdout, which belongs to the answer."""
    print(text, file=sys.stderr, flush=True)


def run_checks(python: str, arguments: "list[str]") -> int:
    """Every check, also after one has failed. Returns the exit code."""
    import subprocess
    import time

    results: "list[tuple[str, int, float]]" = []
    for name, command in CHECKS:
        print("== %s" % name, flush=True)
        start = time.monotonic()
        command = [part.replace("{python}", python) for part in command]
        done = subprocess.run([python, *command, *(arguments if name == "pytest" else [])], cwd=ROOT)
        results.append((name, done.returncode, time.monotonic() - start))
    print("== summary")
    for name, code, seconds in results:
        print("%-17s %s in %.0f s" % (name, "ok" if code == 0 else "FAILED", seconds), flush=True)
    return 1 if any(code for _, code, _ in results) else 0


def main(arguments: "list[str]") -> int:
    """Returns the exit code, unless the program takes this process over. Raises SetupError."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise SetupError(python_complaint(sys.version_info[:2], sys.platform, package_manager()))
    environment = Environment(ROOT)
    testing, bundling = arguments[:1] == ["test"], arguments[:1] == ["bundle"]
    environment.prepare(checks=testing or bundling, bundle=bundling)
    if testing:
        return run_checks(environment.python, arguments[1:])
    if bundling:
        import subprocess

        return subprocess.call([environment.python, "-m", "bundle", *arguments[1:]], cwd=ROOT)
    if arguments[:1] == ["screenshots"]:
        import subprocess

        return subprocess.call([environment.python, "-P", "-m", "spinvlm_desktop.pictures.screenshots", *arguments[1:]], cwd=ROOT)
    complaint = None if arguments else window_complaint(sys.platform, dict(os.environ))
    if complaint:
        raise SetupError(complaint)
    # -P: a folder named `core` where the user happens to be is not ours.
    command = [environment.python, "-P", "-m", "spinvlm_desktop", *arguments]
    try:
        if os.name == "posix":
            os.execv(command[0], command)
        import subprocess

        return subprocess.run(command).returncode
    except OSError as error:
        raise SetupError("The Python in .venv can't start (%s); delete that folder and start again." % error) from error


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
