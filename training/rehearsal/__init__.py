"""What a model knew, small enough to come with it: compressed features of its training photos, and questions about them."""
