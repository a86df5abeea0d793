#!/usr/bin/env bash
# Builds llama.cpp's own programs, the peer that Nibble is measured against, from the source in PyPI's llama-cpp-python.
#   tests/bench/peer-llama.sh FOLDER     leaves FOLDER/bin/llama-{bench,quantize,perplexity,imatrix,completion} (10 min on 2 cores)
# CPU only, for this machine's instruction set. Measuring only: nothing of it is used or shipped by Nibble.
# Where its programs end with "Illegal instruction" (AMX, which some virtual machines only claim to have), name the sets yourself:
#   PEER_CMAKE="-DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON -DGGML_AVX512=ON
#     -DGGML_AVX512_VBMI=ON -DGGML_AVX512_VNNI=ON -DGGML_AVX512_BF16=ON -DGGML_AVX_VNNI=ON" tests/bench/peer-llama.sh FOLDER
set -euo pipefail
folder=$(realpath -m "${1:?usage: peer-llama.sh FOLDER}")
programs=(llama-bench llama-quantize llama-perplexity llama-imatrix llama-completion)
if [[ -x $folder/bin/llama-bench && -x $folder/bin/llama-imatrix ]]; then exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q scikit-build-core
"$work/venv/bin/pip" download -q --no-deps --no-binary :all: --no-build-isolation -d "$work" llama-cpp-python==0.3.36
mkdir "$work/source"
tar xf "$work"/llama_cpp_python-*.tar.gz -C "$work/source" --strip-components=1
cmake -S "$work/source/vendor/llama.cpp" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON ${PEER_CMAKE:-} \
    -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_UI=OFF
cmake --build "$folder" --target "${programs[@]}"
