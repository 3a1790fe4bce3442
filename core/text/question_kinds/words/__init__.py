"""The words of a question: normalised, mended, of which language, without politeness."""
