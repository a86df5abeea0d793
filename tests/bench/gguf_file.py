"""The parts of GGUF files that the scripts write."""
import math, struct

FORMATS = {"F32": (0, 1, 4), "BF16": (30, 1, 2), "Q4_0": (2, 32, 18), "Q8_0": (8, 32, 34), "Q4_K": (12, 256, 144), "Q6_K": (14, 256, 210)}  # id, weights and bytes of a block


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


def keys_of(path):
    """Name and bytes of each key of a GGUF file."""
    data = path.read_bytes()[: 64 << 20]
    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}

    def skip(kind, at):
        if kind in sizes: return at + sizes[kind]
        if kind == 8: return at + 8 + struct.unpack_from("<Q", data, at)[0]
        element, count = struct.unpack_from("<IQ", data, at)
        at += 12
        if element in sizes: return at + count * sizes[element]
        for _ in range(count): at = skip(element, at)
        return at

    count, at, keys = struct.unpack_from("<Q", data, 16)[0], 24, []
    for _ in range(count):
        start, name_end = at, at + 8 + struct.unpack_from("<Q", data, at)[0]
        at = skip(struct.unpack_from("<I", data, name_end)[0], name_end + 4)
        keys.append((data[start + 8:name_end].decode(), data[start:at]))
    return keys
