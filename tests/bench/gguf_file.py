"""The parts of GGUF files that the scripts write."""
import math, struct

FORMATS = {"F32": (0, 1, 4), "Q4_0": (2, 32, 18), "Q8_0": (8, 32, 34), "Q4_K": (12, 256, 144), "Q6_K": (14, 256, 210)}  # id, weights and bytes of a block


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def key(name, value):
    """A key with a string, a float or a whole number."""
    if isinstance(value, str): return text(name) + struct.pack("<I", 8) + text(value)
    if isinstance(value, float): return text(name) + struct.pack("<If", 6, value)
    return text(name) + struct.pack("<II", 4, value)


def aligned(size):
    return -(-size // 32) * 32


def tensor_bytes(format_name, shape):
    _, weights, size = FORMATS[format_name]
    return math.prod(shape) // weights * size


def header(keys, tensors):
    """Everything before the data of the tensors, and the size of the data. Keys are bytes, tensors (name, format, shape)."""
    infos, at = b"", 0
    for name, format_name, shape in tensors:
        infos += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, FORMATS[format_name][0], at)
        at += aligned(tensor_bytes(format_name, shape))
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys) + infos
    return head + bytes(aligned(len(head)) - len(head)), at
