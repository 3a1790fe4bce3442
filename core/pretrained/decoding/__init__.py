"""A pretrained model at work: SPIN in its attention, one reading of a prompt, and the answers that go on from it."""
