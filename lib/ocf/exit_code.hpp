// SPDX-License-Identifier: GPL-2.0-or-later
// OCF 1.1 exit codes, and the one place that makes them.
#pragma once

#include "base/error.hpp"
#include "ocf/state.hpp"

namespace san::ocf {

enum Exit_code : int {
    success = 0,
    err_generic = 1,
    err_args = 2,
    err_unimplemented = 3,
    err_perm = 4,
    err_installed = 5,
    err_configured = 6,
    not_running = 7,
    running_promoted = 8,
    failed_promoted = 9,
    degraded = 190,
    degraded_promoted = 191,
};

constexpr Exit_code exit_code(Kind kind) {
    switch (kind) {
        case Kind::misconfigured:
            return err_configured;
        case Kind::wrong_on_this_node:
            return err_args;
        case Kind::not_installed:
            return err_installed;
        case Kind::not_permitted:
            return err_perm;
        case Kind::failed:
            return err_generic;
    }
    return err_generic;
}

constexpr Exit_code exit_code(State state) {
    switch (state) {
        case State::stopped:
            return not_running;
        case State::running:
            return success;
        case State::promoted:
            return running_promoted;
        case State::degraded:
            return degraded;
        case State::degraded_promoted:
            return degraded_promoted;
    }
    return err_generic;
}

}  // namespace san::ocf
