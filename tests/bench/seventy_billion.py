#!/usr/bin/env python3
"""Does a model of 70 billion weights in 4 bits run on a card with 24 GB? Writes a file of the shape of Llama 3 70B in the
formats of Q4_K_M (sparse: it takes no space) and asks `nibble-cli estimate`; further arguments are passed on.

    tests/bench/seventy_billion.py build/release/bin/nibble-cli --memory 64 --memory-speed 60 --card-memory 24 --card-speed 936
"""
import pathlib, subprocess, sys, tempfile
from gguf_file import header, key

LAYERS, EMBEDDING, FEED_FORWARD, KEYS, VOCAB = 80, 8192, 28672, 1024, 128256


def tensors():
    yield "token_embd.weight", "Q4_K", (EMBEDDING, VOCAB)
    for i in range(LAYERS):
        more = "Q6_K" if i < LAYERS // 8 or i >= 7 * LAYERS // 8 or i % 3 == 2 else "Q4_K"  # as llama.cpp spends its extra bits
        yield f"blk.{i}.attn_norm.weight", "F32", (EMBEDDING,)
        yield f"blk.{i}.attn_q.weight", "Q4_K", (EMBEDDING, EMBEDDING)
        yield f"blk.{i}.attn_k.weight", "Q4_K", (EMBEDDING, KEYS)
        yield f"blk.{i}.attn_v.weight", more, (EMBEDDING, KEYS)
        yield f"blk.{i}.attn_output.weight", "Q4_K", (EMBEDDING, EMBEDDING)
        yield f"blk.{i}.ffn_norm.weight", "F32", (EMBEDDING,)
        yield f"blk.{i}.ffn_gate.weight", "Q4_K", (EMBEDDING, FEED_FORWARD)
        yield f"blk.{i}.ffn_up.weight", "Q4_K", (EMBEDDING, FEED_FORWARD)
        yield f"blk.{i}.ffn_down.weight", more, (FEED_FORWARD, EMBEDDING)
    yield "output_norm.weight", "F32", (EMBEDDING,)
    yield "output.weight", "Q6_K", (EMBEDDING, VOCAB)


def write(path):
    keys = {"general.architecture": "llama", "general.name": "the shape of Llama 3 70B", "llama.block_count": LAYERS,
            "llama.context_length": 8192, "llama.embedding_length": EMBEDDING, "llama.feed_forward_length": FEED_FORWARD,
            "llama.attention.head_count": 64, "llama.attention.head_count_kv": 8,
            "llama.attention.layer_norm_rms_epsilon": 1e-5, "llama.rope.freq_base": 500000.0}
    head, size = header([key(*pair) for pair in keys.items()], list(tensors()))
    with open(path, "wb") as file:
        file.write(head)
        file.truncate(len(head) + size)


with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "seventy-billion.gguf"
    write(path)
    sys.exit(subprocess.run([sys.argv[1], "estimate", str(path), *sys.argv[2:]]).returncode)
