"""What the user says of the model's answers: kept, shown, and made a collection that a model can be trained on."""
