#!/usr/bin/env python3
"""Files cross over: what Nibble writes opens in llama.cpp, what llama-quantize writes opens in Nibble, and both engines
compute the same perplexity of each (within 0.5 %). Exits 1 where one differs by more.

    tests/bench/interop.py ORIGINAL --text TEXT --peer PEER/bin --work FOLDER
"""
import pathlib, sys
from peer import Bench

LIMIT = 0.005


def setup(parser):
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--chunks", type=int, default=8)
    parser.add_argument("--recipes", nargs="+", default=["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "Q4_1", "IQ4_XS", "Q3_K_M", "Q2_K"])


def main():
    bench = Bench(__doc__, setup)
    a, base = bench.args, bench.base()
    for recipe in a.recipes:
        for maker, model in (("Nibble", bench.ours(recipe)[0]), ("llama.cpp", bench.theirs(recipe)[0])):
            bench.note(f"{recipe} made by {maker}")
            report = bench.nibble("compare", base, model, "--text", a.text, "--chunks", a.chunks, "--threads", a.threads, "--no-speed")
            ours = report["smaller"]["perplexity"]["value"]
            theirs, _ = bench.peer_perplexity(model, a.text, a.chunks)
            bench.add(recipe=recipe, maker=maker, ours=ours, theirs=theirs, difference=ours / theirs - 1)
    rows = bench.finish({"recipe": ("", "{}"), "maker": ("made by", "{}"), "ours": ("PPL Nibble", "{:.4f}"),
                         "theirs": ("PPL llama.cpp", "{:.4f}"), "difference": ("difference", "{:+.3%}")})
    sys.exit(1 if any(abs(row["difference"]) > LIMIT for row in rows) else 0)


if __name__ == "__main__":
    main()
