#!/usr/bin/env python3
"""Does a model of 70 billion weights in 4 bits run on a card with 24 GB? Writes a file of the shape of Llama 3 70B in the
formats of Q4_K_M (sparse: it takes no space) and asks `nibble-cli estimate`; further arguments are passed on.

    tests/bench/seventy_billion.py build/release/bin/nibble-cli --memory 64 --memory-speed 60 --card-memory 24 --card-speed 936
"""
import pathlib, struct, subprocess, sys, tempfile

LAYERS, EMBEDDING, FEED_FORWARD, KEYS, VOCAB = 80, 8192, 28672, 1024, 128256
F32, Q4_K, Q6_K = (0, 1, 4), (12, 256, 144), (14, 256, 210)  # GGUF id, weights and bytes of a block


def tensors():
    yield "token_embd.weight", Q4_K, (EMBEDDING, VOCAB)
    for i in range(LAYERS):
        more = Q6_K if i < LAYERS // 8 or i >= 7 * LAYERS // 8 or i % 3 == 2 else Q4_K  # as llama.cpp spends its extra bits
        yield f"blk.{i}.attn_norm.weight", F32, (EMBEDDING,)
        yield f"blk.{i}.attn_q.weight", Q4_K, (EMBEDDING, EMBEDDING)
        yield f"blk.{i}.attn_k.weight", Q4_K, (EMBEDDING, KEYS)
        yield f"blk.{i}.attn_v.weight", more, (EMBEDDING, KEYS)
        yield f"blk.{i}.attn_output.weight", Q4_K, (EMBEDDING, EMBEDDING)
        yield f"blk.{i}.ffn_norm.weight", F32, (EMBEDDING,)
        yield f"blk.{i}.ffn_gate.weight", Q4_K, (EMBEDDING, FEED_FORWARD)
        yield f"blk.{i}.ffn_up.weight", Q4_K, (EMBEDDING, FEED_FORWARD)
        yield f"blk.{i}.ffn_down.weight", more, (FEED_FORWARD, EMBEDDING)
    yield "output_norm.weight", F32, (EMBEDDING,)
    yield "output.weight", Q6_K, (EMBEDDING, VOCAB)


def text(value): return struct.pack("<Q", len(value)) + value.encode()


def key(name, value):
    if isinstance(value, str): return text(name) + struct.pack("<I", 8) + text(value)
    if isinstance(value, float): return text(name) + struct.pack("<If", 6, value)
    return text(name) + struct.pack("<II", 4, value)


def write(path):
    keys = {"general.architecture": "llama", "general.name": "the shape of Llama 3 70B", "llama.block_count": LAYERS,
            "llama.context_length": 8192, "llama.embedding_length": EMBEDDING, "llama.feed_forward_length": FEED_FORWARD,
            "llama.attention.head_count": 64, "llama.attention.head_count_kv": 8,
            "llama.attention.layer_norm_rms_epsilon": 1e-5, "llama.rope.freq_base": 500000.0}
    infos, at = b"", 0
    for name, (kind, weights, size), shape in tensors():
        infos += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, at)
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        at += (count // weights * size + 31) // 32 * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(list(tensors())), len(keys)) + b"".join(key(*k) for k in keys.items()) + infos
    with open(path, "wb") as file:
        file.write(head)
        file.truncate((len(head) + 31) // 32 * 32 + at)


with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "seventy-billion.gguf"
    write(path)
    sys.exit(subprocess.run([sys.argv[1], "estimate", str(path), *sys.argv[2:]]).returncode)
