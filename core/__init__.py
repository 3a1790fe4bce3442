"""The vision-language model and how it answers. Knows torch, knows no Qt.

`core.session` is the one door. Behind it `core.model` is the program's own model; a second engine, such as `core.pretrained`
for models from transformers, stands beside it and is described by the same `ModelShape`.
"""
