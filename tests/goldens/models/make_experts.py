#!/usr/bin/env python3
"""Makes the goldens with experts that came after the first set: qwen3_5_moe (delta nets, a shared expert), gemma4_moe
(experts beside the feed-forward layers, K = V) and qwen3_moe_fused (all experts of a layer in one tensor). Random
weights; the reference is transformers in float32.

    make_experts.py GOLDENS [--llama LLAMA.CPP]     needs torch, transformers 5.24, safetensors

Writes GOLDENS/models/NAME and, with llama.cpp's sources, GOLDENS/gguf/NAME.gguf by its converter.
"""
import argparse, json, pathlib, shutil, subprocess, sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, Gemma4TextConfig, Qwen3_5MoeTextConfig, Qwen3MoeConfig

VOCAB, IDS = 320, [(1 if i == 0 else 14 + 37 * (i - 1)) for i in range(40)]
IDS = [i if i < VOCAB else 9 + i % 311 for i in IDS]
COMMON = dict(vocab_size=VOCAB, hidden_size=64, max_position_embeddings=256, num_attention_heads=4,
              num_key_value_heads=2, head_dim=32, bos_token_id=1, eos_token_id=2, pad_token_id=0, dtype="bfloat16")
CONFIGS = {
    "qwen3_5_moe": lambda: Qwen3_5MoeTextConfig(
        **COMMON, num_hidden_layers=4, num_experts=6, num_experts_per_tok=2, moe_intermediate_size=32,
        shared_expert_intermediate_size=96, linear_key_head_dim=16, linear_value_head_dim=16, linear_num_key_heads=2,
        linear_num_value_heads=4, tie_word_embeddings=False,
        rope_parameters=dict(rope_type="default", rope_theta=1e7, partial_rotary_factor=0.25, mrope_interleaved=True,
                             mrope_section=[2, 1, 1])),
    "gemma4_moe": lambda: Gemma4TextConfig(
        **COMMON, num_hidden_layers=3, layer_types=["sliding_attention", "sliding_attention", "full_attention"],
        intermediate_size=96, enable_moe_block=True, num_experts=6, top_k_experts=2,
        moe_intermediate_size=32, hidden_size_per_layer_input=0, num_kv_shared_layers=0, attention_k_eq_v=True,
        num_global_key_value_heads=1, global_head_dim=64, sliding_window=8, final_logit_softcapping=30.0),
    "qwen3_moe_fused": lambda: Qwen3MoeConfig(
        **COMMON, num_hidden_layers=2, intermediate_size=96, num_experts=6, num_experts_per_tok=2,
        moe_intermediate_size=32, norm_topk_prob=True, rope_theta=1e6),
}


def fill(model, seed):
    """Weights with which a wrong part shows: nothing is 0 or 1 that could be forgotten."""
    torch.manual_seed(seed)
    scalars = [b for b in model.named_buffers() if "layer_scalar" in b[0]]
    for name, p in [*model.named_parameters(), *scalars]:
        one = p.dim() == 1 and ("A_log" in name or "dt_bias" in name or p.float().mean() > 0.5)  # norms, scales
        std = 0.1 if p.dim() == 1 else 0.02 if "embed" in name else 0.12
        if "per_expert_scale" in name: std = 0.3
        if "router.proj" in name: std = 4.0  # its input is divided by sqrt(width)
        p.data.copy_((torch.randn(p.shape) * std + float(one)).to(torch.bfloat16))


def reference(model):
    with torch.no_grad():
        logits = model(torch.tensor([IDS])).logits[0].float()
    return dict(ids=IDS, argmax=logits.argmax(-1).tolist(), last_logits=logits[-1].tolist(),
                logits_16=logits[16].tolist(), rms_all=float(logits.pow(2).mean().sqrt()))


def fuse(folder):
    """An expert's matrices one by one (as transformers saves Qwen3) as the two tensors that it computes with."""
    tensors = load_file(folder / "model.safetensors")
    if any(".experts.gate_up_proj" in n for n in tensors): return
    prefixes = sorted({n.split(".experts.")[0] for n in tensors if ".experts." in n})
    for prefix in prefixes:
        take = lambda e, part: tensors.pop(f"{prefix}.experts.{e}.{part}.weight")
        count = len({n.split(".experts.")[1].split(".")[0] for n in tensors if n.startswith(prefix + ".experts.")})
        both = [torch.cat([take(e, "gate_proj"), take(e, "up_proj")]) for e in range(count)]
        tensors[f"{prefix}.experts.gate_up_proj"] = torch.stack(both)
        tensors[f"{prefix}.experts.down_proj"] = torch.stack([take(e, "down_proj") for e in range(count)])
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


CONVERT = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/gguf-py"]
import conversion.base as base
import conversion
base.TextModel.get_vocab_base_pre = lambda self, tokenizer: "gpt-2"
from conversion import gemma
import transformers
transformers.AutoTokenizer = transformers.PreTrainedTokenizerFast  # the class of a kind of model adds tokens of its own
gemma.Gemma4Model.set_vocab = lambda self: self._set_vocab_gpt2()
sys.argv = ["convert", sys.argv[2], "--outfile", sys.argv[3], "--outtype", "bf16", *sys.argv[4:]]
import convert_hf_to_gguf
convert_hf_to_gguf.main()
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("goldens", type=pathlib.Path)
    parser.add_argument("--llama", type=pathlib.Path)
    a = parser.parse_args()
    for seed, (name, config) in enumerate(CONFIGS.items()):
        folder = a.goldens / "models" / name
        folder.mkdir(parents=True, exist_ok=True)
        model = AutoModelForCausalLM.from_config(config(), dtype=torch.bfloat16)
        fill(model, seed + 7)
        model.save_pretrained(folder)
        fuse(folder)
        ref = json.dumps(reference(model.float()))
        (folder / "ref.json").write_text(ref)
        for file in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
            shutil.copy(a.goldens / "models/qwen3_5" / file, folder / file)
        if not a.llama: continue
        out = a.goldens / "gguf" / f"{name}.gguf"
        more = ["--no-mtp"] if name == "qwen3_5_moe" else []
        subprocess.run([sys.executable, "-c", CONVERT, a.llama, folder, out, *more], check=True)
        out.with_suffix(".json").write_text(ref)


if __name__ == "__main__":
    main()
