"""Help: tour, shortcuts, glossary, about."""
