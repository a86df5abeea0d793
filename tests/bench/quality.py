#!/usr/bin/env python3
"""What each recipe loses, Nibble's file against llama-quantize's of the same type: mean KL divergence from the original's
predictions, both files measured by the same engine (llama-perplexity) on the same 40 x 512 tokens. A ratio of 1.0 or
less means that Nibble's file is at least as good.

    tests/bench/quality.py ORIGINAL --text TEXT --peer PEER/bin --work FOLDER [--careful | --gptq]

With --careful both first measure an importance matrix on the text that comes with Nibble; with --gptq Nibble's weights
also make up for each other's errors.
"""
import pathlib, re, sys
from peer import Bench


def setup(parser):
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--chunks", type=int, default=40)
    parser.add_argument("--careful", action="store_true")
    parser.add_argument("--gptq", action="store_true")
    parser.add_argument("--recipes", nargs="+", default=["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "IQ4_XS", "Q3_K_M"])


def main():
    bench = Bench(__doc__, setup)
    a, base = bench.args, bench.base()
    common = ["-f", a.text, "-c", 512, "-b", 512, "--chunks", a.chunks, "-t", a.threads]
    logits = a.work / f"original.{a.chunks}x512.logits"
    if not logits.exists():
        bench.note("The original's predictions")
        bench.peer("llama-perplexity", "-m", base, *common, "--save-all-logits", logits)

    def divergence(model):
        out = bench.peer("llama-perplexity", "-m", model, *common, "--kl-divergence", "--kl-divergence-base", logits)
        mean = re.search(r"Mean\s+KLD:\s+([0-9.]+)\s+±\s+([0-9.]+)", out)
        same = re.search(r"Same top p:\s+([0-9.]+)", out)
        if not mean or not same: sys.exit(f"llama-perplexity printed no divergence for {model}:\n{out[-2000:]}")
        return float(mean[1]), float(mean[2]), float(same[1])

    importance = (None, None)
    if a.careful or a.gptq:
        bench.note("Importance matrices")
        importance = bench.importance(pathlib.Path(__file__).parents[2] / "resources/texts/calibrate.txt")
    for recipe in a.recipes:
        bench.note(recipe)
        ours, theirs = bench.ours(recipe, importance=importance[0], gptq=a.gptq)[0], bench.theirs(recipe, importance=importance[1])[0]
        (kl, error, same), (peer_kl, peer_error, peer_same) = divergence(ours), divergence(theirs)
        bench.add(recipe=recipe, ours=kl, ours_error=error, theirs=peer_kl, theirs_error=peer_error, ratio=kl / peer_kl,
                  ours_same=same, theirs_same=peer_same, ours_bytes=ours.stat().st_size, theirs_bytes=theirs.stat().st_size)
    bench.finish({"recipe": ("", "{}"), "ours": ("KL Nibble", "{:.6f}"), "ours_error": ("+-", "{:.6f}"),
                  "theirs": ("KL llama.cpp", "{:.6f}"), "ratio": ("ratio", "{:.3f}"), "ours_same": ("same word %", "{:.2f}"),
                  "theirs_same": ("llama.cpp %", "{:.2f}"), "ours_bytes": ("bytes Nibble", "{}"),
                  "theirs_bytes": ("bytes llama.cpp", "{}")})


if __name__ == "__main__":
    main()
