"""Pretrained models from the Hugging Face hub: what is worth getting, how long it takes, downloads, and what is there."""
