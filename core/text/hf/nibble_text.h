/* Hugging Face's `tokenizers` and minijinja behind a C interface.
 *
 * Every function may be given hostile input: it answers with a status and never crashes, and no panic crosses. Text is
 * UTF-8 with a length, not zero-terminated. What a function hands out is owned by the caller and given back to the
 * matching free function. Objects may be used from several threads.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nibble_tokenizer nibble_tokenizer;
typedef struct nibble_template nibble_template;

/* Text owned by the library. */
typedef struct {
    char* data;
    size_t size;
} nibble_text;
/* Token ids owned by the library. */
typedef struct {
    uint32_t* data;
    size_t size;
} nibble_ids;

typedef enum {
    NIBBLE_TEXT_OK = 0,
    NIBBLE_TEXT_BAD = 1,         /* damaged or not understood; `error` says why */
    NIBBLE_TEXT_UNSUPPORTED = 2, /* valid, but not something this library does */
    NIBBLE_TEXT_REJECTED = 3,    /* the template called raise_exception; `error` is its message alone */
    NIBBLE_TEXT_LIMIT = 4,       /* the template exceeded a limit (work, recursion, output, time) */
} nibble_text_status;

void nibble_text_free(nibble_text text);
void nibble_ids_free(nibble_ids ids);

/* --- Tokenizers --- */

/* Builds a tokenizer from the text of a tokenizer.json (BPE models only). */
nibble_text_status nibble_tokenizer_open(const char* json, size_t size, nibble_tokenizer** out, nibble_text* error);
void nibble_tokenizer_free(nibble_tokenizer* tokenizer);
/* Replaces the pre-tokenizer by one given as in a tokenizer.json. Not while another thread uses the tokenizer. */
nibble_text_status nibble_tokenizer_set_pre_tokenizer(nibble_tokenizer* tokenizer, const char* json, size_t size,
                                                      nibble_text* error);
/* All but the vocabulary, as JSON: {"normalizer", "pre_tokenizer", "post_processor", "decoder",
 * "model": {"unk_token", "byte_fallback", "fuse_unk", "ignore_merges"},
 * "added_tokens": [{"id", "content", "special", "lstrip", "rstrip", "normalized", "single_word"}]}. */
nibble_text_status nibble_tokenizer_describe(const nibble_tokenizer* tokenizer, nibble_text* json, nibble_text* error);
/* One more than the largest id. */
uint32_t nibble_tokenizer_size(const nibble_tokenizer* tokenizer);
/* The text of a token as in the vocabulary; false where there is no such id. */
bool nibble_tokenizer_token(const nibble_tokenizer* tokenizer, uint32_t id, nibble_text* text);
/* The id of a token, or -1. */
int64_t nibble_tokenizer_find(const nibble_tokenizer* tokenizer, const char* text, size_t size);
/* Malformed UTF-8 is replaced by U+FFFD. Special tokens in the text act only where parse_special. */
nibble_text_status nibble_tokenizer_encode(const nibble_tokenizer* tokenizer, const char* text, size_t size,
                                           bool parse_special, nibble_ids* ids, nibble_text* error);

/* --- Chat templates --- */

/* Compiles a template of at most 256 KiB. */
nibble_text_status nibble_template_open(const char* source, size_t size, nibble_template** out, nibble_text* error);
void nibble_template_free(nibble_template* compiled);
/* Renders with the variables of a JSON object. now: seconds since 1970 on the wall clock to show (already shifted to
 * the time zone), for strftime_now. */
nibble_text_status nibble_template_render(const nibble_template* compiled, const char* variables, size_t size,
                                          int64_t now, nibble_text* out, nibble_text* error);

#ifdef __cplusplus
}
#endif
