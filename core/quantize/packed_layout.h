// Where a folder of GPTQ or AWQ keeps the codes, zero points and scales of a matrix (notes/quantization 2.1, 2.2): the
// other direction of models/packed_layouts.cpp. Private to core/quantize.
#pragma once

#include <files/safetensors_writer.h>
#include <formats/weight_rows.h>
#include <quantize/folder_recipe.h>

namespace nibble {

class ThreadPool;

/// The tensors of the module "model.layers.0.mlp.up_proj." in the order in which writeMatrix() writes them. Rows are a
/// multiple of 8, columns of the group.
std::vector<SafetensorsWriter::Declaration> packedTensors(const FolderRecipe& recipe, const std::string& module,
                                                          int64_t rows, int64_t cols);

/// `blocks`: the matrix's rows as recipe.format(), in the order of a GGUF file; they land in that of the folder
/// (matrix.storedRow()).
void writeMatrix(const FolderRecipe& recipe, const WeightRows& matrix, std::span<const std::byte> blocks,
                 ThreadPool& pool, SafetensorsWriter& writer);

/// Bytes that writeMatrix() allocates.
uint64_t matrixMemory(const FolderRecipe& recipe, int64_t rows, int64_t cols);

} // namespace nibble
