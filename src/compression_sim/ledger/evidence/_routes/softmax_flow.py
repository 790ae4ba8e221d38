"""A certified integrator: the gradient flow of a softmax, enclosed by Taylor models in ball arithmetic."""

from flint import arb, ctx

# the smallest softmax whose rebound curves cross: logits of the base, and the two targets
LOGITS, ALIGNMENT, REVERSAL = (1, 1, -2), (0.6, 0.0, 0.4), (0.05, 0.1, 0.85)
ORDER, STEP, BITS = 14, 16, 128  # terms of the series; steps per unit of time; precision


def softmax_flow(logits, targets) -> list[list]:
    """Balls that contain softmax(z) after each stage of the flow z' = P - softmax(z).

    `logits`: decimal strings; `targets`: stages (P, time), P decimal strings and the time a multiple of
    1/16. The probabilities obey p_i' = p_i (P_i - p_i - sum_j p_j (P_j - p_j)), which is polynomial: Taylor
    coefficients follow by recurrence, and a ball around the whole step bounds what is left out.
    """
    with _precision(BITS):
        weights = [arb(z).exp() for z in logits]
        state, stages = [w / sum(weights) for w in weights], []
        for law, time in targets:
            law = [arb(p) for p in law]
            for _ in range(round(time * STEP)):
                state = _step(state, law, arb(1) / STEP)
            stages.append(state)
    return stages


class _precision:
    def __init__(self, bits):
        self.bits = bits

    def __enter__(self):
        self.before, ctx.prec = ctx.prec, self.bits

    def __exit__(self, *_):
        ctx.prec = self.before


def _step(state, law, h):
    whole = [p + arb(0, 2 * h) for p in state]  # |p_i'| <= 2, as probabilities stay in [0, 1]
    for _ in range(3):  # p + [0, h] p' over what is known of the step
        speed = _coefficients(whole, law, 2)
        whole = [p + _between(h) * s[1] for p, s in zip(state, speed, strict=True)]
    series, rest = _coefficients(state, law, ORDER), _coefficients(whole, law, ORDER + 1)
    result = []
    for terms, last in zip(series, rest, strict=True):
        value = last[ORDER]
        for term in reversed(terms):
            value = value * h + term
        result.append(value)
    return result


def _between(h):
    return arb(h / 2, h / 2)


def _coefficients(state, law, order):
    """Taylor coefficients of the flow from `state`, the first `order` of each component."""
    series = [[p] for p in state]
    drive = [[] for _ in state]  # P_i - p_i
    common = []  # sum_j p_j (P_j - p_j)
    for n in range(order - 1):
        for i, p in enumerate(series):
            drive[i].append((law[i] if n == 0 else 0) - p[n])
        common.append(sum(_product(p, d, n) for p, d in zip(series, drive, strict=True)))
        new = []
        for p, d in zip(series, drive, strict=True):
            pull = [x - y for x, y in zip(d, common, strict=True)]
            new.append(_product(p, pull, n) / (n + 1))
        for p, value in zip(series, new, strict=True):
            p.append(value)
    return series


def _product(a, b, n):
    return sum((a[k] * b[n - k] for k in range(n + 1)), arb(0))
