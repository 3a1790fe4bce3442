"""How well a model answers what people ask, and whether it looks at the photo for it."""
