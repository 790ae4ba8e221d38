"""The workshop of the matrix: its table, no-gos, mechanisms, the paper's values, the printed page."""
