"""Code lengths in, estimates with intervals out: the same on toy ground truth and on real models.

    from compression_sim import estimators
    table = estimators.read_table("runs.csv")
    estimators.estimate_table(table)

`docs/estimators.md` states the table's columns and where each estimator can be trusted;
`compression-sim calibrate` is how that is known.
"""

from .calibration.rmse import GROWTH_WORLDS as GROWTH_WORLDS
from .calibration.rmse import rmse_against_n as rmse_against_n
from .calibration.run import WORLDS as WORLDS
from .calibration.run import Calibration as Calibration
from .calibration.run import calibrate as calibrate
from .calibration.run import check_the_checker as check_the_checker
from .calibration.table import calibration_dict as calibration_dict
from .calibration.table import calibration_table as calibration_table
from .estimate import estimate_runs as estimate_runs
from .estimate import estimate_table as estimate_table
from .leaf_masses import estimate_leaves as estimate_leaves
from .plan import plans as plans
from .rates import compression_rate as compression_rate
from .rates import conservation_residual as conservation_residual
from .rates import excess_rate as excess_rate
from .rates import hooke_force as hooke_force
from .rates import k_eff as k_eff
from .rates import normalized_rate as normalized_rate
from .rates import rate_change as rate_change
from .report import Report as Report
from .report import report as report
from .statistics.curves import Curve as Curve
from .statistics.curves import crossing as crossing
from .statistics.curves import samples_to_return as samples_to_return
from .statistics.estimate import Estimate as Estimate
from .statistics.intervals import Interval as Interval
from .statistics.intervals import Resampling as Resampling
from .statistics.intervals import bootstrap as bootstrap
from .statistics.intervals import fieller as fieller
from .statistics.planning import responses_needed as responses_needed
from .statistics.probes import first_order_k_eff as first_order_k_eff
from .statistics.probes import levelling_ratio as levelling_ratio
from .statistics.probes import residual_share as residual_share
from .statistics.probes import sequential_k_eff as sequential_k_eff
from .statistics.scaling import scaling_exponent as scaling_exponent
from .statistics.tails import hill as hill
from .statistics.tails import tail_index as tail_index
from .tables.comparison import Comparison as Comparison
from .tables.files import read_runs as read_runs
from .tables.files import read_table as read_table
from .tables.layout import TableError as TableError
from .tables.layout import check_table as check_table
from .tables.layout import from_arrays as from_arrays
from .tables.layout import from_columns as from_columns
from .tables.leaves import leaf_sizes as leaf_sizes
