"""Which worlds each estimator is calibrated in, and where, in words, its interval can be trusted."""

from functools import partial

from ..statistics import curves
from . import worlds
from .regime import Regime
from .worlds import pareto, rare

RATES = "50 or more independent units"
CHANGES = "200 or more independent units; no rare response that carries the change (warned where seen)"
RATIO = "as changes; any k and noise (unbounded where the change is within it)"
NOISE = "2 or more repeats; noise of scoring that is normal, and alike at all checkpoints"
READER = "50 or more responses; a feature well inside the scored amounts"
CROSSING = "as other curve readings, where the gap at the first amount is clear of its noise"
TAIL = "10 or more observations above a known x_min; found by KS, its own error is not in the interval"
HILL = "k largest values inside the exactly Pareto part"


def regimes() -> list[Regime]:
    """Every estimator in the worlds in which it is calibrated, its domain stated in words."""
    w, correlated = worlds, {"responses": 1200, "cluster": 6}
    counts, masses = partial(w.tail_index, discrete=True), partial(w.tail_index, discrete=False)
    fall = curves.fall_rate_at(0.45)
    rows = [
        ("rate", "200 responses", w.rate(), RATES),
        ("rate", "50 responses", w.rate(responses=50), RATES),
        ("rate", "Pareto 0.8 leaf masses", w.rate(mass=pareto), RATES),
        ("rate", "1200 responses in clusters of 6", w.rate(**correlated), RATES),
        ("rate", "8 responses", w.rate(responses=8), RATES, False),
        ("normalised rate", "200 responses", w.normalized_rate(), RATES),
        ("excess rate", "400 responses", w.excess_rate(responses=400), RATES),
        ("excess rate", "50 responses", w.excess_rate(responses=50), RATES),
        ("change", "400 responses", w.change(responses=400), CHANGES),
        ("change", "200 responses", w.change(), CHANGES),
        ("change", "tiny effect, l = 1e-6", w.change(responses=400, amount=1e-6), CHANGES),
        ("change", "Pareto 0.8 leaf masses, n 1000", w.change(responses=1000, mass=pareto), CHANGES),
        ("change", "1200 responses in clusters of 6", w.change(**correlated), CHANGES),
        ("change", "50 responses", w.change(responses=50), CHANGES, False),
        ("change", "rare leaves, 60 responses", w.change(responses=60, mass=rare), CHANGES, False),
        ("change", "no effect, within scoring noise", w.beside_noise(0.0, spread=2.0), CHANGES, False),
        ("change", "5 times its scoring noise", w.beside_noise(5.0, spread=2.0), CHANGES, False),
        ("change", "clear of scoring noise", w.beside_noise(100.0, spread=500.0), CHANGES),
        ("noise floor", "2 repeats of 2 checkpoints", w.noise_floor(2), NOISE),
        ("noise floor", "5 repeats of 2 checkpoints", w.noise_floor(5), NOISE),
        *(("k_eff", f"normal changes, k = {k:g}", w.normal_k_eff(k), RATIO) for k in (1, 10, 1e3, 1e6)),
        ("k_eff", "normal, k = 1e3, within noise", w.normal_k_eff(1e3, mean=0.1), RATIO),
        ("k_eff", "saturated, k = 1, n 400", w.k_eff(k=1.0, responses=400), RATIO),
        ("k_eff", "saturated, k = 1, n 200", w.k_eff(k=1.0), RATIO),
        ("k_eff", "saturated, k = 10, n 2000", w.k_eff(responses=2000), RATIO),
        ("k_eff", "saturated, k = 30, n 6000", w.k_eff(k=30.0, responses=6000, chunks=2.0), RATIO),
        ("k_eff", "saturated, tiny effect, l = 1e-6", w.k_eff(responses=1000, amount=1e-6), RATIO),
        ("k_eff", "saturated, Pareto 0.8 masses", w.k_eff(k=1.0, responses=1000, mass=pareto), RATIO),
        ("k_eff", "saturated, clusters of 6", w.k_eff(**correlated), RATIO),
        ("k_eff", "rare leaves, k = 10, n 200", w.k_eff(mass=rare), RATIO, False),
        ("k_eff", "rare leaves, k = 1e3, n 200", w.k_eff(k=1e3, mass=rare), RATIO, False),
        ("k_eff", "rare leaves, k = 1e6, n 200", w.k_eff(k=1e6, mass=rare), RATIO, False),
        *(("conservation residual", f"k = {k:g}, 200 responses", w.conservation_residual(k=k), CHANGES)
          for k in (1.0, 10.0, 1e6)),
        ("conservation residual", "tiny effect, l = 1e-6", w.conservation_residual(amount=1e-6), CHANGES),
        ("conservation residual", "Pareto 0.8 leaf masses, n 500",
         w.conservation_residual(responses=500, mass=pareto), CHANGES),
        ("conservation residual", "600 responses in clusters of 3",
         w.conservation_residual(responses=600, cluster=3), CHANGES),
        ("conservation residual", "30 responses", w.conservation_residual(responses=30), CHANGES, False),
        *(("Hooke force", f"k = {k:g}, 200 responses", w.hooke_force(k=k), CHANGES)
          for k in (1.0, 1e3, 1e6)),
        ("Hooke force", "tiny effect, l = 1e-6", w.hooke_force(k=1e3, amount=1e-6), CHANGES),
        ("Hooke force", "Pareto 0.8 leaf masses, n 1000",
         w.hooke_force(k=1e3, responses=1000, mass=pareto), CHANGES),
        ("Hooke force", "1200 responses in clusters of 6", w.hooke_force(k=1e3, **correlated), CHANGES),
        ("Hooke force", "30 responses", w.hooke_force(k=1e3, responses=30), CHANGES, False),
        ("Hooke force", "rare leaves, k = 1e3, n 200", w.hooke_force(k=1e3, mass=rare), CHANGES, False),
        ("tail index", "Zipf, alpha 1.2, n 300, x_min 1", counts(1.2, 300, x_min=1), TAIL),
        ("tail index", "Zipf, alpha 0.8, n 300, x_min 1", counts(0.8, 300, x_min=1), TAIL),
        ("tail index", "Zipf, alpha 0.8, n 30, x_min 1", counts(0.8, 30, x_min=1), TAIL),
        ("tail index", "Pareto, alpha 1.5, n 100, x_min 1", masses(1.5, 100, x_min=1), TAIL),
        ("tail index", "Pareto, alpha 1.5, n 10, x_min 1", masses(1.5, 10, x_min=1), TAIL),
        ("tail index", "over a body, x_min by KS", masses(1.5, 300, body=True), TAIL, False),
        ("Hill", "Pareto, alpha 1.5, n 1000, k 100", w.hill(1.5, 1000, 100), HILL),
        ("Hill", "slowly varying tail, k 100", w.hill(1.5, 1000, 100, slow=True), HILL, False),
        *((name, f"{n} responses", w.curve_feature(reader, n), READER)
          for name, reader in (("initial slope", curves.initial_slope), ("plateau", curves.plateau),
                               ("lag", curves.lag), ("fall rate at a score", fall))
          for n in (50, 200)),
        ("samples to return", "100 responses", w.samples_to_return(100), READER),
        ("samples to return", "50 responses", w.samples_to_return(50), READER),
        ("samples to return", "20 responses", w.samples_to_return(20), READER, False),
        ("crossing", "200 responses a curve", w.crossing(200), CROSSING),
        ("crossing", "50 responses a curve", w.crossing(50), CROSSING),
        ("crossing", "start within noise", w.crossing(200, start=0.005), CROSSING, False),
        ("scaling exponent", "-1, 200 responses a volume", w.scaling_exponent(-1.0, 200, 1.0), CHANGES),
        ("first-order k_eff", "k = 1e6, 200 responses", w.first_order_k_eff(1e6, 200, 2.0), RATIO),
        ("first-order k_eff", "k = 1, 200 responses", w.first_order_k_eff(1.0, 200, 2.0), RATIO),
        ("sequential k_eff", "tau = 1e-3, 200 responses", w.sequential_k_eff(1e-3, 200), RATIO),
        ("levelling ratio", "R = 0.05, 200 responses", w.levelling_ratio(0.05, 200), RATIO),
    ]  # fmt: skip
    return [Regime(*row) for row in rows]
