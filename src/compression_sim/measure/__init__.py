"""Three real texts in the three roles -> rates, elastic response, sign, l*, and a test of the prediction.

    from compression_sim import measure
    texts = measure.read_texts("prose.txt", "good.txt", "bad.txt")
    result = measure.measure_texts(texts, depth=16, seed=0)
    result.sign.verdict

Pure functions from texts to results; `to_dict` and `tables` only show what was computed.
"""

from ._corpus import Corpus as Corpus
from ._curve import response_curve as response_curve
from ._masses import measure_masses as measure_masses
from ._masses import read_masses as read_masses
from ._measurement import Measurement as Measurement
from ._measurement import Settings as Settings
from ._measurement import measure_texts as measure_texts
from ._null import Sign as Sign
from ._prediction import Prediction as Prediction
from ._statistics import Estimate as Estimate
from ._tables import tables as tables
from ._texts import ROLES as ROLES
from ._texts import Text as Text
from ._texts import read_text as read_text
from ._texts import read_texts as read_texts
from ._texts import standard_library as standard_library
