#!/usr/bin/env python3
"""Writes a GGUF file of random weights in the shape of a model that people run, to measure speed and memory on it.

    tests/bench/random_model.py OUT.gguf --shape llama-8b --format Q4_0 [--layers 32] [--like SMALL.gguf]

The vocabulary and keys are those of --like. Norms are one, routers random; what it writes has no meaning.
"""
import argparse, os, pathlib, random, struct
from gguf_file import FORMATS, aligned, header, key, keys_of, tensor_bytes

LIKE = pathlib.Path(__file__).parent.parent / "goldens" / "tokenizers" / "ggml-vocab-smollm2.gguf"
# The keys of each shape. Without separate output weights: those of TIED.
SHAPES = {
    "llama-1b": ("llama", {"embedding_length": 2048, "feed_forward_length": 8192, "block_count": 28, "attention.head_count": 32,
                           "attention.head_count_kv": 8, "rope.dimension_count": 64, "attention.key_length": 64,
                           "attention.value_length": 64}),
    "qwen-1.5b": ("llama", {"embedding_length": 1536, "feed_forward_length": 8960, "block_count": 28, "attention.head_count": 12,
                            "attention.head_count_kv": 2, "rope.dimension_count": 128}),
    "llama-8b": ("llama", {"embedding_length": 4096, "feed_forward_length": 14336, "block_count": 32, "attention.head_count": 32,
                           "attention.head_count_kv": 8, "rope.dimension_count": 128}),
    "llama-70b": ("llama", {"embedding_length": 8192, "feed_forward_length": 28672, "block_count": 80, "attention.head_count": 64,
                            "attention.head_count_kv": 8, "rope.dimension_count": 128}),
    "qwen3-30b-a3b": ("qwen3moe", {"embedding_length": 2048, "feed_forward_length": 6144, "block_count": 48, "attention.head_count": 32,
                                   "attention.head_count_kv": 4, "expert_count": 128, "expert_used_count": 8,
                                   "expert_feed_forward_length": 768}),
}
TIED = ("llama-1b", "qwen-1.5b")
COMMON = {"context_length": 8192, "rope.freq_base": 500000.0, "attention.layer_norm_rms_epsilon": 1e-6, "attention.key_length": 128,
          "attention.value_length": 128}


def tensors_of(shape, kind, vocab, tied):
    """(name, format, shape) of each."""
    head = shape["attention.key_length"]
    width, heads, kv = shape["embedding_length"], head * shape["attention.head_count"], head * shape["attention.head_count_kv"]
    experts, ff = shape.get("expert_count"), shape.get("expert_feed_forward_length", shape["feed_forward_length"])
    yield from [("token_embd.weight", kind, (width, vocab)), ("output_norm.weight", "F32", (width,))]
    if not tied: yield "output.weight", kind, (width, vocab)
    for layer in range(shape["block_count"]):
        names = [("attn_norm", "F32", (width,)), ("attn_q", kind, (width, heads)), ("attn_k", kind, (width, kv)), ("attn_v", kind, (width, kv)),
                 ("attn_output", kind, (heads, width)), ("ffn_norm", "F32", (width,))]
        if experts:
            names += [("attn_q_norm", "F32", (head,)), ("attn_k_norm", "F32", (head,)), ("ffn_gate_inp", "F32", (width, experts)),
                      ("ffn_gate_exps", kind, (width, ff, experts)), ("ffn_up_exps", kind, (width, ff, experts)),
                      ("ffn_down_exps", kind, (ff, width, experts))]
        else:
            names += [("ffn_gate", kind, (width, ff)), ("ffn_up", kind, (width, ff)), ("ffn_down", kind, (ff, width))]
        for name, own, dims in names: yield f"blk.{layer}.{name}.weight", own, dims


def random_blocks(format_name):
    """About 1 MB of blocks with small scales: never infinity."""
    if format_name == "BF16": return b"".join(struct.pack("<f", random.gauss(0, 0.02))[2:] for _ in range(500000))
    _, _, block_bytes = FORMATS[format_name]
    blocks = bytearray(os.urandom(block_bytes * 7000))
    for at in range(0, len(blocks), block_bytes):
        for scale in range(at, at + (4 if format_name == "Q4_K" else 2), 2): blocks[scale:scale + 2] = b"\x00\x1c"
    return bytes(blocks)


def write_model(path, shape_name, format_name, layers=None, like=LIKE):
    architecture, shape = SHAPES[shape_name]
    shape = COMMON | shape | ({"block_count": layers} if layers else {})
    kept = [(name, raw) for name, raw in keys_of(like) if not name.startswith("llama.") and name != "general.architecture"]
    vocab = next(struct.unpack_from("<Q", raw, 8 + len(name) + 8)[0] for name, raw in kept if name == "tokenizer.ggml.tokens")
    keys = [key("general.architecture", architecture)] + [raw for _, raw in kept]
    keys += [key(f"{architecture}.{name}", value) for name, value in shape.items()]
    tensors = list(tensors_of(shape, format_name, vocab, shape_name in TIED))
    blocks = random_blocks(format_name) * 8
    noise = struct.pack("<262144f", *[random.gauss(0, 0.05) for _ in range(262144)])
    with open(path, "wb") as out:
        out.write(header(keys, tensors)[0])
        for _, kind, dims in tensors:
            size = left = tensor_bytes(kind, dims)
            data = blocks if kind != "F32" else noise if len(dims) > 1 else struct.pack("<f", 1.0) * dims[0]
            while left > 0: left -= out.write(data[:left])
            out.write(bytes(aligned(size) - size))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--shape", choices=SHAPES, default="llama-8b")
    parser.add_argument("--format", choices=[name for name in FORMATS if name != "F32"], default="Q4_0")
    parser.add_argument("--layers", type=int, help="instead of the shape's own")
    parser.add_argument("--like", type=pathlib.Path, default=LIKE)
    args = parser.parse_args()
    write_model(args.out, args.shape, args.format, args.layers, args.like)


if __name__ == "__main__":
    main()
