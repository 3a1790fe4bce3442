"""The vision-language model and how it answers. Knows torch, knows no Qt."""
