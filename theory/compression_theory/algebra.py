"""Expressions in one form, so that equal ones are seen to be equal."""

from functools import lru_cache

import sympy as sp


@lru_cache(maxsize=8192)
def reduced(expression):
    """`expression` as a quotient of coprime polynomials in its symbols, functions, logarithms and roots.

    Zero for exactly the rational identities among these, and a hundred times faster than `sp.simplify`.
    """
    expression = _tidy(sp.sympify(expression))
    atoms = sorted(atoms_of(expression), key=sp.default_sort_key)
    if not atoms:
        return expression
    field = sp.QQ.frac_field(*atoms)
    return field.to_sympy(field.from_sympy(expression))


@lru_cache(maxsize=8192)
def normal(expression):
    """(factor, form): expression = factor * form, one form for all rational multiples of it."""
    expression = _tidy(sp.sympify(expression))
    atoms = sorted(atoms_of(expression), key=sp.default_sort_key)
    if not atoms:
        rational = sp.nsimplify(expression)
        return (rational, sp.Integer(rational != 0))
    field = sp.QQ.frac_field(*atoms)
    element = field.from_sympy(expression)
    if element == 0:
        return sp.Integer(0), sp.Integer(0)
    above, below = element.numer.LC, element.denom.LC
    factor = sp.Rational(int(above.numerator), int(above.denominator)) / sp.Rational(
        int(below.numerator), int(below.denominator)
    )
    return factor, field.to_sympy(element) / factor


@lru_cache(maxsize=8192)
def factored(expression):
    """`expression` as a product of powers of irreducible polynomials in its atoms."""
    atoms = sorted(atoms_of(expression), key=sp.default_sort_key)
    names = [sp.Dummy(f"atom{n}") for n in range(len(atoms))]  # sp.factor would look inside
    plain = reduced(expression).xreplace(dict(zip(atoms, names, strict=True)))
    return sp.factor(plain).xreplace(dict(zip(names, atoms, strict=True)))


def zero(expression) -> bool:
    """Whether the expression is 0: by rational identities; with roots or exponentials also by SymPy's."""
    expression = sp.sympify(expression).subs(sp.GoldenRatio, (1 + sp.sqrt(5)) / 2)
    if reduced(expression) == 0:
        return True
    if not any(
        atom.is_Pow or isinstance(atom, _WITH_IDENTITIES) for atom in atoms_of(sp.sympify(expression))
    ):
        return False
    return sp.simplify(expression) == 0


_WITH_IDENTITIES = (sp.exp, sp.log, sp.LambertW, sp.Integral, sp.Subs, sp.Derivative, sp.sin, sp.cos)


def atoms_of(expression) -> set:
    """What `reduced` takes for the variables of its polynomials."""
    if expression.is_Rational:
        return set()
    if expression.is_Add or expression.is_Mul:
        return set().union(*map(atoms_of, expression.args))
    if expression.is_Pow and expression.exp.is_Integer:
        return atoms_of(expression.base)
    return {expression}


def _tidy(expression):
    """Logarithms of quotients taken apart where the factors are positive; sums in one form.

    That is: summands reduced, a sum of sums as one over both indices, in one order.
    """
    if expression.has(sp.log):
        expression = expression.replace(lambda e: isinstance(e, sp.log), _one_logarithm)
    if not expression.has(sp.Sum):
        return expression
    return expression.replace(lambda e: isinstance(e, sp.Sum), _one_sum)


def _one_logarithm(logarithm):
    return sp.expand_log(sp.log(factored(logarithm.args[0])))


def _one_sum(total):
    function, limits = total.function, list(total.limits)
    factors = sp.Mul.make_args(function)
    inner = [factor for factor in factors if isinstance(factor, sp.Sum)]
    if len(inner) == 1:
        outside = sp.Mul(*[factor for factor in factors if factor is not inner[0]])
        if not any(outside.has(index) for index, *_ in inner[0].limits):  # finite sums may be exchanged
            function, limits = outside * inner[0].function, [*limits, *inner[0].limits]
    return sp.Sum(reduced(function), *sorted(limits, key=sp.default_sort_key))


def slack(relation):
    """What is 0, or at least 0, by the relation."""
    below = isinstance(relation, sp.LessThan | sp.StrictLessThan)
    return relation.rhs - relation.lhs if below else relation.lhs - relation.rhs


STRICT = (sp.StrictGreaterThan, sp.StrictLessThan)
ORDER = (sp.GreaterThan, sp.LessThan, *STRICT)


def same(known, wanted) -> bool:
    """Whether `known` says `wanted`: the same kind (or a strict one), a multiple of the same slack."""
    if known == wanted:
        return True
    kinds = (sp.Equality, sp.Unequality, ORDER)
    if not any(isinstance(known, kind) and isinstance(wanted, kind) for kind in kinds):
        return False
    if isinstance(wanted, STRICT) and not isinstance(known, STRICT):
        return False
    if known.free_symbols != wanted.free_symbols:
        return False
    (factor, form), (other, wanted_form) = normal(slack(known)), normal(slack(wanted))
    if form != wanted_form or factor == 0:
        return False
    return not isinstance(wanted, ORDER) or factor * other > 0
