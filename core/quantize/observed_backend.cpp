#include <quantize/observed_backend.h>

#include <cassert>
#include <quantize/moments.h>

namespace nibble {

namespace {

void addSample(std::span<const float> x, std::size_t stride, std::size_t rows, std::size_t cols,
               std::vector<float>& sample) {
    constexpr std::size_t kStep = ObservedBackend::kSampleStep;
    for (std::size_t row = kStep / 2; row < rows; row += kStep) { // not a text's first, which has no like
        const auto values = x.subspan(row * stride, cols);
        sample.insert(sample.end(), values.begin(), values.end());
    }
}

} // namespace

WeightId ObservedBackend::addWeight(const WeightRows& rows, WeightUse use) {
    const WeightId id = m_inner->addWeight(rows, use);
    assert(id.index == int32_t(m_inputs.size()));
    m_inputs.push_back(
        {rows.name, std::vector<double>(use == WeightUse::Vector ? 0 : std::size_t(rows.cols)), 0, nullptr, nullptr});
    return id;
}

void ObservedBackend::sumMoments(std::set<std::string> names, bool sample) {
    m_wanted = std::move(names);
    m_sampled = sample;
    for (Inputs& inputs : m_inputs) inputs.moments = inputs.sample = nullptr;
}

void ObservedBackend::matmul(View in, std::span<const Product> products) {
    const std::size_t cols = m_inputs[std::size_t(products[0].weight.index)].sumOfSquares.size();
    const std::size_t stride = std::size_t(m_bufferCols[std::size_t(in.buffer.index)]);
    const std::span<const float> x = m_inner->read(in);
    m_squares.assign(cols, 0);
    for (std::size_t row = 0; row < std::size_t(in.rows); ++row)
        for (std::size_t i = 0; i < cols; ++i) {
            const double value = x[row * stride + i];
            m_squares[i] += value * value;
        }
    std::shared_ptr<std::vector<float>> moments, sample;
    for (const Product& product : products) {
        Inputs& inputs = m_inputs[std::size_t(product.weight.index)];
        if (!m_wanted.contains(inputs.name)) continue;
        if (!moments) {
            moments = inputs.moments ? inputs.moments : std::make_shared<std::vector<float>>(cols * cols);
            addMoments(x.data(), int64_t(stride), in.rows, int64_t(cols), *moments, m_columns, m_pool);
            sample = inputs.sample ? inputs.sample : std::make_shared<std::vector<float>>();
            if (m_sampled) addSample(x, stride, std::size_t(in.rows), cols, *sample);
        }
        inputs.moments = moments;
        inputs.sample = sample;
    }
    for (const Product& product : products) {
        Inputs& inputs = m_inputs[std::size_t(product.weight.index)];
        for (std::size_t i = 0; i < cols; ++i) inputs.sumOfSquares[i] += m_squares[i];
        inputs.count += in.rows;
    }
    m_inner->matmul(in, products);
}

} // namespace nibble
