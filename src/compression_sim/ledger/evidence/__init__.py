"""Evidence functions, one module per part of the argument; `@judges(id)` says which claim they bear on.

They call the public functions through their modules (`elasticity.elastic_response`), so that a break
in one of those, deliberate or not, reaches the verdict.
"""
