"""Figures from stored results: `(result, ax) -> ax`, one style, nothing computed."""

from ._critical_share import share_panel as share_panel
from ._effects import effect_panel as effect_panel
from ._figures import FIGURES as FIGURES
from ._figures import PAINTERS as PAINTERS
from ._figures import draw as draw
from ._figures import save as save
from ._k_ratio import ratio_panel as ratio_panel
from ._maps import range_panel as range_panel
from ._maps import reversal_panel as reversal_panel
from ._matrix import cell_panel as cell_panel
from ._real_text import response_panel as response_panel
from ._rebound import curve_panel as curve_panel
from ._sequential import product_panel as product_panel
from ._style import STYLE as STYLE
