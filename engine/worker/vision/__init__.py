"""A loaded model that sees: the model process with a projector beside the model, a kind of process of its own."""
