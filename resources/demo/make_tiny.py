#!/usr/bin/env python3
"""Train the tiny built-in model, tiny.gguf: a llama of 1.4 million weights that has learned measure.txt and
questions.txt by heart. It is what Nibble shows without a network, and what the end-to-end tests run.

    python3 -m venv venv && venv/bin/pip install jax numpy tokenizers gguf
    venv/bin/python resources/demo/make_tiny.py [--steps 700]

Rows are multiples of 256 so that every format of Nibble applies. Both texts are CC0, written for Nibble, and so is
the result.
"""
import argparse, functools, json, os, pathlib, time

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
import gguf, jax, jax.numpy as jnp, numpy as np
import tokenizers as tk

HERE = pathlib.Path(__file__).resolve().parent
VOCAB, DIM, LAYERS, HEADS, KV_HEADS, FFN, CONTEXT = 1024, 256, 3, 4, 2, 256, 1024
HEAD_DIM, EPS, THETA = DIM // HEADS, 1e-5, 10000.0
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
            "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


def read_questions():
    """[(question, answer)], one for every wording of a question."""
    pairs, questions = [], []
    for line in (HERE / "questions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("Q: "): questions.append(line[3:])
        if line.startswith("A: "):
            pairs += [(q, line[3:]) for q in questions]
            questions = []
    return pairs


def train_tokenizer(texts):
    tokenizer = tk.Tokenizer(tk.models.BPE())
    tokenizer.pre_tokenizer = tk.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tk.decoders.ByteLevel()
    trainer = tk.trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=SPECIALS, show_progress=False,
                                     initial_alphabet=sorted(tk.pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(texts, trainer)
    assert tokenizer.get_vocab_size() == VOCAB
    return tokenizer


def new_weights(key):
    def matrix(rows, cols):
        nonlocal key
        key, sub = jax.random.split(key)
        return jax.random.normal(sub, (rows, cols)) * cols**-0.5
    block = lambda: {
        "attn_norm": jnp.ones(DIM), "attn_q": matrix(DIM, DIM), "attn_k": matrix(KV_HEADS * HEAD_DIM, DIM),
        "attn_v": matrix(KV_HEADS * HEAD_DIM, DIM), "attn_output": matrix(DIM, DIM) * 0.4, "ffn_norm": jnp.ones(DIM),
        "ffn_gate": matrix(FFN, DIM), "ffn_up": matrix(FFN, DIM), "ffn_down": matrix(DIM, FFN) * 0.4}
    return {"token_embd": matrix(VOCAB, DIM) * 0.5, "blk": [block() for _ in range(LAYERS)], "output_norm": jnp.ones(DIM)}


def rms_norm(x, weight):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + EPS) * weight


def rope(x):
    """x: (batch, position, head, HEAD_DIM); pairs are neighbours, as in GGUF files."""
    angle = jnp.arange(x.shape[1])[:, None] * THETA ** (-jnp.arange(0, HEAD_DIM, 2) / HEAD_DIM)
    cos, sin = jnp.cos(angle)[:, None], jnp.sin(angle)[:, None]
    a, b = x[..., 0::2], x[..., 1::2]
    return jnp.stack([a * cos - b * sin, a * sin + b * cos], -1).reshape(x.shape)


def forward(w, ids):
    x = w["token_embd"][ids]
    batch, length = ids.shape
    mask = jnp.tril(jnp.ones((length, length), bool))
    for b in w["blk"]:
        h = rms_norm(x, b["attn_norm"])
        q = rope((h @ b["attn_q"].T).reshape(batch, length, HEADS, HEAD_DIM))
        k = rope((h @ b["attn_k"].T).reshape(batch, length, KV_HEADS, HEAD_DIM))
        v = (h @ b["attn_v"].T).reshape(batch, length, KV_HEADS, HEAD_DIM)
        k, v = (jnp.repeat(t, HEADS // KV_HEADS, 2) for t in (k, v))
        score = jnp.einsum("bihd,bjhd->bhij", q, k) * HEAD_DIM**-0.5
        mixed = jnp.einsum("bhij,bjhd->bihd", jax.nn.softmax(jnp.where(mask, score, -1e30)), v)
        x = x + mixed.reshape(batch, length, DIM) @ b["attn_output"].T
        h = rms_norm(x, b["ffn_norm"])
        x = x + (jax.nn.silu(h @ b["ffn_gate"].T) * (h @ b["ffn_up"].T)) @ b["ffn_down"].T
    return rms_norm(x, w["output_norm"]) @ w["token_embd"].T


def loss(w, ids):
    logp = jax.nn.log_softmax(forward(w, ids[:, :-1]))
    return -jnp.mean(jnp.take_along_axis(logp, ids[:, 1:, None], -1))


@functools.partial(jax.jit, donate_argnums=(0, 1, 2))
def step(w, m, v, ids, rate, count):
    """One AdamW step."""
    value, grad = jax.value_and_grad(loss)(w, ids)
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(grad)))
    grad = jax.tree.map(lambda g: g * jnp.minimum(1.0, 1.0 / norm), grad)
    m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, grad)
    v = jax.tree.map(lambda a, g: 0.98 * a + 0.02 * g * g, v, grad)
    update = lambda p, a, b: p - rate * (a / (1 - 0.9**count) / (jnp.sqrt(b / (1 - 0.98**count)) + 1e-8)
                                         + (0.01 * p if p.ndim > 1 else 0))
    return jax.tree.map(update, w, m, v), m, v, value


