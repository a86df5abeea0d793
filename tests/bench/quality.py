#!/usr/bin/env python3
"""What each recipe loses, Nibble's file against llama-quantize's of the same type: mean KL divergence from the original's
predictions, both files measured by the same engine (llama-perplexity) on the same 40 x 512 tokens. A ratio of 1.0 or
less means that Nibble's file is at least as good.

    tests/bench/quality.py ORIGINAL --text TEXT --peer PEER/bin --work FOLDER [--careful | --gptq | --budget]
    tests/bench/quality.py GOLDENS/gguf --each --text TEXT --peer PEER/bin --work FOLDER [--careful | --gptq]

With --careful both first measure an importance matrix on the text that comes with Nibble; with --gptq Nibble's weights
also make up for each other's errors. With --budget Nibble's file is the best one that is not larger than the peer's, and
the table shows what each method contributes: the formats chosen for the size, and careful rounding (GPTQ and the descent
behind it) into these formats. --weights-alone turns both files into F32 first: llama.cpp multiplies rounded weights with
activations that it rounds to 8 bits, and at large sizes most of what is measured comes from that. --more-text measures the
same files on another text, too. --each measures every model of a folder, and Nibble's engine reads both files: for
the tiny models of the tests, whose contexts are too short for llama-perplexity. With --careful or --gptq the divergence is
set against that of the better one of llama.cpp's two files, with its importance matrix and without, which is often better
for weights as random as these; nothing of the text that is measured was seen by any of them. The ratio comes with its 95 %
interval, from the pieces of text, which all files were measured on. How roundings happen to fall on so few weights moves it, too:
--shuffles N measures N models more with the weights of each row in another order, and shows their geometric mean (F32
models; needs gguf from PyPI).
"""
import math, pathlib, re, shutil, statistics, sys
from peer import Bench


def setup(parser):
    parser.add_argument("--text", type=pathlib.Path, required=True)
    parser.add_argument("--chunks", type=int, default=40)
    parser.add_argument("--careful", action="store_true")
    parser.add_argument("--gptq", action="store_true")
    parser.add_argument("--budget", action="store_true")
    parser.add_argument("--weights-alone", action="store_true")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--shuffles", type=int, default=0)
    parser.add_argument("--more-text", type=pathlib.Path)
    parser.add_argument("--recipes", nargs="+", help="by default all that both know; with --budget those of the peer's "
                        "whose sizes are compared")


ROOT = pathlib.Path(__file__).parents[2]
CALIBRATION = ROOT / "resources/texts/calibrate.txt"
RECIPES = ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "IQ4_XS", "Q3_K_M"]
SIZES = ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_K_S", "IQ4_XS", "Q3_K_M", "Q2_K"]
OURS_KNOWS = RECIPES + ["Q2_K", "Q4_1"]


class Meter:
    """Divergence from the original on one text."""

    def __init__(self, bench, text, chunks):
        self.bench, self.name = bench, text.stem
        self.common = ["-f", text, "-c", 512, "-b", 512, "--chunks", chunks, "-t", bench.args.threads,
                       "--no-repack"]  # AMX, which it takes otherwise, fails on virtual machines that only claim to have it
        self.logits = bench.args.work / f"original.{text.stem}.{chunks}x512.logits"
        if not self.logits.exists():
            bench.note(f"The original's predictions on {text.name}")
            bench.peer("llama-perplexity", "-m", bench.base(), *self.common, "--save-all-logits", self.logits)

    def __call__(self, model):
        """(mean KL divergence, its standard error, share of positions with the same likeliest word)"""
        alone = self.bench.args.weights_alone
        if alone:
            decoded = self.bench.args.work / "decoded.F32.gguf"
            self.bench.peer("llama-quantize", "--allow-requantize", model, decoded, "F32", self.bench.args.threads)
        for _ in range(8):  # with small models it often ends before all that it has to say is printed
            out = self.bench.peer("llama-perplexity", "-m", decoded if alone else model, *self.common, "--kl-divergence",
                                  "--kl-divergence-base", self.logits)
            mean = re.search(r"Mean\s+KLD:\s+([0-9.]+)\s+±\s+([0-9.]+)", out)
            same = re.search(r"Same top p:\s+([0-9.]+)", out)
            if mean and same: break
        if alone: decoded.unlink()
        if not mean or not same: sys.exit(f"llama-perplexity printed no divergence for {model}:\n{out[-2000:]}")
        return float(mean[1]), float(mean[2]), float(same[1])


