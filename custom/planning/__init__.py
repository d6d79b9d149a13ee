"""A training's settings from a data set's properties, each with its reason: fingerprint, then plan."""
