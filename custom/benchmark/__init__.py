"""Measuring the inner loop and the training step against independent implementations and the floor."""
