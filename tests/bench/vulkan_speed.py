#!/usr/bin/env python3
"""Speed on a Vulkan device against llama.cpp's Vulkan server, both on the same device in the same run: tokens
per second of reading a prompt and of writing. The two take turns; the best of all rounds counts.

    cmake -S LLAMA.CPP -B PEER -DGGML_VULKAN=ON -DCMAKE_BUILD_TYPE=Release && cmake --build PEER --target llama-server
    VK_ICD_FILENAMES=/usr/share/vulkan/icd.d/lvp_icd.x86_64.json NIBBLE_VULKAN_SOFTWARE=1 \\
        tests/bench/vulkan_speed.py MODEL.gguf --server PEER/bin/llama-server
"""
import argparse, json, os, pathlib, random, socket, subprocess, sys, tempfile, time, urllib.request


def nibble_speed(args):
    command = [args.nibble, "bench", args.model, "--device", args.device, "--prompt-tokens", args.prompt, "--answer-tokens",
               args.tokens, "--repeats", 1, "--json"]
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True, text=True)
    row = json.loads(done.stdout)["results"][0]
    if row["device"] != args.device: sys.exit(f"Nibble did not use {args.device}: {row['deviceReason']}")
    return row["prefillSpeed"], row["decodeSpeed"]


class Server:
    """llama-server with all layers on the first Vulkan device; it ends where there is none."""

    def __init__(self, args):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        port = self.url.rpartition(":")[2]
        environment = dict(os.environ, LD_LIBRARY_PATH=str(args.server.parent), GGML_VK_VISIBLE_DEVICES="0")
        self.log = tempfile.TemporaryFile(mode="w+")
        args.server.chmod(0o755)
        self.process = subprocess.Popen([str(args.server), "-m", str(args.model), "--device", "Vulkan0", "-ngl", "99", "-c", "1024", "-np", "1", "--port", port,
                                         "--no-warmup"], env=environment, stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                with urllib.request.urlopen(self.url + "/health") as answer:
                    if answer.status == 200: break
            except OSError:
                if self.process.poll() is not None: self.fail("ended")
                time.sleep(0.5)
        else:
            self.fail("did not get ready")

    def fail(self, what):
        self.log.seek(0)
        sys.exit(f"llama-server {what}:\n{self.log.read()[-3000:]}")

    def speed(self, prompt, tokens):
        """Of a prompt of as many tokens, none of them cached."""
        ids = [random.randrange(1000, 40000) for _ in range(prompt)]
        body = json.dumps({"prompt": ids, "n_predict": tokens, "cache_prompt": False, "ignore_eos": True, "temperature": 0}).encode()
        request = urllib.request.Request(self.url + "/completion", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer: timings = json.load(answer)["timings"]
        return timings["prompt_per_second"], timings["predicted_per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--server", type=pathlib.Path, required=True)
    parser.add_argument("--nibble", type=pathlib.Path, default=pathlib.Path("build/release/bin/nibble-cli"))
    parser.add_argument("--device", default="gpu0")
    parser.add_argument("--prompt", type=int, default=256)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    nibble_speed(argparse.Namespace(**{**vars(args), "prompt": 32, "tokens": 2}))  # drivers compile what they run first
    best = {"ours": (0, 0), "theirs": (0, 0)}
    for turn in range(args.rounds):
        server = Server(args)
        server.speed(min(32, args.prompt), 2)
        # Both write from an empty conversation, as Nibble's bench does.
        measured = {"theirs": (server.speed(args.prompt, 1)[0], server.speed(1, args.tokens)[1])}
        server.process.kill()
        server.process.wait()
        measured["ours"] = nibble_speed(args)
        for who, pair in measured.items(): best[who] = tuple(map(max, best[who], pair))
        print(f"round {turn + 1}: {measured}", file=sys.stderr, flush=True)
    print(f"{'':12}  {'Nibble':>8}  {'llama.cpp':>9}  {'ratio':>6}   (tokens/s, {args.model.name})")
    for i, what in enumerate((f"reads {args.prompt}", f"writes {args.tokens}")):
        ours, theirs = best["ours"][i], best["theirs"][i]
        print(f"{what:12}  {ours:8.2f}  {theirs:9.2f}  {ours / theirs:6.2f}")


if __name__ == "__main__":
    main()
