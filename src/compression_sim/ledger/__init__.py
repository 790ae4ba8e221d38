"""The ledger: what is claimed, the evidence computed for it, and the verdict that follows."""

from ._claims import LEVELS as LEVELS
from ._claims import Claim as Claim
from ._claims import Run as Run
from ._claims import claim as claim
from ._evidence import Evidence as Evidence
from ._evidence import judge as judge
from ._ledger import Judged as Judged
from ._ledger import Ledger as Ledger
from ._ledger import LedgerTable as LedgerTable
from ._proofs import Proof as Proof
from ._proofs import certificates as certificates
from ._proofs import proof as proof
from ._registry import choose as choose
from ._search import Counterexample as Counterexample
from ._search import find_counterexample as find_counterexample
from ._statements import files_of as files_of
from ._statements import parts_of as parts_of
from ._statements import statements as statements
from ._user_file import load_claims as load_claims
from ._verify import verify as verify
