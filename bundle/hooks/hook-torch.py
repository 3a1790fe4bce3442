"""Takes the place of PyInstaller's hook, which collects all of torch: modules by their imports, libraries, nothing else."""

import sys
from pathlib import Path

from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs, get_package_paths

binaries = collect_dynamic_libs("torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])
folder = Path(get_package_paths("torch")[1])
if not sys.platform.startswith("win"):
    # Started by torch where processes share tensors.
    binaries.append((str(folder / "bin" / "torch_shm_manager"), "torch/bin"))
# torch looks its libraries up beside one another; links to them from elsewhere lead it astray.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
