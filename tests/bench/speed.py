#!/usr/bin/env python3
"""Speed against llama.cpp on this machine, in the same run: tokens per second of reading a prompt and of writing, and
the time to quantize. The two take turns, so that a busy minute meets both; the best of all rounds counts. A ratio of
1.0 or more means that Nibble is at least as fast.

    tests/bench/speed.py ORIGINAL --peer PEER/bin --work FOLDER
"""
import json
from peer import Bench


def setup(parser):
    parser.add_argument("--recipes", nargs="+", default=["Q4_0", "Q4_K_M", "Q8_0"])
    parser.add_argument("--quantize", nargs="+", default=["Q8_0", "Q4_K_M"], help="recipes whose making is timed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--tokens", type=int, default=64)


def nibble_speed(bench, model):
    a = bench.args
    speed = bench.nibble("bench", model, "--prompt-tokens", a.prompt, "--answer-tokens", a.tokens, "--repeats", 1, "--threads", a.threads)
    result = speed["results"][0]
    return {"read": result["prefillSpeed"], "write": result["decodeSpeed"]}


def peer_speed(bench, model):
    a = bench.args
    out = bench.run(a.peer / "llama-bench", "-m", model, "-p", a.prompt, "-n", a.tokens, "-r", 1, "-t", a.threads, "-o", "jsonl")
    rows = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    return {"read" if row["n_prompt"] else "write": row["avg_ts"] for row in rows}


def main():
    bench = Bench(__doc__, setup)
    bench.base()
    for recipe in bench.args.recipes:
        model, best = bench.theirs(recipe)[0], {}
        for turn in range(bench.args.rounds):
            for who, measure in (("ours", nibble_speed), ("theirs", peer_speed)):
                for what, value in measure(bench, model).items():
                    best[what, who] = max(best.get((what, who), 0), value)
            bench.note(f"{recipe}, round {turn + 1}: " + ", ".join(f"{w} {v:.1f}/s {h}" for (w, h), v in best.items()))
        for what in ("read", "write"):
            ours, theirs = best[what, "ours"], best[what, "theirs"]
            bench.add(what=f"{what} {recipe}", unit="tokens/s", ours=ours, theirs=theirs, ratio=ours / theirs)
    for recipe in bench.args.quantize:
        ours, theirs = [], []
        for _ in range(bench.args.rounds):
            ours.append(bench.ours(recipe, fresh=True)[1])
            theirs.append(bench.theirs(recipe, fresh=True)[1])
        bench.add(what=f"quantizing {recipe}", unit="s", ours=min(ours), theirs=min(theirs), ratio=min(theirs) / min(ours))
    bench.finish({"what": ("", "{}"), "ours": ("Nibble", "{:.2f}"), "theirs": ("llama.cpp", "{:.2f}"), "unit": ("", "{}"),
                  "ratio": ("ratio", "{:.2f}")})


if __name__ == "__main__":
    main()
