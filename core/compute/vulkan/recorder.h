// Records dispatches into command buffers and submits them in pieces. A batch that may come again (a decode step) is
// kept: where the next one asks for the same dispatches, nothing is recorded and the kept commands are submitted again.
#pragma once

#include <array>
#include <compute/vulkan/hazards.h>
#include <compute/vulkan/kernel_times.h>
#include <compute/vulkan/pipelines.h>
#include <compute/vulkan/submit_budget.h>
#include <cstring>
#include <memory>
#include <stop_token>

namespace nibble {

/// Rows of a matrix of f32 in a buffer: row i starts at value first + i * stride of the range.
struct GpuRows {
    Range range;
    uint32_t first = 0, stride = 0, rows = 0;
};

using Groups = std::array<uint32_t, 3>;

class Recorder {
public:
    Recorder(Gpu& gpu, Pipelines& pipelines) : m_gpu(gpu), m_pipelines(pipelines) {}
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Starts a batch. What an earlier batch left unfinished is dropped. `keep`: the batch may come again.
    void begin(bool keep);
    /// Runs `shader` with its specialization constants 0, 1, ..., one range a buffer of its interface, push constants
    /// (a struct as the shader has it) and so many workgroups. `cost` is about the multiply-adds and bytes of it, by
    /// which submissions are cut.
    template<class Push>
    void dispatch(std::string_view shader, std::span<const uint32_t> constants, std::span<const Range> ranges,
                  const Push& push, Groups groups, double cost = 0) {
        dispatchBytes(shader, constants, ranges, std::as_bytes(std::span(&push, 1)), groups, cost);
    }
    void dispatchBytes(std::string_view shader, std::span<const uint32_t> constants, std::span<const Range> ranges,
                       std::span<const std::byte> push, Groups groups, double cost);
    /// Submits what is left and waits for all of the batch. Throws Error{Device}, Error{Canceled}.
    void finish();
    /// The same in the middle of a batch, which goes on; it is not kept.
    void flush();
    /// The same without waiting: what others submit from here on comes behind it.
    void submitSoFar();
    /// Drops the kept batch, whose buffers are about to go.
    void forget();
    /// Polled between submissions: the rest of a stopped batch is dropped.
    void setStop(std::stop_token stop) { m_stop = std::move(stop); }
    bool stopped() { return m_canceled || (m_canceled = m_stop.stop_requested()); }

    /// Of all batches so far.
    struct Counts {
        int64_t dispatches = 0, barriers = 0, submissions = 0, replays = 0;
    };
    const Counts& counts() const { return m_counts; }

private:
    static constexpr std::size_t kMaxPush = 128;
    struct Recorded {
        const Pipeline* pipeline = nullptr;
        std::array<Range, kMostBuffers> ranges;
        std::array<std::byte, kMaxPush> push;
        uint32_t pushBytes = 0;
        Groups groups{};
        double cost = 0;
        bool operator==(const Recorded& other) const;
    };
    /// One command buffer, and the descriptor sets that it uses where descriptors cannot be pushed.
    struct Piece {
        VkCommandBuffer commands = VK_NULL_HANDLE;
        std::vector<VkDescriptorPool> pools;
        std::size_t pool = 0;               // being filled
        uint64_t number = 0;                // of its last submission
        double cost = 0;                    // of its dispatches
        VkQueryPool times = VK_NULL_HANDLE; // when it began and ended
        bool measured = true;
    };
    using Pieces = std::vector<std::unique_ptr<Piece>>;

    void record(const Recorded& d);
    void bind(const Recorded& d);
    VkDescriptorSet descriptorSet(Piece& piece, VkDescriptorSetLayout layout);
    void globalBarrier(VkPipelineStageFlags from, VkPipelineStageFlags to);
    Piece& openPiece();
    void beginTiming(Piece& piece);
    /// Milliseconds that a finished piece took on the device; 0 where they are not known.
    double milliseconds(const Piece& piece) const;
    /// Learns from a finished piece how much the next may hold.
    void measure(Piece& piece);
    /// Runs the dispatch that was just recorded by itself.
    void profile(std::string_view shader, const Groups& groups);
    std::unique_ptr<Piece> freePiece();
    void submit(Piece& piece);
    void submitOpen();
    void replay();
    void stopMatching();
    void dropKept();

    Gpu& m_gpu;
    Pipelines& m_pipelines;
    std::stop_token m_stop;
    bool m_canceled = false;
    Hazards m_hazards;
    Counts m_counts;
    Pieces m_ring;           // of batches that are not kept, the oldest first
    Pieces m_free;           // to be recorded anew
    Piece* m_open = nullptr; // being recorded
    SubmitBudget m_budget;
    KernelTimes m_times;

    Pieces m_keptPieces;
    std::vector<Recorded> m_kept; // what they run
    int64_t m_keptBarriers = 0;
    bool m_keptWhole = false;  // recorded to the end
    bool m_keep = false;       // the current batch is being kept
    bool m_matching = false;   // so far it is the kept one ...
    std::size_t m_matched = 0; // ... up to here
};

} // namespace nibble
