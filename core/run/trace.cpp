#include <run/session_impl.h>

#include <algorithm>
#include <run/stop_scope.h>

namespace nibble {
namespace {

/// Of a layer's experts those that a token chooses.
double bytesOfWeights(const ModelSource& source, const RouterSpec& router) {
    const bool tied = !source.find("output.weight");
    double bytes = 0;
    for (const WeightRows& tensor : source.tensors()) {
        const bool oneRow =
            (!tied && tensor.name == "token_embd.weight") || tensor.name == "per_layer_token_embd.weight";
        const double read = tensor.planes.size() > 1 ? expectedExperts(router, 1) / double(tensor.planes.size()) : 1;
        bytes += read * double(oneRow ? tensor.rowBytes() : tensor.bytes());
    }
    return bytes;
}

/// Keys and values that the token at `position` sees: f16, or blocks of 32 bytes with an f16 scale.
double bytesOfKv(const ModelPlan& plan, KvFormat format, int32_t position) {
    const double valueBytes = format == KvFormat::Q8_0 ? 34.0 / 32 : format == KvFormat::F16 ? 2 : 4;
    double values = 0, states = 0;
    for (const LayerPlan& layer : plan.layers) {
        if (const DeltaNetSpec& net = layer.deltaNet) { // read and written
            states += 2.0 * double(net.stateFloats());
            continue;
        }
        const int32_t seen = layer.window > 0 ? std::min(layer.window, position + 1) : position + 1;
        values += double(seen) * layer.nKvHeads * (layer.keyDim + layer.valueDim);
    }
    return values * valueBytes + states * sizeof(float);
}

} // namespace

Session::Trace Session::traceToken(std::stop_token stop) {
    Impl& impl = *m_impl;
    const StopScope scope(impl, std::move(stop));
    Trace trace;
    trace.position = (impl.model.contextLength - 1) / 2;
    impl.clearCache();
    const int32_t token = 0;
    Work work;
    impl.survivingDevice([&] {
        impl.backend->resetWork();
        forward(*impl.backend, impl.model, {&token, 1}, trace.position, 1); // whatever the cache holds
        work = impl.backend->work();
    });
    trace.dispatches = work.dispatches;
    trace.barriers = work.barriers;
    trace.submissions = work.submissions;
    trace.weightBytes = work.weightBytes;
    trace.kvBytes = work.kvBytes;
    trace.leastBytes = bytesOfWeights(*impl.source, impl.model.plan.router) +
                       bytesOfKv(impl.model.plan, impl.shape.kv, trace.position);
    impl.checkFiles();
    return trace;
}

} // namespace nibble
