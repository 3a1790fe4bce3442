"""What goes into the bundle and what stays out. build.spec asks here."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import PurePosixPath

EXCLUDED_MODULES = (
    # Tests and tools that libraries of ours import where they are there.
    "pytest", "_pytest", "pluggy", "hypothesis", "sortedcontainers", "numpy.f2py", "sympy.testing",
    "torch.testing._internal.common_utils", "torch.testing._internal.common_methods_invocations",
    "torch.testing._internal.opinfo", "torch.testing._internal.composite_compliance",
    "torch.testing._internal.optests", "torch.testing._internal.common_xpu",
    "setuptools", "_distutils_hack", "pkg_resources", "pip", "IPython", "jedi", "matplotlib", "pandas", "scipy",
    "tkinter", "PyInstaller", "readline",
    # Compilers, exporters and viewers of torch's, which nothing here calls.
    "torch.utils.tensorboard", "torch.utils.benchmark", "torch.utils.bottleneck", "torch.utils.hipify",
    "torch._inductor.codegen", "torch._inductor.kernel", "torch._inductor.fx_passes", "networkx", "triton", "onnx", "onnxscript",
    # Subjects of sympy's that torch, which needs its algebra, never asks for; what colours program code in a terminal.
    "sympy.physics", "sympy.stats", "sympy.vector", "sympy.diffgeom", "sympy.holonomic", "sympy.categories", "sympy.crypto",
    "sympy.liealgebras", "sympy.codegen", "sympy.sandbox", "sympy.benchmarks", "sympy.parsing.latex", "sympy.parsing.autolev",
    "sympy.parsing.c", "sympy.parsing.fortran", "numpy.distutils", "huggingface_hub.cli",
    # Downloads in parts of files that others have too; without it a model's files come by plain HTTP.
    "hf_xet",
    # Parts in C of libraries that do without them, or that nobody asks for.
    "yaml._yaml", "lxml.objectify", "lxml.isoschematron",
    # Bindings of Qt that nothing here needs.
    "PySide6.QtTest", "PySide6.QtSvgWidgets", "PySide6.QtPrintSupport",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtDesigner", "PySide6.QtUiTools", "PySide6.QtDBus",
    "OpenGL", "pyqtgraph.opengl", "pyqtgraph.examples",
    # Formats that the program doesn't read.
    "PIL.ImageTk", "PIL._imagingtk", "PIL.ImageQt",
)  # fmt: skip
HIDDEN_MODULES = (
    # Imported by names that are made at run time; torch._dynamo.polyfills are, too.
    "resources", "timm", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets",
    "PySide6.support.deprecated", "sacrebleu.tokenizers.tokenizer_none",
)  # fmt: skip
SOURCE_MODULES = (
    # These read their own source when they are imported.
    "torch._dynamo.config", "torch._inductor.config", "torch._inductor.config_comms", "torch._functorch.config",
    "torch._export.config", "torch.fx.experimental._config", "torch.distributed.config", "torch.compiler.config",
    "torch.utils.serialization.config",
)  # fmt: skip
PACKAGES_WITHOUT_SOURCE = ("torch", "timm", "torchvision")
"""PyInstaller would add their sources as files; they work without, and fewer files start faster."""

_PLUGIN_FOLDERS = ("egldeviceintegrations", "generic", "networkinformation", "printsupport", "qmltooling", "sqldrivers", "tls")
_UNUSED_PLUGINS = (
    # GTK's theme would bring a second set of GTK's libraries; the portal's plugin has the system's file dialog too.
    "libqgtk3", "libqeglfs", "libqlinuxfb", "libqminimalegl", "libqvkkhrdisplay", "libqvnc", "qdirect2d",
    "libqpdf", "qpdf", "libqtga", "qtga", "libqwbmp", "qwbmp", "libqicns", "qicns", "libqtvirtualkeyboard", "qtvirtualkeyboard",
)  # fmt: skip
_UNUSED_QT = ("EglFS", "EglFs", "Test", "Qml", "Quick", "Sql", "PrintSupport", "Pdf", "VirtualKeyboard")
_TORCH_TEST_LIBRARIES = ("jitbackend_test", "torchbind_test", "backend_with_compiler", "aoti_custom_ops")
SYSTEM_LIBRARIES = ("libmvec.so",)
"""Parts of libc, which is the system's own: another version of them beside it would break both."""
STRIPPED = (
    "libtorch_cpu", "libtorch_python", "libtorch", "libc10", "libpython3", "libshm", "torch_shm_manager", "tokenizers.abi3",
    "_regex.",
)
"""Their tables of inner symbols serve debuggers only: a fifth of the largest library, more of the small ones."""


def keeps(destination: str) -> bool:
    """Whether a library or a data file belongs into the bundle. destination: its place in it, however written."""
    parts: tuple[str, ...] = PurePosixPath(destination.replace("\\", "/")).parts
    top, name = parts[0], parts[-1]
    if top in ("torchvision", "torchvision.libs") or (top == "torch" and not _keeps_of_torch(parts)):
        return False
    if any(name.startswith(library) for library in (*SYSTEM_LIBRARIES, "libcudart", "libnvjpeg", "libcuda")):
        return False
    if top == "PySide6" or name.startswith(("libQt6", "Qt6")):
        return _keeps_of_qt(parts)
    if top in ("hypothesis", "setuptools", "hf_xet", "pyqtgraph") and len(parts) > 1:
        return top == "pyqtgraph" and parts[1] in ("colors", "icons")
    if top.endswith(".dist-info"):
        return name == "METADATA"
    return not name.startswith(("libgtk-3", "libgdk"))


def keeps_module(name: str) -> bool:
    """Whether a module that was found goes into the archive of Python code: lexers of hundreds of languages don't."""
    return not name.startswith("pygments.lexers.") or name == "pygments.lexers._mapping"


def without_dangling_links(entries: Sequence[tuple[str, str, str]], there: Sequence[str]) -> list[tuple[str, str, str]]:
    """The entries without links to what isn't there. An entry: destination, source or what a link says, kind.

    there: destinations of everything in the bundle that is no link.
    """
    places = {posixpath.normpath(place.replace("\\", "/")) for place in there}
    return [
        entry for entry in entries
        if entry[2] != "SYMLINK" or posixpath.normpath(posixpath.join(posixpath.dirname(entry[0]), entry[1])) in places
    ]


def is_stripped(destination: str) -> bool:
    """Whether a library's inner symbols are left out."""
    return PurePosixPath(destination.replace("\\", "/")).name.startswith(STRIPPED)


def _keeps_of_torch(parts: tuple[str, ...]) -> bool:
    if parts[1] == "bin":
        return parts[-1].startswith("torch_shm_manager")
    if parts[1] in ("test", "include", "share"):
        return False
    return not any(name in parts[-1] for name in _TORCH_TEST_LIBRARIES)


def _keeps_of_qt(parts: tuple[str, ...]) -> bool:
    name = parts[-1]
    if "translations" in parts:
        return False  # the program speaks English alone
    if "plugins" in parts:
        folder = parts[parts.index("plugins") + 1]
        unused = folder in _PLUGIN_FOLDERS or folder.startswith("wayland-graphics-integration-server")
        return not unused and not name.startswith(_UNUSED_PLUGINS)
    if name == "opengl32sw.dll":
        return False  # Windows: software OpenGL, which widgets don't need
    return not any(part.removeprefix("lib").removeprefix("Qt6").removeprefix("Qt").startswith(_UNUSED_QT) for part in parts)
