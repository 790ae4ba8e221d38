"""The formulas of `compression_theory`'s pages as plain text, for terminals and JSON."""

import re

SIGNS = {
    "le": "≤", "ge": "≥", "ne": "≠", "ll": "≪", "to": "→", "infty": "∞", "sim": "~", "cdot": "·", "pm": "±",
    "times": "×", "in": "∈", "sum": "Σ", "int": "∫", "nabla": "∇", "partial": "∂", "sqrt": "√", "cup": "∪",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "theta": "θ",
    "kappa": "κ", "lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "Delta": "Δ", "Gamma": "Γ", "Theta": "Θ", "Sigma": "Σ", "varphi": "φ", "log": " log ", "ln": " ln ",
    "exp": " exp ", "eta": "η", "omega": "ω", "vartheta": "ϑ", "approx": "≈", "gg": "≫", "perp": "⊥",
    "mapsto": "↦", "sup": "sup ", "top": "T", "|": "‖", ",": " ", ";": " ", ":": " ", "!": "", "quad": "  ",
    "left": "", "right": "", "dot": "", "lceil": "⌈", "rceil": "⌉", "lfloor": "⌊", "rfloor": "⌋",
    "ldots": "...",
}  # fmt: skip
GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
FRACTION = re.compile(rf"\\[dt]?frac\s*(?:{GROUP}|(\w))\s*(?:{GROUP}|(\w))(?=(\w?))")


def plain_text(text: str) -> str:
    r"""`text` with the LaTeX between its dollar signs read out: `$\frac12 G_{23}$` becomes `1/2 G_23`."""
    return re.sub(r"\$(.*?)\$", lambda match: _formula(match[1]), text, flags=re.DOTALL)


def _formula(latex: str) -> str:
    latex = re.sub(r"\\(?:mathrm|mathbf|text|operatorname)\{([^{}]*)\}", r" \1", latex)
    while FRACTION.search(latex):
        latex = FRACTION.sub(_fraction, latex)
    latex = re.sub(r"\\([a-zA-Z]+|.)", lambda match: SIGNS.get(match[1], match[1]), latex)
    latex = re.sub(r"_ +", "_", re.sub(r"_\{([^{}]*)\}", r"_\1", latex))
    latex = re.sub(r"([\^√])\{([^{}]*)\}", lambda match: match[1] + _bracketed(match[2], r"\w"), latex)
    latex = latex.replace("^*", "*").replace("^'", "'")
    return re.sub(r"([Δ∂∇]) +(?=\w)", r"\1", re.sub(r"(?<=\() +|(?<=\S) +(?=[ _])", "", latex)).strip()


def _fraction(match: re.Match) -> str:
    over = _bracketed(match[1] or match[2], r"[^-+ ]+")
    under = _bracketed(match[3] or match[4], r"\d+|\\?[a-zA-Z]+(_\w|_\{\w+\})?")
    return f"{over}/{under}" + (" " if match[5] else "")


def _bracketed(latex: str, simple: str) -> str:
    return latex if re.fullmatch(simple, latex) else f"({latex})"
