//! A Hugging Face tokenizer read from a tokenizer.json.
//!
//! The file is read here rather than by `tokenizers::Tokenizer::from_str`: that one buffers the vocabulary three times
//! (an untagged enum over model kinds), accepts kinds that no chat model uses, and trusts affixes that would make its
//! BPE builder slice inside a character.

use std::sync::Mutex;

use ahash::AHashMap;
use serde::Deserialize;
use serde_json::{json, Value};
use tokenizers::models::bpe::BPE;
use tokenizers::{AddedToken, DecoderWrapper, NormalizerWrapper, PreTokenizerWrapper};

use crate::{Failure, Result, Status};

/// Ids above this are nonsense: the largest vocabularies have about 300 thousand entries.
const MAX_ID: u32 = 1 << 24;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<AddedTokenWithId>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    #[serde(default)]
    decoder: Value,
    model: Model,
}

#[derive(Deserialize)]
struct AddedTokenWithId {
    #[serde(flatten)]
    token: AddedToken,
}

#[derive(Deserialize)]
struct Model {
    unk_token: Option<String>,
    #[serde(default)]
    fuse_unk: Option<bool>,
    #[serde(default)]
    byte_fallback: Option<bool>,
    #[serde(default)]
    ignore_merges: Option<bool>,
    dropout: Option<f32>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    vocab: AHashMap<String, u32>,
    merges: Vec<Merge>,
}

/// Newer files have pairs, older ones "left right".
#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair(String, String),
    Line(String),
}

impl Merge {
    fn pair(self, rank: usize) -> Result<(String, String)> {
        match self {
            Merge::Pair(left, right) => Ok((left, right)),
            Merge::Line(line) => match line.split_once(' ') {
                Some((left, right)) if !left.is_empty() && !right.is_empty() && !right.contains(' ') => {
                    Ok((left.into(), right.into()))
                }
                _ => Err(Failure::bad(format!("model.merges[{rank}] is not two tokens with a space between"))),
            },
        }
    }
}

/// Only the kind of the model, read before the rest so that other kinds are refused by name.
#[derive(Deserialize)]
struct KindOnly {
    model: Kind,
}
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: Option<String>,
}

pub struct Tokenizer {
    /// Locked because whether special tokens act is a setting of the tokenizer, not of a call.
    inner: Mutex<tokenizers::Tokenizer>,
    size: u32,
    description: Value,
}

fn part<T: serde::de::DeserializeOwned>(name: &str, value: &Value) -> Result<Option<T>> {
    serde_json::from_value(value.clone()).map_err(|e| {
        let kind = value.get("type").and_then(Value::as_str).unwrap_or("?");
        Failure::new(Status::Unsupported, format!("{name} of type {kind}: {e}"))
    })
}

