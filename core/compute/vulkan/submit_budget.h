// How much work a submission may hold: about 15 ms as measured on the device. Longer ones freeze the desktop, and
// watchdogs end a device that does not answer; shorter ones leave it waiting for the host.
#pragma once

#include <algorithm>

namespace nibble {

class SubmitBudget {
public:
    static constexpr double kTargetMs = 15;

    /// Of the unit in which dispatches state their cost: about multiply-adds and bytes.
    double cost() const { return m_cost; }
    /// A submission of that cost took `ms`. Says something only where it was about as large as allowed. The first run
    /// of a kernel may include its compilation, so one measurement moves the budget by little.
    void measured(double cost, double ms) {
        if (ms <= 0 || (cost < m_cost / 2 && ms < kTargetMs)) return;
        m_cost = std::clamp(cost * kTargetMs / ms, m_cost / 4, m_cost * 2);
        m_cost = std::clamp(m_cost, kLeast, kMost);
    }

private:
    static constexpr double kLeast = 1e6, kMost = 1e12;
    double m_cost = 2e8; // 15 ms of a slow integrated card
};

} // namespace nibble
