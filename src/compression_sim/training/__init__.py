"""How models are trained: to stationarity on a mixture, by gradient flow, or step by step in sequence."""

from .fit import fit as fit
from .objectives import drawn as drawn
from .objectives import minibatch as minibatch
from .objectives import mixture as mixture
from .objectives import sft as sft
from .objectives import with_kl_penalty as with_kl_penalty
from .preference import dpo as dpo
from .preference import kto as kto
from .preference import pairs as pairs
from .preference import policy_gradient as policy_gradient
from .preference import simpo as simpo
from .probes import curvature_dots as curvature_dots
from .probes import probe_dots as probe_dots
from .probes import response_losses as response_losses
from .probes import update_along as update_along
from .sequence import Stage as Stage
from .sequence import sequence as sequence
from .stationary import Stationary as Stationary
from .stationary import stationary as stationary
from .steps import flow as flow
from .steps import gradient_flow as gradient_flow
from .steps import train as train
