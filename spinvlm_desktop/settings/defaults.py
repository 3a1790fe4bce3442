"""What is asked where nobody has typed a question."""

from __future__ import annotations

DEFAULT_QUESTION = "Describe the photo in detail."
