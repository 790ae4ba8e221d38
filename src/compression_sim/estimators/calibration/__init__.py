"""How far each estimator can be trusted: bias and coverage in toy worlds whose answer is known."""
