#!/usr/bin/env python3
"""What `nibble-cli preview` predicts for the five stops, against what making and comparing them then measures.

    tests/bench/preview.py NIBBLE_CLI --work FOLDER MODEL...

Exits 1 where a size is not exact, or where fewer than 13 of 15 divergences (of as many as there are, in proportion) lie
in the predicted range. What was measured is kept in FOLDER and not measured again.
"""
import argparse, json, pathlib, subprocess, sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("cli", type=pathlib.Path)
parser.add_argument("models", type=pathlib.Path, nargs="+")
parser.add_argument("--work", type=pathlib.Path, required=True)
parser.add_argument("--chunks", type=int, default=8)
parser.add_argument("--measure-only", action="store_true", help="leave the predictions out")
args = parser.parse_args()
args.work.mkdir(parents=True, exist_ok=True)


def run(*arguments):
    done = subprocess.run([args.cli, *map(str, arguments), "--json"], stdout=subprocess.PIPE, text=True)
    if done.returncode: sys.exit(f"nibble-cli {arguments[0]} failed")
    return json.loads(done.stdout)


def measured(model, recipe):
    """{size, divergence, agreement, seconds} of the finished file"""
    kept = args.work / f"{model.parent.name}-{model.stem}-{recipe}-{args.chunks}.json"
    if not kept.exists():
        made = kept.with_suffix(".gguf")
        report = run("quantize", model, "--recipe", recipe, "-o", made, "--overwrite")
        compared = run("compare", model, made, "--chunks", args.chunks, "--no-speed")
        kept.write_text(json.dumps({"size": made.stat().st_size, "seconds": report["seconds"],
                                    "divergence": compared["meanDivergence"]["value"],
                                    "agreement": compared["wordAgreement"]["value"]}))
        made.unlink()
    return json.loads(kept.read_text())


def inside(value, predicted):
    return predicted["low"] <= value <= predicted["high"]


stops = [recipe["name"] for recipe in run("recipes")["recipes"] if recipe["stop"] > 0]
if args.measure_only:
    for model in args.models:
        for recipe in stops: print(model, recipe, measured(model, recipe), flush=True)
    sys.exit()

hits = words = exact = total = 0
print(f"{'model':24} {'stop':8} {'size':>12} {'divergence':>11} {'predicted':>22} {'words':>7} {'predicted':>18} "
      f"{'made in':>8} {'predicted':>12}")
for model in args.models:
    preview = run("preview", model)
    for stop in preview["stops"]:
        true = measured(model, stop["recipe"])
        d, a, s = stop["divergence"], stop["agreement"], stop["seconds"]["quick"]
        drift, same = inside(true["divergence"], d), inside(true["agreement"], a)
        print(f"{model.parent.name + '/' + model.stem:24.24} {stop['recipe']:8} {true['size']:12} {true['divergence']:11.4f} "
              f"{d['expected']:8.4f} ({d['low']:.4f}-{d['high']:.4f}){' ' if drift else '!'} {100 * true['agreement']:6.1f}% "
              f"{100 * a['expected']:5.1f} ({100 * a['low']:.0f}-{100 * a['high']:.0f}){' ' if same else '!'} "
              f"{true['seconds']:7.1f}s {s['low']:5.1f}-{s['high']:.1f}s")
        total += 1
        hits += drift
        words += same
        exact += true["size"] == stop["fileBytes"]
    print(f"{'':24} predicted in {preview['seconds']:.1f} s")
print(f"divergence in its range: {hits} of {total}; words: {words} of {total}; sizes exact: {exact} of {total}")
sys.exit(exact < total or hits * 15 < 13 * total)
