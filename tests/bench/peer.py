"""What the measuring scripts share: both programs, files made by each, and a table."""
import argparse, json, pathlib, re, subprocess, sys, time


class Bench:
    """Arguments common to all scripts, and the two engines. Results go to standard output as a table and, with
    --json FILE, to a file as a list of objects."""

    def __init__(self, description, setup=lambda parser: None):
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("original", type=pathlib.Path, help="a half-precision model: a Hugging Face folder or GGUF file")
        parser.add_argument("--nibble", type=pathlib.Path, default=pathlib.Path("build/release/bin/nibble-cli"))
        parser.add_argument("--peer", type=pathlib.Path, required=True, help="the bin folder of peer-llama.sh")
        parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder for the files made on the way")
        parser.add_argument("--threads", type=int, default=2)
        parser.add_argument("--json", type=pathlib.Path, help="also write the results here")
        setup(parser)
        self.args = parser.parse_args()
        self.args.work.mkdir(parents=True, exist_ok=True)
        self.results = []

    def run(self, program, *arguments, both=False):
        """Standard output (both: with standard error) of a program; ends the script where it fails."""
        done = subprocess.run([str(program), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT if both else subprocess.PIPE, text=True, errors="replace")
        if done.returncode != 0:
            sys.exit(f"{program} {' '.join(map(str, arguments))}\nfailed with {done.returncode}:\n"
                     f"{done.stdout[-2000:]}\n{(done.stderr or '')[-2000:]}")
        return done.stdout

    def nibble(self, *arguments):
        return json.loads(self.run(self.args.nibble, *arguments, "--json"))

    def peer(self, program, *arguments):
        return self.run(self.args.peer / program, *arguments, both=True)

    def note(self, text):
        print(text, file=sys.stderr, flush=True)

    def base(self):
        """The original as one BF16 GGUF file: what llama-quantize starts from."""
        path = self.args.work / "original.BF16.gguf"
        if not path.exists():
            self.nibble("quantize", self.args.original, "--recipe", "BF16", "--output", path)
        return path

    def ours(self, recipe, fresh=False, importance=None, gptq=False, size=None, like=None):
        """The file Nibble makes, and the seconds it took where it had to be made. With a size the formats are chosen for
        so many bytes, with `like` they are those of another file; `recipe` only names the file then."""
        care = ".gptq" if gptq else ".careful" if importance else ""
        path, start = self.args.work / f"nibble.{recipe}{'.budget' if size or like else ''}{care}.gguf", time.time()
        formats = ["--size", size] if size else ["--formats-of", like] if like else ["--recipe", recipe]
        if fresh or not path.exists():
            self.nibble("quantize", self.base(), *formats, "--output", path, "--overwrite",
                        "--threads", self.args.threads, *(["--importance", importance] if importance else []),
                        "--care", "careful" if gptq else "quick")
        return path, time.time() - start

    def theirs(self, recipe, fresh=False, importance=None):
        """The file llama-quantize makes, and the seconds."""
        path, start = self.args.work / f"peer.{recipe}{'.careful' if importance else ''}.gguf", time.time()
        if fresh or not path.exists():
            self.peer("llama-quantize", *(["--imatrix", importance] if importance else []), self.base(), path, recipe,
                      self.args.threads)
        return path, time.time() - start

    def importance(self, text, costs=False):
        """The importance matrices that Nibble and llama-imatrix measure on the same text, at most 20,000 tokens of it
        (39 x 512 of llama-imatrix); `costs`: Nibble's with what rounding costs."""
        ours, theirs = self.args.work / "nibble.imatrix.gguf", self.args.work / "peer.imatrix.gguf"
        if not ours.exists():
            self.nibble("calibrate", self.base(), "--text", text, "--output", ours, "--threads", self.args.threads,
                        *(["--costs"] if costs else []))
        if not theirs.exists():
            self.peer("llama-imatrix", "-m", self.base(), "-f", text, "-o", theirs, "-c", 512, "--chunks", 39, "--no-ppl",
                      "--no-repack", "-t", self.args.threads)
        return ours, theirs

    def peer_perplexity(self, model, text, chunks):
        """(perplexity, its standard error) as llama-perplexity computes it, 512 tokens a chunk."""
        out = self.peer("llama-perplexity", "-m", model, "-f", text, "-c", 512, "-b", 512, "--chunks", chunks,
                        "-t", self.args.threads)
        match = re.search(r"Final estimate: PPL = ([0-9.]+) \+/- ([0-9.]+)", out)
        if not match: sys.exit(f"llama-perplexity printed no result for {model}:\n{out[-2000:]}")
        return float(match[1]), float(match[2])

    def add(self, **row):
        self.results.append(row)

    def finish(self, columns):
        """Prints the results as a table of `columns` {key: (heading, format)}; returns them."""
        cells = [[heading for heading, _ in columns.values()]]
        cells += [[form.format(row[key]) if row.get(key) is not None else "" for key, (_, form) in columns.items()]
                  for row in self.results]
        widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
        for line in cells: print("  ".join(cell.rjust(width) for cell, width in zip(line, widths)))
        if self.args.json: self.args.json.write_text(json.dumps(self.results, indent=2) + "\n")
        return self.results
