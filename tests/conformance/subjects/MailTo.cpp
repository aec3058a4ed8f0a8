// SPDX-License-Identifier: GPL-2.0-or-later
#include "conformance/subject.hpp"
#include "ocf/exit_code.hpp"

namespace {

using namespace san;

class Mail_subject_of_rules final : public test::Subject {
public:
    void prepare(test::Node& node) override { node.commands.on({"sendmail"}); }
    test::Parameters good() const override { return {{"email", "admin@example.org"}}; }
    std::vector<test::Refused> refused() const override {
        using ocf::err_configured;
        return {{"email", "admin@example.org,", err_configured, "mail addresses"},
                {"email", "-oQ/tmp", err_configured, "mail addresses"},
                {"email", "a b", err_configured, "mail addresses"},
                {"subject", "two\nlines", err_configured, "one line"},
                {"subject", std::string(201, 'a'), err_configured, "at most 200 bytes"}};
    }
    std::vector<std::string> tools() const override { return {"sendmail"}; }
};

}  // namespace

std::unique_ptr<san::test::Subject> san::test::subject() {
    return std::make_unique<Mail_subject_of_rules>();
}
