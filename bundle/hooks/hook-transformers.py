"""Takes the place of PyInstaller's hook, which collects what is known of every library that transformers might use.

It reads its own source when it is imported, and asks for the versions of what it needs.
"""

from PyInstaller.utils.hooks import copy_metadata

module_collection_mode = "pyz+py"
datas = [
    entry
    for name in (
        "transformers", "huggingface-hub", "tokenizers", "safetensors", "numpy", "packaging", "pyyaml", "regex", "tqdm",
        "filelock", "pillow", "torchvision", "timm", "jinja2",
    )
    for entry in copy_metadata(name)
]
