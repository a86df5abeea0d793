#!/usr/bin/env python3
"""Whether llama.cpp expects the same next token as the original model (transformers' goldens) in the files that Nibble
writes: each golden becomes a GGUF file of the same weights, and one in F16, llama-server opens them, and at every position of
the golden's text its likeliest token is compared. Positions where the original's two likeliest are closer than 0.005 do not
count. llama.cpp rounds activations to the type of the weights, which alone turns a few tokens (BF16: 8 bits): exits 1 where
neither file agrees everywhere.

    tests/bench/argmax.py GOLDENS... --nibble NIBBLE-CLI --peer PEER/bin --work FOLDER

GOLDENS are folders of Hugging Face folders (golden.json and logits.f32, or ref.json) or of .gguf files (.json beside);
those that were made smaller before are left out.
"""
import argparse, array, json, pathlib, socket, subprocess, sys, time, urllib.request

GAP = 5e-3
PEER_IS_WRONG = {"mistral-swa", "mistral_swa"}  # its "llama" kind knows no sliding window


def golden(model):
    """(ids, likeliest token by position; -1 where two are as likely), or None."""
    reference = next((f for f in (model / "golden.json", model / "ref.json", model.with_suffix(".json")) if f.exists()), None)
    config = model / "config.json"
    if reference is None or model.suffix not in ("", ".gguf"): return None
    if config.exists() and "quantization_config" in config.read_text(): return None
    data = json.loads(reference.read_text())
    if not (model / "logits.f32").exists(): return (data["ids"], data["argmax"]) if "argmax" in data else None
    logits = array.array("f", (model / "logits.f32").read_bytes())
    vocab, best = data["shape"][1], []
    for i in range(len(data["ids"])):
        row = logits[i * vocab:(i + 1) * vocab]
        second, first = sorted(row)[-2:]
        best.append(row.index(first) if first - second > GAP else -1)
    return data["ids"], best


class Server:
    """llama-server with one model, an exact cache and no repacking (its AMX path fails on some virtual machines)."""

    def __init__(self, program, model):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{s.getsockname()[1]}"
        self.process = subprocess.Popen(
            [program, "-m", model, "--host", "127.0.0.1", "--port", self.url.rpartition(":")[2], "-c", "256", "-np", "1", "-t", "1",
             "--no-repack", "-ctk", "f32", "-ctv", "f32", "-fa", "off", "--no-warmup", "--no-webui"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if self.process.poll() is not None: break
            try:
                urllib.request.urlopen(self.url + "/health").read()
                return
            except OSError:
                time.sleep(0.1)
        self.close()
        sys.exit(f"llama-server does not open {model}")

    def likeliest(self, ids):
        request = {"prompt": ids, "n_predict": 1, "temperature": 0, "cache_prompt": True, "return_tokens": True}
        answer = urllib.request.urlopen(urllib.request.Request(
            self.url + "/completion", json.dumps(request).encode(), {"Content-Type": "application/json"})).read()
        return json.loads(answer)["tokens"][0]

    def close(self):
        self.process.terminate()
        self.process.wait()


def same(a, source, recipe, ids, best):
    """(positions where both expect the same, of so many that count)"""
    file = a.work / "written.gguf"
    done = subprocess.run([a.nibble, "quantize", source, "--recipe", recipe, "-o", file, "--overwrite"], capture_output=True, text=True)
    if done.returncode != 0: sys.exit(f"{source.resolve()}: {done.stderr}")
    server = Server(a.peer / "llama-server", file)
    theirs = [server.likeliest(ids[:i + 1]) for i in range(len(ids))]
    server.close()
    counted = [i for i in range(len(ids)) if best[i] >= 0]
    return sum(theirs[i] == best[i] for i in counted), len(counted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("goldens", type=pathlib.Path, nargs="+")
    for name in ("nibble", "peer", "work"): parser.add_argument("--" + name, type=pathlib.Path, required=True)
    a = parser.parse_args()
    a.work.mkdir(parents=True, exist_ok=True)
    failed = False
    for model in sorted(m for folder in a.goldens for m in folder.iterdir()):
        known = golden(model)
        if known is None: continue
        source = a.work / ("golden" + model.suffix) # named neutrally: llama.cpp expects more of a vocabulary named phi3
        source.unlink(missing_ok=True)
        source.symlink_to(model.resolve())
        results = {recipe: same(a, source, recipe, *known) for recipe in ("as-is", "F16")}
        wrong = model.stem in PEER_IS_WRONG
        failed |= not wrong and all(agreed < counted for agreed, counted in results.values())
        print(f"{model.parent.name}/{model.name}: " + ", ".join(f"{r} {n} of {of}" for r, (n, of) in results.items()) +
              (" (llama.cpp knows no window here)" if wrong else ""), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
