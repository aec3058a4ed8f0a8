// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel shows of LIO that our agents have not made.
#include "storage/lio.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using namespace san;

namespace {

/// A portal group with one portal, and nothing else.
class One_portal final : public Configfs {
public:
    explicit One_portal(std::string name) : name_{std::move(name)} {}

    std::optional<std::vector<std::string>> find_entries(const Path& directory) const override {
        if (directory.filename() != "np") return {};
        return std::vector{name_};
    }
    std::optional<std::string> find(const Path&) const override { return {}; }
    bool has(const Path&) const override { return true; }
    std::optional<Path> find_link(const Path&) const override { return {}; }
    void write(const Path&, std::string_view) override {}
    Change make(const Path&) override { return Change::none; }
    Change remove(const Path&) override { return Change::none; }
    Change link(const Path&, const Path&) override { return Change::none; }
    Change unlink(const Path&) override { return Change::none; }

private:
    std::string name_;
};

}  // namespace

TEST_CASE("LIO: a portal that cannot be read is a failure, not a misconfiguration") {
    CHECK(lio::portals(One_portal{"10.0.0.7:3260"}, "group").front().to_text() == "10.0.0.7:3260");
    // The kernel takes it (inet_pton_with_scope, net/core/utils.c, 6.1).
    try {
        lio::portals(One_portal{"[fe80::1%eth0]:3260"}, "group");
        FAIL("it was read");
    } catch (const Error& problem) {
        CHECK(problem.kind() == Kind::failed);
        CHECK(std::string{problem.what()}.find("[fe80::1%eth0]:3260") != std::string::npos);
    }
}
