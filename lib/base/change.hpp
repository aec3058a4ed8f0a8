// SPDX-License-Identifier: GPL-2.0-or-later
// "Did it" and "it was already so" are different answers; OCF's idempotence needs both.
#pragma once

namespace san {

enum class Change { none, made };

constexpr Change operator|(Change a, Change b) {
    return a == Change::made || b == Change::made ? Change::made : Change::none;
}
constexpr Change& operator|=(Change& a, Change b) { return a = a | b; }

}  // namespace san
