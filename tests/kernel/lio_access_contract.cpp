// SPDX-License-Identifier: GPL-2.0-or-later
// Who is admitted to a target and shown its units, and how that changes while it runs.
#include "kernel/lio_bench.hpp"

using namespace san;
using namespace test::lio_bench;

namespace {

const auto second = Iscsi_name::parse("iqn.2026-01.org.example.san-test:second-initiator");
const auto third = Iscsi_name::parse("iqn.2026-01.org.example.san-test:third-initiator");
const auto acls = group / "acls";

/// Passes everything on, and remembers what would have closed sessions.
class Observed_configfs final : public Configfs {
public:
    explicit Observed_configfs(Configfs& below) : below_{below} {}
    std::optional<std::string> find(const Path& at) const override { return below_.find(at); }
    bool has(const Path& at) const override { return below_.has(at); }
    std::optional<std::vector<std::string>> find_entries(const Path& at) const override {
        return below_.find_entries(at);
    }
    std::optional<Path> find_link(const Path& at) const override { return below_.find_link(at); }
    void write(const Path& at, std::string_view value) override {
        if (at.filename() == "enable") closing.push_back(at);
        below_.write(at, value);
    }
    Change make(const Path& at) override { return below_.make(at); }
    Change remove(const Path& at) override {
        if (at.parent_path() == acls) closing.push_back(at);
        return below_.remove(at);
    }
    Change link(const Path& at, const Path& to) override { return below_.link(at, to); }
    Change unlink(const Path& at) override { return below_.unlink(at); }

    std::vector<Path> closing{};

private:
    Configfs& below_;
};

/// What of the sessions a reload closes.
template <class Wanted>
std::vector<Path> reload(Bench& bench, const Wanted& wanted) {
    Observed_configfs configfs{bench.configfs()};
    if constexpr (std::is_same_v<Wanted, Target>)
        target::reload(wanted, configfs, bench.bounded, Deadline::in(30s));
    else
        logical_unit::reload(wanted, configfs, bench.files(), bench.bounded, Deadline::in(30s));
    CHECK(faults(bench, wanted) == std::vector<std::string>{});
    return configfs.closing;
}

bool sees(Bench& bench, const Iscsi_name& who, const Lun_number& lun = number) {
    const auto links = lio::links(bench.configfs(), acls / who.to_text() / lun.directory());
    return !links.empty() && links.begin()->second == logical_unit::place(iqn, lun);
}

Target listing(std::vector<Iscsi_name> initiators) {
    auto target = guarded_target();
    target.initiators = std::move(initiators);
    return target;
}

/// A second unit, on the other disk.
Logical_unit other_unit(Bench& bench, std::vector<Iscsi_name> initiators) {
    auto unit = unit_on(bench.block_device());
    unit.name = "san_contract_second";
    unit.lun = Lun_number::parse("8");
    unit.serial = Scsi_serial::of_resource(unit.name);
    unit.initiators = std::move(initiators);
    return unit;
}

void stop_other(Bench& bench) {
    logical_unit::stop("san_contract_second", {}, bench.configfs(), bench.files(), bench.bounded,
                       Deadline::in(30s));
}

}  // namespace

TEST_CASE("a target's list changes: sessions of those who stay go on, and units are shown") {
    with_each_bench([](Bench& bench) {
        start(bench, listing({initiator, second}));
        start(bench, unit_on(bench.file()));
        CHECK(sees(bench, initiator));
        CHECK(sees(bench, second));

        CHECK(reload(bench, listing({initiator, third})) ==
              std::vector<Path>{acls / second.to_text()});
        CHECK(sees(bench, initiator));
        CHECK(sees(bench, third));
        CHECK_FALSE(bench.configfs().find_entries(acls / second.to_text()));
        CHECK(bench.configfs().find(acls / third.to_text() / "auth/userid") == "joe");
        CHECK(faults(bench, unit_on(bench.file())) == std::vector<std::string>{});
        CHECK(reload(bench, listing({initiator, third})).empty());
    });
}

TEST_CASE("a unit with a list of its own keeps it through changes of the target's") {
    with_each_bench([](Bench& bench) {
        start(bench, listing({initiator}));
        start(bench, unit_on(bench.file()));
        const auto own = other_unit(bench, {second});
        start(bench, own);
        const auto eight = Lun_number::parse("8");
        CHECK(sees(bench, initiator));
        CHECK_FALSE(sees(bench, initiator, eight));
        CHECK(sees(bench, second, eight));
        CHECK_FALSE(sees(bench, second));

        CHECK(reload(bench, listing({initiator, second, third})).empty());
        CHECK(sees(bench, second));
        CHECK_FALSE(sees(bench, third, eight));
        CHECK(reload(bench, listing({third})) == std::vector<Path>{acls / initiator.to_text()});
        CHECK_FALSE(sees(bench, second));
        CHECK(sees(bench, second, eight));
        CHECK(bench.configfs().find(acls / second.to_text() / "tag") == lio::unit_list_tag);
        CHECK(faults(bench, own) == std::vector<std::string>{});
        CHECK(faults(bench, unit_on(bench.file())) == std::vector<std::string>{});
        stop_other(bench);
        CHECK_FALSE(bench.configfs().find_entries(acls / second.to_text()));
    });
}

