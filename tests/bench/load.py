#!/usr/bin/env python3
"""How long a model takes to load, beside reading its file into fresh memory with as many threads. Both from the page
cache, in turns; the best of each counts. Without a model one of about 1 GB is made: the vocabulary and keys of --like
with the shape of a larger one and random weights.

    tests/bench/load.py --like SMALL.gguf --work FOLDER [--format Q4_0] [--devices cpu gpu0]
    tests/bench/load.py --model MODEL.gguf

Mesa's software device stands in for a card with NIBBLE_VULKAN_SOFTWARE=1.
"""
import argparse, concurrent.futures, json, mmap, os, pathlib, struct, subprocess, sys, time
from gguf_file import FORMATS, aligned, header, key, tensor_bytes

SHAPE = {"embedding_length": 2048, "feed_forward_length": 8192, "block_count": 28, "attention.head_count": 32,
         "attention.head_count_kv": 8, "rope.dimension_count": 64}


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


def random_blocks(format_name):
    """About 1 MB of blocks with small scales: never infinity."""
    _, _, block_bytes = FORMATS[format_name]
    blocks = bytearray(os.urandom(block_bytes * 7000))
    for at in range(0, len(blocks), block_bytes):
        for scale in range(at, at + (4 if format_name == "Q4_K" else 2), 2): blocks[scale:scale + 2] = b"\x00\x1c"
    return bytes(blocks)


def write_model(path, like, format_name):
    keys = [(name, raw) for name, raw in keys_of(like) if name.removeprefix("llama.") not in SHAPE]
    vocab = next(struct.unpack_from("<Q", raw, 8 + len(name) + 8)[0] for name, raw in keys if name == "tokenizer.ggml.tokens")
    raw_keys = [raw for _, raw in keys] + [key("llama." + name, value) for name, value in SHAPE.items()]
    width, ff, kv = SHAPE["embedding_length"], SHAPE["feed_forward_length"], 64 * SHAPE["attention.head_count_kv"]
    tensors = [("token_embd.weight", format_name, (width, vocab)), ("output_norm.weight", "F32", (width,))]
    for layer in range(SHAPE["block_count"]):
        for name, shape in [("attn_norm", (width,)), ("attn_q", (width, width)), ("attn_k", (width, kv)), ("attn_v", (width, kv)),
                            ("attn_output", (width, width)), ("ffn_norm", (width,)), ("ffn_gate", (width, ff)),
                            ("ffn_up", (width, ff)), ("ffn_down", (ff, width))]:
            tensors.append((f"blk.{layer}.{name}.weight", format_name if len(shape) > 1 else "F32", shape))
    contents = {format_name: random_blocks(format_name), "F32": struct.pack("<f", 1.0) * ff}
    with open(path, "wb") as out:
        out.write(header(raw_keys, tensors)[0])
        for _, kind, shape in tensors:
            size = left = tensor_bytes(kind, shape)
            while left > 0: left -= out.write(contents[kind][:left])
            out.write(bytes(aligned(size) - size))


def read_seconds(path, threads):
    size = path.stat().st_size
    part = -(-size // threads)
    memory, file = mmap.mmap(-1, size), os.open(path, os.O_RDONLY)

    def read(start):
        with memoryview(memory) as view:
            for at in range(start, min(start + part, size), 1 << 20):
                os.preadv(file, [view[at:min(at + (1 << 20), start + part, size)]], at)

    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool: list(pool.map(read, range(0, size, part)))
    seconds = time.monotonic() - start
    os.close(file)
    memory.close()
    return seconds


def load_seconds(program, model, device, threads):
    params = {"model": str(model), "contextLength": 512, "device": device, "threads": threads}
    with subprocess.Popen([program, "engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as engine:
        engine.stdin.write(json.dumps({"id": 1, "verb": "load", "params": params}) + "\n")
        engine.stdin.flush()
        answer = {}
        while "result" not in answer:
            line = engine.stdout.readline()
            answer = json.loads(line) if line else {"error": "the engine ended"}
            if "error" in answer: sys.exit(f"loading failed: {answer['error']}")
    result = answer["result"]
    if result["device"] != device: sys.exit(f"{device} was not used: {result['deviceReason']}")
    return result["loadSeconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--like", type=pathlib.Path, help="a llama GGUF file")
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--format", choices=["Q4_0", "Q8_0", "Q4_K"], default="Q4_0")
    parser.add_argument("--devices", nargs="+", default=["cpu"])
    parser.add_argument("--nibble", type=pathlib.Path, default=pathlib.Path("build/release/bin/nibble-cli"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    a = parser.parse_args()
    model = a.model
    if not model:
        if not a.like or not a.work: parser.error("either --model, or --like and --work")
        model = a.work / f"load.{a.format}.gguf"
        if not model.exists(): write_model(model, a.like, a.format)

    read_seconds(model, a.threads)  # into the page cache
    read, load = [], {device: [] for device in a.devices}
    for _ in range(a.repeats):
        read.append(read_seconds(model, a.threads))
        for device in a.devices: load[device].append(load_seconds(a.nibble, model, device, a.threads))
    print(f"{model.name}, {model.stat().st_size / 1e9:.2f} GB: read in {min(read):.3f} s")
    for device, seconds in load.items():
        print(f"  {device:6} loaded in {min(seconds):.3f} s, {min(seconds) / min(read):.2f} x")


if __name__ == "__main__":
    main()
