#!/usr/bin/env python3
"""Time and memory of careful rounding (GPTQ with descent): stated, predicted and measured, on models of random weights
in half precision. Only what is allocated counts: the original's own pages go whenever the system wants them back.

    tests/bench/careful.py NIBBLE_CLI --work FOLDER --shape qwen-1.5b [--care better] [--most-bytes 2000000000]
    tests/bench/careful.py NIBBLE_CLI --work FOLDER --model ORIGINAL
    tests/bench/careful.py NIBBLE_CLI --work FOLDER --shape llama-70b --forecast

--forecast makes nothing small: it asks for the predictions for models of one and of two layers of that shape, and goes
on from there to all layers. Exits 1 where more memory is taken than was stated or than --most-bytes.
"""
import argparse, json, pathlib, subprocess, sys, time
from random_model import SHAPES, write_model

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("cli", type=pathlib.Path)
parser.add_argument("--work", type=pathlib.Path, required=True)
parser.add_argument("--shape", choices=SHAPES, default="qwen-1.5b")
parser.add_argument("--layers", type=int, help="instead of the shape's own: memory hardly depends on them")
parser.add_argument("--model", type=pathlib.Path, help="this one instead of random weights")
parser.add_argument("--recipe", default="Q4_K_M")
parser.add_argument("--care", choices=["better", "careful"], default="careful")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--most-bytes", type=float, default=float("inf"))
parser.add_argument("--forecast", action="store_true")
args = parser.parse_args()
args.work.mkdir(parents=True, exist_ok=True)
COMMON = ["--json", "--threads", str(args.threads)]


def model_of(layers=None):
    if args.model: return args.model
    path = args.work / f"{args.shape}{f'-{layers}' if layers else ''}.gguf"
    if not path.exists(): write_model(path, args.shape, "BF16", layers)
    return path


def run(*arguments):
    done = subprocess.run([args.cli, *map(str, arguments), *COMMON], stdout=subprocess.PIPE, text=True)
    if done.returncode: sys.exit(f"nibble-cli {arguments[0]} failed")
    return json.loads(done.stdout)


def quantize(model, output):
    return ["quantize", model, "--recipe", args.recipe, "--care", args.care, "-o", output]


def stated_bytes(model): return run(*quantize(model, args.work / "not-made.gguf"), "--plan")["peakMemoryBytes"]


def predicted_seconds(model):
    """By care"""
    stop = next(s for s in run("preview", model)["stops"] if s["recipe"] == args.recipe)
    return {care: seconds["expected"] for care, seconds in stop["seconds"].items()}


def allocated(pid):
    try: lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError: return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon"))


def measure(model):
    """Seconds and bytes allocated at most, looked at 20 times a second."""
    output, most = args.work / "careful.gguf", 0
    start = time.monotonic()
    with subprocess.Popen([args.cli, *map(str, quantize(model, output)), "--overwrite", *COMMON], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as job:
        while job.poll() is None:
            most = max(most, allocated(job.pid))
            time.sleep(0.05)
    if job.returncode: sys.exit("quantize failed")
    output.unlink()
    return time.monotonic() - start, most


def minutes(seconds): return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


if args.forecast:
    one, two = (model_of(n) for n in (1, 2))
    layers = SHAPES[args.shape][1]["block_count"]
    first, second = predicted_seconds(one), predicted_seconds(two)
    for care in ("better", "careful"):
        print(f"{args.shape}, {layers} layers, {care}: {minutes(first[care] + (layers - 1) * (second[care] - first[care]))}")
    print(f"{args.care} states {stated_bytes(two) / 1e6:.0f} MB")  # the same for any number of layers but for their KV caches
    sys.exit()
model = model_of(args.layers)
stated, predicted = stated_bytes(model), predicted_seconds(model)[args.care]
print(f"{model.stem}: states {stated / 1e6:.0f} MB, predicts {minutes(predicted)}", flush=True)
seconds, most = measure(model)
print(f"{model.stem}: took {most / 1e6:.0f} MB and {minutes(seconds)}")
sys.exit(most > min(stated, args.most_bytes))
