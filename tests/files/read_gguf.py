#!/usr/bin/env python3
"""Reads a GGUF file with the `gguf` package of PyPI, the readers' reference: prints its metadata as one JSON object and
writes every tensor, dequantized to little-endian float32, to FOLDER/NAME.f32. Used by interop_test.cpp.

    read_gguf.py FILE FOLDER
"""
import json, pathlib, sys

import gguf
import numpy

reader = gguf.GGUFReader(sys.argv[1])
fields = {}
for name, field in reader.fields.items():
    if not name.startswith("GGUF."):
        value = field.contents()
        fields[name] = value.hex() if isinstance(value, bytes) else value
for tensor in reader.tensors:
    values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
    values.astype("<f4").tofile(pathlib.Path(sys.argv[2]) / f"{tensor.name}.f32")
print(json.dumps({"fields": fields, "tensors": {t.name: [int(n) for n in t.shape] for t in reader.tensors}},
                 default=lambda v: v.item() if isinstance(v, numpy.generic) else str(v)))
