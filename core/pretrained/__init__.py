"""Pretrained vision-language models from the transformers library, with the same questions, SPIN and maps.

Nothing here imports transformers when it is imported itself: it takes seconds and isn't installed everywhere.
"""
