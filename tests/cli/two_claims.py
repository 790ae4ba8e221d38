"""A claim that holds and one that does not; both functions have one name, on purpose."""

import compression_sim as cs


@cs.claim("sum", statement="One and one are two.", source="school")
def check(run):
    print("a line that must not reach stdout")
    yield cs.Evidence.equal("closed-form", 1 + 1, 2, detail="the sum")
    yield cs.Evidence.equal("enumeration", len([1, 1]), 2, detail="counted")


@cs.claim("product", statement="Two and two are five.")
def check(run):  # noqa: F811
    yield cs.Evidence.equal("closed-form", 2 + 2, 4, detail="2 + 2 = 4", role="counterexample")
    yield cs.Evidence.equal("enumeration", len([1, 1, 1, 1]), 4, detail="counted", role="counterexample")
