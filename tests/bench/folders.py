#!/usr/bin/env python3
"""Whether folders that Nibble writes for servers are what other programs take them for: transformers with GPTQModel
(both from PyPI) load the folder and read a text, and numpy puts the same weights together as the layout's description
says; both have to agree. With --original also the mean KL divergence from the original's predictions.

    tests/bench/folders.py FOLDER... [--original ORIGINAL] [--text TEXT] [--chunks 10] [--numpy-only]
"""
import argparse, json, pathlib, struct, sys
import numpy as np


def tensors(folder):
    """Name -> array of a model.safetensors file; bfloat16 as float32."""
    raw = (folder / "model.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header, result = json.loads(raw[8:8 + size]), {}
    types = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "I32": "<i4"}
    for name, entry in header.items():
        if name == "__metadata__": continue
        begin, end = entry["data_offsets"]
        array = np.frombuffer(raw[8 + size + begin:8 + size + end], types[entry["dtype"]]).reshape(entry["shape"])
        result[name] = (array.astype("<u4") << 16).view("<f4") if entry["dtype"] == "BF16" else array
    return result


def numbers(words, bits, order):
    """The numbers packed into the last dimension of a matrix of words."""
    shifts = np.array(order, np.uint32) * bits
    return (words.view(np.uint32)[..., None] >> shifts & (2 ** bits - 1)).reshape(*words.shape[:-1], -1).astype(np.int32)


def weights(folder):
    """Every tensor of the model in float32, (outputs, inputs), from the codes."""
    stored, config = tensors(folder), json.loads((folder / "config.json").read_text())["quantization_config"]
    bits, gptq = config["bits"], config["quant_method"] == "gptq"
    result = {}
    for name, array in stored.items():
        module, _, part = name.rpartition(".")
        if part in ("qzeros", "scales", "g_idx"): continue
        if part != "qweight":
            result[name] = array.astype(np.float32)
            continue
        natural = list(range(32 // bits))
        if gptq:
            codes = numbers(np.ascontiguousarray(array.T), bits, natural).T
            zeros = numbers(stored[module + ".qzeros"], bits, natural) + (config["checkpoint_format"] == "gptq")
            group = stored[module + ".g_idx"]
        else:
            codes, zeros = (numbers(a, bits, [0, 4, 1, 5, 2, 6, 3, 7]) for a in (array, stored[module + ".qzeros"]))
            group = np.arange(len(codes)) // config["group_size"]
        scales = stored[module + ".scales"].astype(np.float32)
        result[module + ".weight"] = ((codes - zeros[group]) * scales[group]).T
    return result


def pieces(original, text, chunks):
    from transformers import AutoTokenizer
    ids = AutoTokenizer.from_pretrained(original)(text.read_text())["input_ids"]
    return [ids[i:i + 512] for i in range(0, 512 * chunks, 512)]


def logits(model, texts):
    import torch
    with torch.no_grad():
        return [model(torch.tensor([text])).logits[0].float() for text in texts]


def plain_model(folder, values=None):
    """The model in float32 without GPTQModel; with these weights instead of the folder's."""
    import torch, transformers
    config = transformers.AutoConfig.from_pretrained(folder)
    if hasattr(config, "quantization_config"): del config.quantization_config
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    state = {name: torch.from_numpy(np.array(array, np.float32)) for name, array in (values or tensors(folder)).items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or [name for name in missing if name != "lm_head.weight"]: sys.exit(f"{folder}: {missing} {unexpected}")
    model.tie_weights()
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    parser.add_argument("--original", type=pathlib.Path)
    parser.add_argument("--text", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "resources/texts/measure.txt")
    parser.add_argument("--chunks", type=int, default=10)
    parser.add_argument("--numpy-only", action="store_true", help="where GPTQModel cannot run")
    args = parser.parse_args()
    import torch, transformers
    texts = pieces(args.folders[0], args.text, args.chunks)
    base = logits(plain_model(args.original), texts) if args.original else None
    for folder in args.folders:
        ours = logits(plain_model(folder, weights(folder)), texts)
        line = f"{folder.name}:"
        if not args.numpy_only:
            loaded = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, device_map="cpu")
            theirs = logits(loaded, texts[:2])
            error = sum(((a - b) ** 2).sum() for a, b in zip(ours, theirs)) / sum((b ** 2).sum() for b in theirs)
            same = sum((a.argmax(-1) == b.argmax(-1)).sum() for a, b in zip(ours, theirs)) / sum(len(b) for b in theirs)
            line += f" transformers against numpy: NMSE {error:.2e}, same word {100 * same:.2f} %"
        if base:
            kl = torch.cat([torch.nn.functional.kl_div(q.log_softmax(-1), p.log_softmax(-1), log_target=True,
                                                       reduction="none").sum(-1)[256:] for p, q in zip(base, ours)])
            line += f"; KL from the original {kl.mean():.6f} +- {kl.std() / len(kl) ** 0.5:.6f} ({len(kl)} words)"
        print(line, flush=True)


if __name__ == "__main__":
    main()
