"""gguf_dump.py FILE.gguf OUT: all weights as PyPI gguf reads them, f32, one tensor after the other."""
import sys

import numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize

with open(sys.argv[2], "wb") as out:
    for tensor in GGUFReader(sys.argv[1]).tensors:
        out.write(dequantize(tensor.data, tensor.tensor_type).astype("<f4").tobytes())
