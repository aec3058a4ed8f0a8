// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a decoder on changed inputs: `fuzz_snapshot [INPUTS [SEED]]`. An input that runs code which
// none before did is kept and changed further. Built with the sanitizers, whose report, an
// exception that is no Error, or a minute of CPU on one input, is a finding; the input is printed,
// and as a line of a corpus it is tried again. `fuzz_tgt keep` prints those of a run that a corpus
// is made of: each, from the shortest on, that runs code which none before it did.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <sanitizer/common_interface_defs.h>
#include <sys/time.h>

#include "base/error.hpp"
#include "fuzz/inputs.hpp"
#include "fuzz/mutator.hpp"
#include "fuzz/text_mutator.hpp"

extern "C" char __executable_start;

namespace {

using namespace san;

// Which places have been run; the compiler calls __sanitizer_cov_trace_pc at each.
constexpr std::size_t places = 1U << 18;
bool seen[places];
std::size_t seen_count = 0;
unsigned long current = 0;
const fuzz::Input* running = nullptr;

constexpr std::size_t largest_corpus = 20000;

void tell_input() {
    std::fprintf(stderr, "in input %lu", current);
    if (running) std::fprintf(stderr, ": %s", fuzz::line_of(*running).c_str());
    std::fputc('\n', stderr);
}

/// Whether it ran a place that none before it did.
bool run(const fuzz::Input& input) {
    const auto before = seen_count;
    running = &input;
    try {
        fuzz::decode(input);
    } catch (const Error&) {
        // It was refused, as it should be.
    } catch (const std::exception& problem) {
        fuzz::require(false, problem.what());
    }
    return seen_count != before;
}

void report(const std::vector<fuzz::Input>& corpus) {
    std::fprintf(stderr, "%lu inputs, %zu kept, %zu places\n", current, corpus.size(), seen_count);
}

void print_smallest(std::vector<fuzz::Input> corpus) {
    std::stable_sort(corpus.begin(), corpus.end(), [](const auto& one, const auto& other) {
        return one.bytes.size() < other.bytes.size();
    });
    std::fill(std::begin(seen), std::end(seen), false);
    for (const auto& input : corpus)
        if (run(input)) std::puts(fuzz::line_of(input).c_str());
}

}  // namespace

extern "C" {
void __sanitizer_cov_trace_pc();
[[gnu::no_sanitize_address, gnu::no_sanitize_undefined]] void __sanitizer_cov_trace_pc() {
    // Wherever the program was loaded, a place has one number.
    const auto place = (reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)) -
                        reinterpret_cast<std::uintptr_t>(&__executable_start)) %
                       places;
    if (seen[place]) return;
    seen[place] = true;
    ++seen_count;
}
}

void san::fuzz::require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "finding: %s\n", what);
    tell_input();
    std::abort();
}

std::vector<drbd::Datagram> san::fuzz::Input::datagrams() const {
    if (chooses(2)) return {bytes};
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
    const bool keep = argc > 1 && std::strcmp(argv[1], "keep") == 0;
    const auto number = [&](int at, unsigned long otherwise) {
        return argc > at + keep ? std::strtoul(argv[at + keep], nullptr, 10) : otherwise;
    };
    constexpr unsigned long often = 1000000, patience = 4096;
    const auto inputs = number(1, fuzz::seeds.quick);
    fuzz::Dice dice{static_cast<unsigned>(number(2, 1))};
    fuzz::Mutator mutator{dice};
    // Of each sanitizer's report.
    __sanitizer_set_death_callback(tell_input);
    // CPU time: who shares the machine with others may get little of it in a minute.
    std::signal(SIGPROF, [](int) {
        tell_input();
        std::abort();
    });
    auto corpus = fuzz::first_inputs();
    fuzz::require(!corpus.empty(), "there is nothing to start from");
    for (const auto& input : corpus) run(input);
    report(corpus);
    while (current < inputs) {
        if (++current % patience == 1) {
            const itimerval minute{{}, {60, 0}};
            ::setitimer(ITIMER_PROF, &minute, nullptr);
        }
        const auto& from = corpus[dice.below(corpus.size())];
        const auto& other = corpus[dice.below(corpus.size())];
        auto input = fuzz::seeds.is_netlink ? mutator.changed(from, other)
                                            : fuzz::changed_text(from, other, dice);
        if (run(input) && corpus.size() < largest_corpus) corpus.push_back(std::move(input));
        if (current % often == 0) report(corpus);
    }
    report(corpus);
    if (keep) print_smallest(corpus);
}
