"""Code lengths in, estimates with intervals out: the same on toy ground truth and on real models.

    from compression_sim import estimators
    table = estimators.read_table("runs.csv")
    estimators.estimate_table(table)

`docs/estimators.md` states the table's columns and where each estimator can be trusted;
`compression-sim calibrate` is how that is known.
"""

from .calibration import WORLDS as WORLDS
from .calibration import Calibration as Calibration
from .calibration import calibrate as calibrate
from .calibration import check_the_checker as check_the_checker
from .calibration import take_up as take_up
from .curves import Curve as Curve
from .curves import crossing as crossing
from .curves import samples_to_return as samples_to_return
from .estimating import Settings as Settings
from .estimating import estimate_runs as estimate_runs
from .estimating import estimate_table as estimate_table
from .estimating import plan as plan
from .estimating import settings as settings
from .growth import GROWTH_WORLDS as GROWTH_WORLDS
from .growth import rmse_against_n as rmse_against_n
from .intervals import Interval as Interval
from .intervals import bootstrap as bootstrap
from .intervals import fieller as fieller
from .leaves import estimate_leaves as estimate_leaves
from .leaves import leaf_sizes as leaf_sizes
from .planning import responses_needed as responses_needed
from .probe import first_order_k_eff as first_order_k_eff
from .probe import levelling_ratio as levelling_ratio
from .probe import residual_share as residual_share
from .probe import sequential_k_eff as sequential_k_eff
from .rates import Estimate as Estimate
from .rates import compression_rate as compression_rate
from .rates import conservation_residual as conservation_residual
from .rates import excess_rate as excess_rate
from .rates import hooke_force as hooke_force
from .rates import k_eff as k_eff
from .rates import normalized_rate as normalized_rate
from .rates import rate_change as rate_change
from .reading import read_runs as read_runs
from .reading import read_table as read_table
from .reporting import report as report
from .scaling import scaling_exponent as scaling_exponent
from .showing import Report as Report
from .showing import calibration_dict as calibration_dict
from .showing import calibration_table as calibration_table
from .table import TableError as TableError
from .table import check_table as check_table
from .table import from_arrays as from_arrays
from .table import from_columns as from_columns
from .tails import hill as hill
from .tails import tail_index as tail_index
