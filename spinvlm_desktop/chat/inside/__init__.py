"""Look inside: heads, words and SPIN beside the photo."""
