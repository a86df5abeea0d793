#!/usr/bin/env python3
"""Makes the goldens of tokenizers on random Unicode text with Hugging Face's own tokenizers.

    pip install tokenizers transformers gguf
    python3 make.py SMOLLM2_FOLDER [MORE_GOLDENS]

fragments.json   6000 texts of 1 to 16 pieces, made to be hard: letters of many scripts, marks that compose, contractions
                 in every case, white space of every kind, digits that are not 0 to 9, emoji, any code point at all.
splits.json      the regular expression of every pre-tokenizer name that transformers knows.
NAME.fnv         for each text one little-endian u32: FNV-1a over the bytes of its ids, each a little-endian u32.

SMOLLM2_FOLDER holds the model's original tokenizer.json; ../tokenizers/ggml-vocab-smollm2.gguf is written from it. Other vocabularies are read from ggml-vocab-NAME.gguf in
../tokenizers and in MORE_GOLDENS; their splitting and normalizing is that of Hugging Face's class for the model.
"""
import json
import pathlib
import random
import struct
import sys

from gguf import GGUFReader, GGUFWriter
from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from transformers.integrations.gguf import gguf_tokenizer_mapping as hf
from transformers.models.gpt2.tokenization_gpt2 import GPT2Tokenizer
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

HERE = pathlib.Path(__file__).parent
CONTRACTIONS = ["'s", "'S", "'t", "'re", "'RE", "'ve", "'m", "'ll", "'Ll", "'d", "'D", "'\u017f", "\u2019s"]
SPACES = [" ", " ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", " \n", "\u00a0", "\u3000", "\u2028", "\u0085",
          "\u180e", "\u200b", "\ufeff", "\u1680", "\x0b"]
WORDS = ["the", "Hello", "WORLD", "camelCase", "snake_case", "Grüße", "naïve", "cafe\u0301", "İstanbul", "Ǆur", "straße",
         "Ελλάδα", "Привет", "שלום", "مرحبا", "नमस्ते", "สวัสดี", "你好世界", "こんにちは", "カタカナ", "안녕하세요", "\u1112\u1161\u11ab",
         "ﬁn", "x²", "don't", "I'M", "e.g.", "https://a.b/c?d=1", "#include", "</div>", "==", "...", "!?", "\\n", "_"]
DIGITS = ["0", "7", "42", "123", "1234", "31415926", "٣", "५", "Ⅳ", "½", "²", "𝟘", "1,000.5"]
PICTURES = ["🙂", "👩‍👩‍👧", "🇩🇪", "👍🏽", "❤️", "♥", "→", "∑", "€", "°", "™"]
MARKS = ["\u0301", "\u0308", "\u0323", "\u20dd", "\u0e31", "\u094d", "\u3099", "\ufe0f", "\u200d"]


def any_character(rng: random.Random) -> str:
    while True:
        code = rng.choice([rng.randrange(0x80), rng.randrange(0x800), rng.randrange(0x10000), rng.randrange(0x110000)])
        if not 0xD800 <= code < 0xE000:
            return chr(code)


def fragment(rng: random.Random) -> str:
    text = ""
    for _ in range(rng.randint(1, 16)):
        kind = rng.choices(range(7), [20, 25, 10, 8, 6, 10, 21])[0]
        text += any_character(rng) if kind == 6 else rng.choice(
            [WORDS, SPACES, DIGITS, CONTRACTIONS, PICTURES, MARKS][kind])
    return text


def metadata(path: pathlib.Path) -> dict:
    return {name: field.contents() for name, field in GGUFReader(path).fields.items() if name.startswith("tokenizer.")}


def pairs(m: dict) -> list:
    return [tuple(line.split(" ")) for line in m["tokenizer.ggml.merges"]]


def vocabulary(m: dict) -> dict:
    return {token: i for i, token in enumerate(m["tokenizer.ggml.tokens"])}


def byte_level(m: dict, split, **options) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary(m), merges=pairs(m), **options))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(split)
    return tokenizer


def starcoder(m: dict) -> Tokenizer:
    return byte_level(m, [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])


def llama3(m: dict) -> Tokenizer:
    split = pre_tokenizers.Split(Regex(hf.GGUF_PRE_TOKENIZER_SPLITS["llama-bpe"]), "isolated")
    return byte_level(m, [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)], ignore_merges=True)


def phi3(m: dict) -> Tokenizer:
    names = {"tokens": "tokens", "scores": "scores", "token_type": "token_type"}
    parts = {new: m[f"tokenizer.ggml.{old}"] for old, new in names.items()}
    return hf.phi3_tokenizer(parts).backend_tokenizer


REFERENCES = {
    "gpt-2": lambda m: GPT2Tokenizer(vocab=vocabulary(m), merges=pairs(m)).backend_tokenizer,
    "qwen2": lambda m: Qwen2Tokenizer(vocab=vocabulary(m), merges=pairs(m)).backend_tokenizer,
    "starcoder": starcoder,
    "llama-bpe": llama3,
    "phi-3": phi3,
}


def write_smollm2(file: pathlib.Path):
    original = json.loads(file.read_text(encoding="utf-8"))
    special = {token["id"] for token in original["added_tokens"] if token["special"]}
    tokens = sorted(original["model"]["vocab"], key=original["model"]["vocab"].get)
    merges = [m if isinstance(m, str) else " ".join(m) for m in original["model"]["merges"]]
    writer = GGUFWriter(HERE.parent / "tokenizers" / "ggml-vocab-smollm2.gguf", "llama")
    writer.add_license("apache-2.0")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if i in special else 1 for i in range(len(tokens))])
    writer.add_token_merges(merges)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def fnv(ids: list[int]) -> int:
    value = 0x811C9DC5
    for byte in struct.pack(f"<{len(ids)}I", *ids):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def write(name: str, tokenizer: Tokenizer, texts: list[str]):
    tokenizer.encode_special_tokens = True
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    (HERE / f"{name}.fnv").write_bytes(struct.pack(f"<{len(ids)}I", *map(fnv, ids)))
    print(name, sum(map(len, ids)), "tokens")


def main():
    rng = random.Random(6)
    texts = [fragment(rng) for _ in range(6000)]
    lines = [json.dumps(text, ensure_ascii=False) for text in texts]
    (HERE / "fragments.json").write_text("[" + ",\n".join(lines) + "]\n", encoding="utf-8", newline="")
    splits = json.dumps(hf.GGUF_PRE_TOKENIZER_SPLITS, indent=0)
    (HERE / "splits.json").write_text(splits + "\n", encoding="utf-8")
    smollm2 = pathlib.Path(sys.argv[1]) / "tokenizer.json"
    write_smollm2(smollm2)
    write("smollm2", Tokenizer.from_file(str(smollm2)), texts)
    for name, build in REFERENCES.items():
        for folder in [HERE.parent / "tokenizers", *map(pathlib.Path, sys.argv[2:])]:
            if (path := folder / f"ggml-vocab-{name}.gguf").exists():
                write(name, build(metadata(path)), texts)
                break


if __name__ == "__main__":
    main()
