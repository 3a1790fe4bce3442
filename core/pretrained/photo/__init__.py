"""A photo on its way into a pretrained model: how each family takes it, and where its image tokens lie on it."""
