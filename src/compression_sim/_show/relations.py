"""SymPy's relations in a line of plain text."""


def in_words(relation) -> str:
    """`G_at = -k*G_pt`; anything but a relation as SymPy writes it."""
    from sympy import sstr

    def plain(part):
        return sstr(part).replace("\\", "").replace("{", "").replace("}", "")

    if not hasattr(relation, "rel_op"):
        return plain(relation)
    left, right = map(plain, relation.args)
    return f"{left} {relation.rel_op.replace('==', '=')} {right}"