def budget(bench, divergence):
    """What each method makes of the peer's size."""
    a = bench.args
    ours, theirs = bench.importance(CALIBRATION, costs=True)
    meters = [divergence] + ([Meter(bench, a.more_text, a.chunks)] if a.more_text else [])
    for size in a.recipes or SIZES:
        bench.note(size)
        peer = bench.theirs(size, importance=theirs)[0]
        limit = peer.stat().st_size
        mixture = bench.ours(size, importance=ours, size=limit)[0]
        files = {"peer": peer, "mixture": mixture, "mixture_gptq": bench.ours(size, importance=ours, gptq=True, like=mixture)[0]}
        if size in OURS_KNOWS:
            files |= {"recipe": bench.ours(size, importance=ours)[0], "recipe_gptq": bench.ours(size, importance=ours, gptq=True)[0]}
        for meter in meters:
            kl = {name: meter(file) for name, file in files.items()}
            row = {name: value[0] / kl["peer"][0] for name, value in kl.items()}
            best = "mixture_gptq"
            bench.add(size=size, text=meter.name, bytes_peer=limit, bytes_ours=files[best].stat().st_size,
                      kl_peer=kl["peer"][0], kl_peer_error=kl["peer"][1], kl_ours=kl[best][0], same_peer=kl["peer"][2],
                      same_ours=kl[best][2], ratio=row[best], **{f"x_{name}": row.get(name) for name in row})
    bench.finish({"size": ("size of", "{}"), "text": ("text", "{}"), "bytes_peer": ("bytes llama.cpp", "{}"),
                  "bytes_ours": ("bytes Nibble", "{}"), "kl_peer": ("KL llama.cpp", "{:.6f}"), "kl_peer_error": ("+-", "{:.6f}"),
                  "kl_ours": ("KL Nibble", "{:.6f}"), "same_peer": ("same word %", "{:.2f}"), "same_ours": ("Nibble %", "{:.2f}"),
                  "x_recipe": ("its recipe", "{:.3f}"), "x_recipe_gptq": ("+ GPTQ", "{:.3f}"),
                  "x_mixture": ("mixture", "{:.3f}"), "x_mixture_gptq": ("+ GPTQ", "{:.3f}"), "ratio": ("ratio", "{:.3f}")})


def ratio_of(ours, theirs):
    """Ratio of two sums over the same pieces of text, and half its 95 % interval (linearized)."""
    n, ratio = len(ours), sum(ours) / sum(theirs)
    spread = sum((x - ratio * y) ** 2 for x, y in zip(ours, theirs)) / (n - 1)
    return ratio, 1.96 * math.sqrt(n * spread) / sum(theirs)


def shuffled(model, seed, path):
    """The model with the weights of each row of its matrices in another order."""
    import gguf, numpy
    shutil.copyfile(model, path)
    for tensor in gguf.GGUFReader(path, "r+").tensors:
        if tensor.tensor_type == gguf.GGMLQuantizationType.F32 and len(tensor.data.shape) > 1:
            tensor.data[...] = numpy.random.default_rng(seed).permuted(tensor.data, axis=-1)
    return path


