"""What is trained: models of responses to prompts, small enough that every expectation is exact.

A model maps parameters (a pytree) to the log-probabilities of every response to every prompt, an array
(prompts, responses). Code lengths, losses, scores and divergences all follow from it, for any model.
"""

from .base import Model as Model
from .base import code_lengths as code_lengths
from .base import kl_divergence as kl_divergence
from .base import log_ratio as log_ratio
from .base import loss as loss
from .base import loss_changes as loss_changes
from .base import num_parameters as num_parameters
from .base import score as score
from .features import LogLinear as LogLinear
from .features import SharedGain as SharedGain
from .saturated import Saturated as Saturated
from .tabular import LowRank as LowRank
from .tabular import TabularSoftmax as TabularSoftmax
from .transformer import Transformer as Transformer
from .trees import TreeSoftmax as TreeSoftmax
