#!/usr/bin/env python3
"""Makes the goldens of the weight formats with PyPI `gguf`: random blocks and the f32 weights its reader gets from them.

    python3 make.py          writes one file <format>.bin per format beside this script
    python3 make.py --check  compares instead

A file: u32 blocks, u32 bytes per block, u32 weights per block; the blocks; the weights as f32. Little-endian.
"""
import pathlib
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

FORMATS = "F32 F16 BF16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4".split()
# Where a block's f16 numbers lie: they get finite values of a weight's size, everything else is random bits.
HALVES = {"Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0]}


def golden(name: str) -> bytes:
    kind = GGMLQuantizationType[name]
    weights, size = GGML_QUANT_SIZES[kind]
    count = 256 if weights == 1 else 6 if weights == 32 else 3
    rng = np.random.default_rng(int(kind))
    if name == "F32":
        blocks = rng.normal(size=(count, 1)).astype(np.float32).view(np.uint8)
    else:
        blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    if name in ("F16", "BF16"):  # no NaN: its bits are not compared
        words = blocks.view(np.uint16)
        words[(words & 0x7F80) == 0x7F80] = 0x0001
    for at in HALVES.get(name, []):
        numbers = rng.normal(scale=0.01, size=count).astype(np.float16)
        numbers[-1] = np.float16(3e-7)  # subnormal
        blocks[:, at:at + 2] = numbers.view(np.uint8).reshape(count, 2)
    decoded = dequantize(blocks, kind).astype(np.float32)
    header = np.array([count, size, weights], dtype="<u4")
    return header.tobytes() + blocks.tobytes() + decoded.tobytes()


def main() -> int:
    here = pathlib.Path(__file__).parent
    differ = 0
    for name in FORMATS:
        file = here / f"{name.lower()}.bin"
        if "--check" in sys.argv:
            same = file.exists() and file.read_bytes() == golden(name)
            differ += not same
            print(name, "same" if same else "differs")
        else:
            file.write_bytes(golden(name))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