impl Tokenizer {
    pub fn open(text: &str) -> Result<Tokenizer> {
        let kind: KindOnly = serde_json::from_str(text).map_err(Failure::bad)?;
        match kind.model.kind.as_deref() {
            None | Some("BPE") => {}
            Some(other) => return Err(Failure::new(Status::Unsupported, format!("model of type {other}"))),
        }
        let file: File = serde_json::from_str(text).map_err(Failure::bad)?;
        let model = &file.model;
        if model.dropout.is_some_and(|p| p != 0.0) {
            return Err(Failure::new(Status::Unsupported, "model.dropout"));
        }
        for affix in [&model.continuing_subword_prefix, &model.end_of_word_suffix] {
            if affix.as_ref().is_some_and(|a| !a.is_empty()) {
                return Err(Failure::new(Status::Unsupported, "model with subword prefixes or suffixes"));
            }
        }
        let description = json!({
            "normalizer": file.normalizer, "pre_tokenizer": file.pre_tokenizer,
            "post_processor": file.post_processor, "decoder": file.decoder,
            "model": {"unk_token": model.unk_token, "fuse_unk": model.fuse_unk == Some(true),
                      "byte_fallback": model.byte_fallback == Some(true),
                      "ignore_merges": model.ignore_merges == Some(true)},
        });
        let largest = file.model.vocab.values().copied().max().unwrap_or(0);
        let mut inner = tokenizers::Tokenizer::new(build(file.model)?);
        inner.with_normalizer(part::<NormalizerWrapper>("normalizer", &file.normalizer)?).map_err(Failure::bad)?;
        inner.with_pre_tokenizer(part::<PreTokenizerWrapper>("pre_tokenizer", &file.pre_tokenizer)?);
        inner.with_decoder(part::<DecoderWrapper>("decoder", &file.decoder)?);
        let added = file.added_tokens.into_iter().map(|AddedTokenWithId { mut token }| {
            token.special |= looks_special(&token.content);
            token
        });
        inner.add_tokens(added).map_err(Failure::bad)?;

        let added = inner.get_added_tokens_decoder();
        let largest = added.keys().copied().max().unwrap_or(0).max(largest);
        if largest >= MAX_ID {
            return Err(Failure::bad(format!("token id {largest} is too large")));
        }
        let mut tokenizer = Tokenizer { inner: Mutex::new(inner), size: largest + 1, description };
        let mut added: Vec<_> = added.into_iter().collect();
        added.sort_by_key(|(id, _)| *id);
        tokenizer.description["added_tokens"] = added
            .into_iter()
            .map(|(id, t)| {
                json!({"id": id, "content": t.content, "special": t.special, "lstrip": t.lstrip, "rstrip": t.rstrip,
                       "normalized": t.normalized, "single_word": t.single_word})
            })
            .collect();
        Ok(tokenizer)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, tokenizers::Tokenizer> {
        // A panic inside encode leaves the tokenizer as it was: nothing in it changes but the setting.
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn set_pre_tokenizer(&mut self, text: &str) -> Result<()> {
        let value: Value = serde_json::from_str(text).map_err(Failure::bad)?;
        self.lock().with_pre_tokenizer(part::<PreTokenizerWrapper>("pre_tokenizer", &value)?);
        self.description["pre_tokenizer"] = value;
        Ok(())
    }

    pub fn describe(&self) -> String {
        self.description.to_string()
    }

    pub fn size(&self) -> u32 {
        self.size
    }

    pub fn token(&self, id: u32) -> Option<String> {
        let inner = self.lock();
        // Added tokens as written, not as normalized.
        let added = inner.get_added_vocabulary().get_added_tokens_decoder().get(&id).map(|t| t.content.clone());
        added.or_else(|| inner.id_to_token(id))
    }

    pub fn find(&self, text: &str) -> Option<u32> {
        self.lock().token_to_id(text)
    }

    pub fn encode(&self, text: &str, parse_special: bool) -> Result<Vec<u32>> {
        let mut inner = self.lock();
        inner.set_encode_special_tokens(!parse_special);
        Ok(inner.encode_fast(text, false).map_err(Failure::bad)?.get_ids().to_vec())
    }
}

/// Models leave some of their control tokens (`<|fim_prefix|>`) unmarked; what a user types must not trigger them. These
/// are the shapes that llama.cpp's converter takes for control tokens as well.
fn looks_special(content: &str) -> bool {
    let framed = |open, close| content.len() > 4 && content.starts_with(open) && content.ends_with(close);
    framed("<|", "|>") || framed("<｜", "｜>") || ["<pad>", "<mask>"].contains(&content)
}

fn build(model: Model) -> Result<BPE> {
    let merges: Result<Vec<_>> = model.merges.into_iter().enumerate().map(|(rank, m)| m.pair(rank)).collect();
    let mut builder = BPE::builder()
        .vocab_and_merges(model.vocab, merges?)
        .fuse_unk(model.fuse_unk == Some(true))
        .byte_fallback(model.byte_fallback == Some(true))
        .ignore_merges(model.ignore_merges == Some(true));
    if let Some(unk) = model.unk_token {
        builder = builder.unk_token(unk);
    }
    builder.build().map_err(|e| Failure::bad(format!("model.merges: {e}")))
}
