"""How results look: number words, tables, plain text and HTML, strict JSON, formulas without LaTeX.

Everything that prints a result uses these; rich is imported only when something is rendered.
"""
