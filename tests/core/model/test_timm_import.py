"""timm is imported beside every torchvision. Each has a process of its own, as operators can't be taken back."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.model import timm_import

ROOT = Path(timm_import.__file__).parents[2]

ENCODES = """
import gc
from core.model.timm_import import import_timm
timm = import_timm()
gc.collect()
import sys, torch, torchvision
assert import_timm() is timm is sys.modules["timm"]
assert torch.ops.torchvision.nms and torch.ops.torchvision.qnms
model = timm.create_model("vit_tiny_patch16_224", depth=1, img_size=32, num_classes=0, pretrained=False).eval()
print(tuple(model.forward_features(torch.zeros(1, 3, 32, 32)).shape))
"""


def run_python(script: str, *, first_on_path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script with every warning an error, in an interpreter that finds packages in `first_on_path` first."""
    path = os.pathsep.join(str(folder) for folder in (first_on_path, ROOT) if folder is not None)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def fake_torchvision(folder: Path, source: str) -> Path:
    (folder / "torchvision").mkdir()
    (folder / "torchvision" / "__init__.py").write_text(source, encoding="utf-8")
    return folder


@pytest.fixture
def torchvision_without_operators(tmp_path: Path) -> Path:
    """The real torchvision less its binaries, which is what torch sees of one that is built for another torch."""
    specification = importlib.util.find_spec("torchvision")
    assert specification is not None
    assert specification.origin is not None
    shutil.copytree(
        Path(specification.origin).parent,
        tmp_path / "torchvision",
        ignore=shutil.ignore_patterns("*.so", "*.pyd", "*.dylib", "*.dll", "__pycache__"),
    )
    return tmp_path


def test_a_torchvision_without_operators_is_enough(torchvision_without_operators: Path) -> None:
    premise = """
import sys
try:
    import torchvision
except RuntimeError as error:
    assert "operator torchvision::nms does not exist" in str(error), error
else:
    raise AssertionError("this torchvision needs no help")
for name in [name for name in sys.modules if name.startswith("torchvision")]:
    del sys.modules[name]
"""
    done = run_python(premise + ENCODES, first_on_path=torchvision_without_operators)
    assert (done.returncode, done.stdout) == (0, "(1, 5, 192)\n"), done.stderr


def test_a_torchvision_with_operators_is_left_alone(torchvision_without_operators: Path) -> None:
    # Operators defined by somebody else, as a fitting binary does; torch refuses to have them defined a second time.
    operators = """
import torch
fitting = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    fitting.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""
    done = run_python(operators + ENCODES, first_on_path=torchvision_without_operators)
    assert (done.returncode, done.stdout) == (0, "(1, 5, 192)\n"), done.stderr


def test_the_torchvision_of_this_environment_will_do() -> None:
    timm = timm_import.import_timm()
    assert timm.is_model("vit_tiny_patch16_224")
    assert timm_import.import_timm() is timm


@pytest.mark.parametrize(
    ("source", "last_line"),
    [
        ("raise RuntimeError('another trouble')", "RuntimeError: another trouble"),
        ("raise OSError('no library')", "OSError: no library"),
        ("import not_there_at_all", "ModuleNotFoundError: No module named 'not_there_at_all'"),
    ],
)
def test_other_troubles_are_not_hidden(tmp_path: Path, source: str, last_line: str) -> None:
    script = "from core.model.timm_import import import_timm\nimport_timm()"
    done = run_python(script, first_on_path=fake_torchvision(tmp_path, source))
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, last_line)


def test_importing_the_module_loads_neither_torch_nor_timm() -> None:
    script = "import sys, core.model.timm_import; print(sorted({'torch', 'timm', 'torchvision'} & set(sys.modules)))"
    done = run_python(script)
    assert done.stdout == "[]\n", done.stderr


def test_a_model_is_read_and_answers_without_torchs_compiler_which_is_there_when_it_is_wanted() -> None:
    script = """
import sys, torch
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import load_model
load_model(starter_model_path()).model.encoder(torch.zeros(1, 3, 288, 288))
print("torch._dynamo" in sys.modules)
print(torch.compiler.disable(abs)(-3), torch._dynamo.__name__, hasattr(torch._dynamo, "optimize"))
"""
    done = run_python(script)
    assert done.stdout == "False\n3 torch._dynamo True\n", done.stderr
