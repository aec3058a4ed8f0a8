// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a decoder on changed captures: `fuzz_snapshot [INPUTS [SEED [FIRST]]]`. An input that runs
// code which none before did is kept and changed further. Built with the sanitizers, whose report,
// or an abort, is a finding; the number of the last input is in the report, and the same seed with
// FIRST finds it again.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>

#include "base/error.hpp"
#include "fuzz/mutator.hpp"
#include "unit/kernel/capture.hpp"

namespace {

using namespace san;

// Which places have been run; the compiler calls __sanitizer_cov_trace_pc at each.
constexpr std::size_t places = 1U << 16;
bool seen[places];
std::size_t seen_count = 0;
unsigned long current = 0;

constexpr std::size_t largest_corpus = 20000;
constexpr std::size_t longest_seed = 2048;  // bytes, but for a single message that is longer

/// The family's number of every capture is another one.
drbd::Datagram renumbered(drbd::Datagram bytes, std::uint16_t family) {
    for (std::size_t at = 0; at + 16 <= bytes.size();) {
        std::uint32_t length = 0;
        std::uint16_t type = 0;
        std::memcpy(&length, bytes.data() + at, sizeof length);
        std::memcpy(&type, bytes.data() + at + 4, sizeof type);
        if (type == family)
            std::memcpy(bytes.data() + at + 4, &fuzz::Input::family_id, sizeof type);
        if (length < 16) break;
        at += (length + 3) / 4 * 4;
    }
    return bytes;
}

bool is_wanted(const std::string& exchange) {
    const auto& wanted = fuzz::seeds.exchanges;
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const auto& name) {
               return name.empty() ? exchange.empty() : exchange.starts_with(name);
           });
}

std::vector<fuzz::Input> captured() {
    std::vector<fuzz::Input> inputs;
    for (const auto dialect : {drbd::Dialect::v84, drbd::Dialect::v9})
        for (const char letter : fuzz::seeds.files)
            for (const auto& capture : test::captures(dialect, std::string(1, letter)))
                for (const auto& exchange : capture.exchanges) {
                    if (!is_wanted(exchange.name)) continue;
                    const auto choice = static_cast<std::uint8_t>(dialect == drbd::Dialect::v9);
                    inputs.push_back({.choice = choice});
                    for (const auto& datagram : exchange.received) {
                        // Of long streams, parts: what they have in common is tried often enough.
                        const auto so_far = inputs.back().bytes.size();
                        if (so_far > 0 && so_far + datagram.size() > longest_seed)
                            inputs.push_back({.choice = choice});
                        const auto bytes = renumbered(datagram, exchange.family_id());
                        auto& all = inputs.back().bytes;
                        all.insert(all.end(), bytes.begin(), bytes.end());
                    }
                }
    return inputs;
}

/// Whether it ran a place that none before it did.
bool run(const fuzz::Input& input) {
    const auto before = seen_count;
    try {
        fuzz::decode(input);
    } catch (const Error&) {
        // The kernel's answer was refused, as it should be.
    }
    return seen_count != before;
}

void report(const std::vector<fuzz::Input>& corpus) {
    std::printf("%lu inputs, %zu kept, %zu places\n", current, corpus.size(), seen_count);
    std::fflush(stdout);
}

}  // namespace

extern "C" {
void __sanitizer_cov_trace_pc();
[[gnu::no_sanitize_address, gnu::no_sanitize_undefined]] void __sanitizer_cov_trace_pc() {
    const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)) % places;
    if (seen[place]) return;
    seen[place] = true;
    ++seen_count;
}
void __asan_on_error();
void __asan_on_error() { std::fprintf(stderr, "in input %lu\n", current); }
}

void san::fuzz::require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "in input %lu: %s\n", current, what);
    std::abort();
}

std::vector<drbd::Datagram> san::fuzz::Input::datagrams() const {
    constexpr int in_one = 4;
    if ((choice & in_one) != 0) return {bytes};
    std::vector<drbd::Datagram> parts;
    for (std::size_t at = 0; at < bytes.size();) {
        std::uint32_t length = 0;
        if (at + 16 <= bytes.size()) std::memcpy(&length, bytes.data() + at, sizeof length);
        const auto rest = bytes.size() - at;
        const auto size = length < 16 ? rest : std::min<std::size_t>((length + 3UL) / 4 * 4, rest);
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        parts.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
        at += size;
    }
    return parts;
}

int main(int argc, char** argv) {
    const auto number = [&](int at, unsigned long otherwise) {
        return argc > at ? std::strtoul(argv[at], nullptr, 10) : otherwise;
    };
    constexpr unsigned long quick = 20000, often = 1000000;
    const auto inputs = number(1, quick);
    fuzz::Mutator mutator{static_cast<unsigned>(number(2, 1))};
    auto corpus = captured();
    fuzz::require(!corpus.empty(), "there are no captures to start from");
    for (const auto& input : corpus) run(input);
    report(corpus);
    while (current < inputs) {
        ++current;
        const auto& from = corpus[mutator.below(corpus.size())];
        const auto& other = corpus[mutator.below(corpus.size())];
        auto input = mutator.changed(from, other);
        if (run(input) && corpus.size() < largest_corpus) corpus.push_back(std::move(input));
        if (current % often == 0) report(corpus);
    }
    report(corpus);
}
