"""Code lengths in, estimates with intervals out: the same on toy ground truth and on real models."""
