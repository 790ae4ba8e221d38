"""Second routes, and the worlds that evidence is computed in; they judge no claim."""