def measured(bench, model, work, recipe):
    """(divergences of Nibble's file and each of llama.cpp's by piece of text, tokens of the pieces, bits of all)"""
    a = bench.args
    a.original, a.work = model, work
    a.work.mkdir(parents=True, exist_ok=True)
    pieces, bits = [], []
    ours, theirs = bench.importance(CALIBRATION) if a.careful or a.gptq else (None, None)
    files = [bench.ours(recipe, importance=ours, gptq=a.gptq), bench.theirs(recipe)]
    if theirs: files.append(bench.theirs(recipe, importance=theirs))
    for file, _ in files:
        report = bench.nibble("compare", bench.base(), file, "--text", a.text, "--chunks", a.chunks, "--chunk-tokens", 128,
                              "--threads", a.threads, "--no-speed")
        pieces.append([s["divergence"] * s["tokens"] for s in report["stretches"]])
        bits.append(report["smaller"]["bitsPerWeight"])
    return pieces, sum(s["tokens"] for s in report["stretches"]), bits


def ratio_to_better(pieces):
    """ratio_of() Nibble's file and the better one of llama.cpp's."""
    return ratio_of(pieces[0], min(pieces[1:], key=sum))


def each(bench):
    """The table of every model in a folder, both files read by Nibble's engine."""
    a = bench.args
    models, work = sorted(a.original.iterdir()), a.work
    for model in models:
        if model.suffix != ".gguf" and not (model / "config.json").exists(): continue
        for recipe in a.recipes or ["Q8_0", "Q4_0", "Q4_K_M"]:
            bench.note(f"{model.name} {recipe}")
            pieces, tokens, bits = measured(bench, model, work / model.stem, recipe)
            ratio, half = ratio_to_better(pieces)
            logs = []
            for i in range(a.shuffles):
                folder = work / f"{model.stem}.{i}"
                folder.mkdir(exist_ok=True)
                other = measured(bench, shuffled(model, i, folder / "shuffled.gguf"), folder, recipe)[0]
                logs.append(math.log(ratio_to_better(other)[0]))
            bench.add(model=model.stem, recipe=recipe, ours=sum(pieces[0]) / tokens, theirs=sum(pieces[1]) / tokens,
                      theirs_careful=sum(pieces[2]) / tokens if len(pieces) > 2 else None, ratio=ratio,
                      half=half, tokens=tokens, bits=bits[0], peer_bits=bits[1],
                      mean=math.exp(statistics.mean(logs)) if logs else None,
                      spread=1.96 * statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else None)
    bench.finish({"model": ("", "{}"), "recipe": ("", "{}"), "ours": ("KL Nibble", "{:.6f}"),
                  "theirs": ("KL llama.cpp", "{:.6f}"), "theirs_careful": ("with imatrix", "{:.6f}"),
                  "ratio": ("ratio", "{:.3f}"), "half": ("+-", "{:.3f}"),
                  "mean": ("of shuffled", "{:.3f}"), "spread": ("+-", "{:.3f}"), "bits": ("bits Nibble", "{:.3f}"),
                  "peer_bits": ("bits llama.cpp", "{:.3f}"), "tokens": ("tokens", "{}")})
    for recipe in dict.fromkeys(row["recipe"] for row in bench.results):
        ratios = [row["ratio"] for row in bench.results if row["recipe"] == recipe]
        over = [row for row in bench.results if row["recipe"] == recipe and row["ratio"] > 1.05]
        print(f"{recipe}: geometric mean {statistics.geometric_mean(ratios):.3f}, over 1.05: {len(over)} of {len(ratios)}, "
              f"with all of its interval: {sum(row['ratio'] - row['half'] > 1.05 for row in over)}")


def main():
    bench = Bench(__doc__, setup)
    a = bench.args
    if a.each: return each(bench)
    divergence = Meter(bench, a.text, a.chunks)
    if a.budget: return budget(bench, divergence)

    importance = (None, None)
    if a.careful or a.gptq:
        bench.note("Importance matrices")
        importance = bench.importance(CALIBRATION)
    for recipe in a.recipes or RECIPES:
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
