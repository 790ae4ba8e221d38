"""Code lengths: entropies, Huffman, Shannon and ideal lengths, and a bit stream that attains them."""

from .bitstream import LeafModel as LeafModel
from .bitstream import decode as decode
from .bitstream import decode_leaves as decode_leaves
from .bitstream import encode as encode
from .bitstream import encode_leaves as encode_leaves
from .entropy import cross_entropy as cross_entropy
from .entropy import entropy as entropy
from .entropy import kl_divergence as kl_divergence
from .huffman import canonical_codewords as canonical_codewords
from .huffman import huffman_code_lengths as huffman_code_lengths
from .huffman import optimal_length_range as optimal_length_range
from .lengths import ideal_code_lengths as ideal_code_lengths
from .lengths import mean_code_length as mean_code_length
from .lengths import shannon_code_lengths as shannon_code_lengths