TEST_CASE("a unit's list changes") {
    with_each_bench([](Bench& bench) {
        start(bench, listing({initiator}));
        auto unit = unit_on(bench.file());
        start(bench, unit);
        unit.initiators = {second, third};
        CHECK_FALSE(faults(bench, unit).empty());
        CHECK(reload(bench, unit).empty());
        CHECK_FALSE(sees(bench, initiator));
        CHECK(sees(bench, second));
        CHECK(sees(bench, third));
        CHECK(bench.configfs().find(acls / second.to_text() / "auth/password") ==
              "a secret of joe");
        CHECK(bench.configfs().find(acls / second.to_text() / "auth/userid_mutual") == "san");

        // Only the entry of the one that no list names any more goes.
        unit.initiators = {third};
        CHECK(reload(bench, unit) == std::vector<Path>{acls / second.to_text()});
        unit.initiators = {};
        CHECK(reload(bench, unit) == std::vector<Path>{acls / third.to_text()});
        CHECK(sees(bench, initiator));
    });
}

TEST_CASE("whoever is let in, or shown a unit, beyond the lists is a fault") {
    with_each_bench([](Bench& bench) {
        start(bench, listing({initiator}));
        const auto unit = unit_on(bench.file());
        start(bench, unit);
        auto& configfs = bench.configfs();
        const auto acl = acls / second.to_text();
        configfs.make(acl);
        CHECK(faults(bench, listing({initiator})) == std::vector<std::string>{});
        configfs.make(acl / "lun_7");
        configfs.link(acl / "lun_7/x", unit_lun);
        CHECK(faults(bench, listing({initiator})) ==
              std::vector<std::string>{second.to_text() + " is admitted, but in no list"});
        configfs.write(acl / "tag", lio::unit_list_tag);
        CHECK(faults(bench, unit) ==
              std::vector<std::string>{second.to_text() + " sees it, but is in no list"});
        CHECK(start(bench, unit) == Change::made);
        CHECK_FALSE(configfs.find_entries(acl));
    });
}

TEST_CASE("everybody, then a list: the kernel forgets who has been here, and units stay") {
    with_each_bench([](Bench& bench) {
        auto open = guarded_target();
        open.initiators = {};
        start(bench, open);
        const auto unit = unit_on(bench.file());
        start(bench, unit);
        CHECK(reload(bench, listing({initiator})) == std::vector<Path>(2, group / "enable"));
        CHECK(faults(bench, unit) == std::vector<std::string>{});
        CHECK(sees(bench, initiator));
        CHECK(bench.configfs().find_entries(acls) == std::vector<std::string>{initiator.to_text()});

        // The other way every session ends, since entries go.
        CHECK_FALSE(reload(bench, open).empty());
        CHECK(bench.configfs().find_entries(acls)->empty());
        CHECK(bench.configfs().find(group / "enable") == "1");
        CHECK(faults(bench, unit) == std::vector<std::string>{});

        // Somebody has a registration, which would be lost with the LUN.
        bench.configfs().make(acls / second.to_text());
        bench.configfs().write(acls / second.to_text() / "tag", lio::registered_tag);
        CHECK_THROWS_WITH(reload(bench, listing({initiator})),
                          ContainsSubstring("has to be restarted"));
        CHECK(faults(bench, open) == std::vector<std::string>{});
        stop_unit(bench);
        CHECK(start(bench, listing({initiator})) == Change::made);
        CHECK(faults(bench, listing({initiator})) == std::vector<std::string>{});
    });
}

TEST_CASE("a target does not open itself to everybody while a unit has a list") {
    with_each_bench([](Bench& bench) {
        start(bench, listing({initiator}));
        start(bench, other_unit(bench, {second}));
        auto open = guarded_target();
        open.initiators = {};
        CHECK_THROWS_WITH(reload(bench, open),
                          ContainsSubstring("expected a list: san_contract_second has one"));
        CHECK(faults(bench, listing({initiator})) == std::vector<std::string>{});
        stop_other(bench);
    });
}

TEST_CASE("accounts, login parameters and portals change, and sessions go on") {
    with_each_bench([](Bench& bench) {
        start(bench, listing({initiator}));
        auto changed = listing({initiator});
        changed.credentials->initiator.password = Secret{"another secret"};
        changed.credentials->target.reset();
        changed.parameters = {{"MaxConnections", "2"}};
        changed.portals = {Portal::parse("127.0.0.1:33261")};
        CHECK(reload(bench, changed).empty());
        auto& configfs = bench.configfs();
        for (const auto& owner : {group, acls / initiator.to_text()}) {
            CHECK(configfs.find(owner / "auth/password") == "another secret");
            // The kernel's word for none; it keeps it.
            CHECK(configfs.find(owner / "auth/userid_mutual") == "NULL");
        }
        CHECK(configfs.find_entries(group / "np") == std::vector<std::string>{"127.0.0.1:33261"});
        CHECK(reload(bench, changed).empty());
        changed.credentials->target = Chap_account{"san", Secret{"one more secret"}};
        CHECK(reload(bench, changed).empty());
        changed.credentials.reset();
        CHECK(reload(bench, changed) == std::vector<Path>(2, group / "enable"));
    });
}

TEST_CASE("reload of what does not run fails, and makes nothing") {
    with_each_bench([](Bench& bench) {
        CHECK_THROWS_WITH(reload(bench, guarded_target()), ContainsSubstring("is not running"));
        CHECK_FALSE(target::exists(iqn, bench.configfs()));
        start(bench, guarded_target());
        CHECK_THROWS_WITH(reload(bench, unit_on(bench.file())),
                          ContainsSubstring("is not running"));
        CHECK_FALSE(logical_unit::exists(unit_on(bench.file()), bench.configfs()));
    });
}