def sample(rng, prose, chats, batch, length):
    """Half of the rows are a piece of the prose, half are conversations in random order."""
    rows = []
    for i in range(batch):
        if i % 2:
            start = rng.integers(0, len(prose) - length - 1)
            rows.append(prose[start:start + length + 1])
        else:
            row = []
            while len(row) <= length: row += chats[rng.integers(len(chats))]
            rows.append(row[:length + 1])
    return jnp.array(rows)


def write(path, w, tokenizer):
    out = gguf.GGUFWriter(path, "llama")
    out.add_name("Nibble tiny demo"); out.add_license("CC0-1.0"); out.add_author("Nibble"); out.add_size_label("1.4M")
    out.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    out.add_context_length(CONTEXT); out.add_embedding_length(DIM); out.add_block_count(LAYERS)
    out.add_feed_forward_length(FFN); out.add_head_count(HEADS); out.add_head_count_kv(KV_HEADS)
    out.add_layer_norm_rms_eps(EPS); out.add_rope_freq_base(THETA); out.add_rope_dimension_count(HEAD_DIM)
    out.add_vocab_size(VOCAB)
    vocab = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    out.add_tokenizer_model("gpt2"); out.add_tokenizer_pre("gpt-2")
    out.add_token_list([t for t, _ in vocab])
    out.add_token_types([gguf.TokenType.CONTROL if t in SPECIALS else gguf.TokenType.NORMAL for t, _ in vocab])
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    out.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    out.add_bos_token_id(1); out.add_eos_token_id(2); out.add_pad_token_id(0); out.add_add_bos_token(False)
    out.add_chat_template(TEMPLATE)
    add = lambda name, x: out.add_tensor(f"{name}.weight", np.asarray(x, np.float16 if x.ndim > 1 else np.float32))
    add("token_embd", w["token_embd"])
    for i, b in enumerate(w["blk"]):
        for name, x in b.items(): add(f"blk.{i}.{name}", x)
    add("output_norm", w["output_norm"])
    out.write_header_to_file(); out.write_kv_data_to_file(); out.write_tensors_to_file(); out.close()


def answer(w, tokenizer, question):
    ids = tokenizer.encode(f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n").ids
    run = jax.jit(forward)
    for _ in range(60):
        padded = jnp.array([ids + [0] * (128 - len(ids))]) if len(ids) < 128 else jnp.array([ids])
        token = int(jnp.argmax(run(w, padded)[0, len(ids) - 1]))
        if token == 2: break
        ids.append(token)
    return tokenizer.decode(ids, skip_special_tokens=False).split("assistant\n")[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--out", default=str(HERE / "tiny.gguf"))
    args = parser.parse_args()
    prose_text = (HERE.parent / "texts" / "measure.txt").read_text(encoding="utf-8")
    chat_texts = [f"<|im_start|>user\n{q}<|im_end|>\n<|im_start|>assistant\n{a}<|im_end|>\n" for q, a in read_questions()]
    tokenizer = train_tokenizer([prose_text] + [f"{q}\n{a}" for q, a in read_questions()])
    prose, chats = tokenizer.encode(prose_text).ids, [tokenizer.encode(t).ids for t in chat_texts]
    print(f"{len(prose)} tokens of prose, {len(chats)} conversations of {sum(map(len, chats))} tokens", flush=True)

    rng, w = np.random.default_rng(1), new_weights(jax.random.key(1))
    m = jax.tree.map(jnp.zeros_like, w); v = jax.tree.map(jnp.zeros_like, w)
    start = time.time()
    for count in range(1, args.steps + 1):
        share = count / args.steps
        rate = 3e-3 * min(1, count / 50) * (1 - share) ** 0.7 + 2e-5
        w, m, v, value = step(w, m, v, sample(rng, prose, chats, 8, 256 if share < 0.7 else 512), rate, count)
        if count % 25 == 0: print(f"{time.time() - start:5.0f} s  step {count}  loss {float(value):.3f}", flush=True)
        if count % 100 == 0: write(args.out, w, tokenizer)  # an interrupted run is worth something too
    write(args.out, w, tokenizer)
    for question in ("What is the capital of France?", "Explain in simple words what an invoice is.", "Who are you?"):
        print(question, "->", answer(w, tokenizer, question), flush=True)


if __name__ == "__main__":
    main()
