"""Formulas of the theory pages as plain text."""

import re

import pytest

from compression_sim._show.latex import plain_text
from compression_theory import derivations


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"no formula: 5 % of {it}", "no formula: 5 % of {it}"),
        (r"$-\frac12(1 + \frac3k)E\,G_{22} \le 0$", "-1/2(1 + 3/k)E G_22 ≤ 0"),
        (r"$\frac{1 + m/k}{m-1}E\,G_{22}$ and $q = \frac1{10}$", "(1 + m/k)/(m-1) E G_22 and q = 1/10"),
        (r"$\frac{l^2}{2T_0^2}V_i$", "l^2/(2T_0^2) V_i"),
        (r"$x \to l/(2l^*)$ as $k \to \infty$", "x → l/(2l*) as k → ∞"),
        (r"$k\,\Delta\mathrm{KL}(P_p\|P_l)$", "k ΔKL(P_p‖P_l)"),
        (r"$-\nabla R\cdot d\theta/dn_t$", "-∇R· dθ/dn_t"),
        (r"$(\log a, \log b)$", "(log a, log b)"),
        (r"$k\log_2(1 + 1/k)$", "k log_2(1 + 1/k)"),
        (r"$\frac{\frac12 a}{b}$", "(1/2 a)/b"),
        (r"$a^{k-1} + a^{2}$", "a^(k-1) + a^2"),
        (r"$\min\{a,\ b\}$", "min{a, b}"),
        (r"$k_\mathrm{eff} \gg \eta$", "k_eff ≫ η"),
    ],
)
def test_formulas(latex, text):
    assert plain_text(latex) == text


def test_every_page_reads_as_plain_text():
    for page in derivations():
        for text in (page.title, page.statement, page.condition, page.scope):
            found = plain_text(text)
            assert not re.search(r"[\\$]|frac|mathrm|  ", found), found
