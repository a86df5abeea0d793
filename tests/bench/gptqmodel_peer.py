#!/usr/bin/env python3
"""GPTQ and AWQ folders of Nibble beside those that GPTQModel makes of the same original, on the same tokens of the same
text: mean KL divergence from the original's predictions, all read by Nibble's engine.

    pip install torch transformers gptqmodel
    tests/bench/gptqmodel_peer.py NIBBLE_CLI ORIGINAL --work FOLDER --text TEXT [--group 64] [--methods gptq awq]

TEXT is what is compared on; learned from are the first 20,000 tokens of resources/texts/calibrate.txt. Folders that are
there already are not made again.
"""
import argparse, json, os, pathlib, subprocess, sys

os.environ.setdefault("GPTQMODEL_CPU_WORKERS", "2")
CALIBRATION = pathlib.Path(__file__).parents[2] / "resources" / "texts" / "calibrate.txt"
# By method: how Nibble is asked for the same; the second is what it has beside it.
OURS = {"gptq": [["--recipe", "gptq-4bit-{group}", "--care", "careful"], ["--recipe", "gptq-4bit-{group}", "--care", "careful", "--awq"]],
        "awq": [["--recipe", "awq-4bit-{group}", "--awq"], ["--recipe", "awq-4bit-{group}", "--awq", "--care", "careful"]]}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("cli", type=pathlib.Path)
parser.add_argument("original", type=pathlib.Path)
parser.add_argument("--work", type=pathlib.Path, required=True)
parser.add_argument("--text", type=pathlib.Path, required=True)
parser.add_argument("--group", type=int, default=128, help="has to divide the rows of every matrix")
parser.add_argument("--tokens", type=int, default=20000)
parser.add_argument("--chunks", type=int, default=10)
parser.add_argument("--methods", nargs="+", choices=OURS, default=list(OURS))
args = parser.parse_args()
args.work.mkdir(parents=True, exist_ok=True)


def made_by_gptqmodel(method):
    folder = args.work / f"gptqmodel-{method}-{args.group}"
    if folder.exists(): return folder
    from gptqmodel import GPTQModel, QuantizeConfig
    from transformers import AutoTokenizer
    ids = AutoTokenizer.from_pretrained(args.original)(CALIBRATION.read_text())["input_ids"][:args.tokens]
    pieces = [{"input_ids": ids[i:i + 512], "attention_mask": [1] * len(ids[i:i + 512])} for i in range(0, len(ids), 512)]
    form = {"gptq": {"quant_method": "gptq", "format": "gptq"}, "awq": {"quant_method": "awq", "format": "gemm", "sym": False}}[method]
    model = GPTQModel.load(str(args.original), QuantizeConfig(bits=4, group_size=args.group, **form), device="cpu")
    model.quantize(pieces, batch_size=1)
    model.save(str(folder))
    return folder


def made_by_nibble(method, index, options):
    folder = args.work / f"nibble-{method}-{args.group}-{index}"
    if not folder.exists():
        subprocess.run([args.cli, "quantize", args.original, *(o.format(group=args.group) for o in options), "-o", folder],
                       check=True)
    return folder


def divergence(folder):
    done = subprocess.run([args.cli, "compare", args.original, folder, "--text", args.text, "--chunks", str(args.chunks),
                           "--no-speed", "--json"], stdout=subprocess.PIPE, text=True, check=True)
    report = json.loads(done.stdout)
    return report["meanDivergence"]["value"], report["wordAgreement"]["value"]


worse = False
for method in args.methods:
    theirs, words = divergence(made_by_gptqmodel(method))
    print(f"{method} GPTQModel: KL {theirs:.4f}, same word {words:.1%}", flush=True)
    for index, options in enumerate(OURS[method]):
        ours, words = divergence(made_by_nibble(method, index, options))
        print(f"{method} {' '.join(options[2:])}: KL {ours:.4f} ({ours / theirs:.2f} x), same word {words:.1%}", flush=True)
        if index == 0: worse |= ours > theirs
sys.exit(worse)
