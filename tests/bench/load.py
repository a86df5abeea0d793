#!/usr/bin/env python3
"""How long a model takes to load, beside reading its file into fresh memory with as many threads. Both from the page
cache, in turns; the best of each counts. Without a model one of about 1 GB is made: the vocabulary and keys of --like
with the shape of a larger one and random weights.

    tests/bench/load.py --like SMALL.gguf --work FOLDER [--format Q4_0] [--devices cpu gpu0]
    tests/bench/load.py --model MODEL.gguf

Mesa's software device stands in for a card with NIBBLE_VULKAN_SOFTWARE=1.
"""
import argparse, concurrent.futures, json, mmap, os, pathlib, subprocess, sys, time
from random_model import write_model


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
        if not model.exists(): write_model(model, "llama-1b", a.format, like=a.like)

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
