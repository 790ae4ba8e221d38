"""Numbers in, intervals out: nothing here knows a table, a file or a model."""
