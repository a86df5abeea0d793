#!/usr/bin/env python3
"""The main job in the terminal: look at a model, estimate, make it smaller, ask each the same question, measure each
against the original, and print one table. packaging/run --cli calls it; the test e2e_cli runs it on the tiny model.

    job.py --nibble BUILD/bin/nibble-cli --original MODEL --folder WHERE_TO_WRITE [--prompts FILE] [--chunks N]

Needs nothing but nibble-cli. Exits with nibble-cli's code where a step fails.
"""
import argparse, json, os, pathlib, re, subprocess, sys, textwrap

# name on the table, recipe
STOPS = [("INT8", "Q8_0"), ("INT4", "Q4_K_M"), ("INT4, simple", "Q4_0")]
WIDTH = 96


def step(number, text):
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}{number}. {text}{plain}", flush=True)


def human(size):
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def paragraph(text, indent="   "):
    lines = text.strip().splitlines() or ["(no answer)"]
    return "\n".join(textwrap.fill(line, WIDTH, initial_indent=indent, subsequent_indent=indent) for line in lines)


class Nibble:
    """Calls nibble-cli, shows the command, and returns what --json printed."""

    def __init__(self, program):
        self.program = program

    def __call__(self, *arguments):
        arguments = [str(a) for a in arguments]
        print("   $ nibble-cli " + " ".join(f'"{a}"' if re.search(r"[\s?!]", a) else a for a in arguments), flush=True)
        # Progress goes to our standard error as it comes; the result is the one JSON object on standard output.
        done = subprocess.run([self.program, *arguments, "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            result = json.loads(done.stdout or b"null")
        except json.JSONDecodeError:
            result = None
        if done.returncode != 0 or not isinstance(result, dict):
            error = (result or {}).get("error", {}) if isinstance(result, dict) else {}
            for field in ("message", "detail", "whatToDo"):
                if error.get(field): print("   " + error[field], file=sys.stderr)
            sys.exit(done.returncode or 1)
        return result


def output_path(original, folder, recipe):
    """Where the smaller model goes: the original's name without the format it is in, and the new one."""
    name = re.sub(r"\.(F16|BF16|F32)$", "", original.stem if original.suffix == ".gguf" else original.name)
    return folder / f"{name}.{recipe}.gguf"


def is_fresh(output, original):
    newest = max((f.stat().st_mtime for f in ([original] if original.is_file() else original.iterdir())), default=0)
    return output.exists() and output.stat().st_mtime >= newest


def show_table(rows):
    head = ["", "format", "size", "memory", "reading", "writing", "word agreement", "drift", "verdict"]
    lines = [head] + rows
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for i, line in enumerate(lines):
        cells = [line[c].ljust(widths[c]) if c in (0, 1, 8) else line[c].rjust(widths[c]) for c in range(len(head))]
        print("   " + "  ".join(cells).rstrip())
        if i == 0: print("   " + "  ".join("-" * w for w in widths))


def figures(name, model, agreement="", drift="", verdict=""):
    return [name, model["formatName"], human(model["fileBytes"]), human(model["memoryBytes"]),
            f"{model['prefillSpeed']:.0f}/s", f"{model['decodeSpeed']:.1f}/s", agreement, drift, verdict]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nibble", required=True)
    parser.add_argument("--original", required=True, type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--prompts", type=pathlib.Path, help="a JSON array of prompts; the first is asked")
    parser.add_argument("--chunks", type=int, default=8, help="pieces of 512 tokens to measure on")
    args = parser.parse_args()
    nibble, original = Nibble(args.nibble), args.original
    question = json.loads(args.prompts.read_text(encoding="utf-8"))[0] if args.prompts else "Who are you?"

    step(1, "What the model is")
    info = nibble("inspect", original)
    print(f"   {info['name']}: {info['parameters'] / 1e6:.1f} million weights in {info['formatName']}, "
          f"{human(info['fileBytes'])}, architecture {info['architecture']}, licence {info['license'] or 'not stated'}")

    step(2, "What memory it will need")
    for name, recipe in [("original", "")] + STOPS:
        estimate = nibble("estimate", original, *(["--recipe", recipe] if recipe else []))
        print(f"   {name}: file {human(estimate['fileBytes'])}, memory {human(estimate['totalBytes'])} "
              f"for {estimate['contextLength']} tokens. {estimate['verdict']['sentence']}")

    step(3, "Making it smaller")
    models = [("original", original)]
    for name, recipe in STOPS:
        output = output_path(original, args.folder, recipe)
        models.append((name, output))
        if is_fresh(output, original):
            print(f"   {name}: {output} is there already")
            continue
        report = nibble("quantize", original, "--recipe", recipe, "--output", output, "--overwrite")
        plan = report["plan"]
        print(f"   {name}: {human(plan['sourceBytes'])} -> {human(plan['fileBytes'])} in {report['seconds']:.1f} s")

    step(4, "The same question to each")
    print(f"   {question}")
    for name, path in models:
        answer = nibble("chat", path, "--prompt", question, "--temperature", "0", "--max-tokens", "96")
        print(f"   [{name}]\n{paragraph(answer['text'], '     ')}", flush=True)

    step(5, "What quality was lost")
    rows, notes = [], []
    for name, path in models[1:]:
        report = nibble("compare", original, path, "--chunks", args.chunks, "--prompt", question, "--answer-tokens", "96")
        if not rows: rows.append(figures("original", report["original"]))
        agreement = f"{100 * report['wordAgreement']['value']:.1f} %"
        drift = f"{report['drift']} ({report['meanDivergence']['value']:.4f})"
        rows.append(figures(name, report["smaller"], agreement, drift, report["verdict"]))
        pair = report["answers"][0]
        notes.append(f"{name}: " + ("answers word for word as the original" if pair["identical"]
                                    else f"answers as the original for the first {pair['sameWords']} words"))
    print()
    show_table(rows)
    print(f"\n   reading, writing: tokens per second. word agreement: how often both prefer the same next token, on "
          f"{report['tokensScored']} tokens\n   of {report['textName']}. drift: 0 to 100, and the KL divergence in nats.")
    for note in notes: print("   " + note)
    print(f"\n   The models are in {args.folder}")


if __name__ == "__main__":
    main()
