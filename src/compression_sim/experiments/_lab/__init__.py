"""The workshop of the experiments: what they share, and what runs them."""
