// SPDX-License-Identifier: GPL-2.0-or-later
// Where LIO's contract is tried: on the fake everywhere, and on the kernel where iscsi_target_mod
// is loaded; and the target and unit that it is tried with.
#pragma once

#include <fstream>
#include <unistd.h>

#include "base/command.hpp"
#include "base/error.hpp"
#include "storage/logical_unit.hpp"
#include "storage/target.hpp"
#include "support/catch.hpp"
#include "support/contract.hpp"
#include "support/fake_commands.hpp"
#include "support/fake_configfs.hpp"
#include "support/node.hpp"

namespace san::test::lio_bench {

using namespace std::chrono_literals;
using Path = Configfs::Path;

inline const auto iqn = Iscsi_name::parse("iqn.2026-01.org.example.san-test:contract");
inline const auto initiator = Iscsi_name::parse("iqn.2026-01.org.example.san-test:initiator");
inline const auto name = "san_contract_test";
inline const auto number = Lun_number::parse("7");
inline const auto group = lio::group_directory(iqn);
inline const auto unit_lun = logical_unit::place(iqn, number);

inline constexpr std::uintmax_t disk_bytes = 16U << 20U;

inline void make_disk(const Path& at) {
    std::ofstream{at}.close();
    std::filesystem::resize_file(at, disk_bytes);
}

/// A node with LIO, a file and a block device to export; everything is gone again afterwards.
class Bench {
public:
    virtual ~Bench() = default;
    virtual Configfs& configfs() = 0;
    virtual const Files& files() = 0;
    virtual std::string file() = 0;
    virtual std::string block_device() = 0;
    virtual void move_block_device(const std::string& to) = 0;

    /// Of the fake, the block device is a file.
    virtual bool is_real() const = 0;

    std::string other_name() { return block_device() + "-other"; }
    Inline bounded;

    int errnum(const std::function<void(Configfs&)>& work) {
        try {
            work(configfs());
        } catch (const Error& refused) {
            return refused.errnum();
        }
        return 0;
    }
};

class Fake_bench final : public Bench {
public:
    Fake_bench() {
        fake_.load_core();
        fake_.load_iscsi();
        fake_.make(lio::fabric);
        make_disk(root_.path() / "disk");
    }
    bool is_real() const override { return false; }
    Configfs& configfs() override { return fake_; }
    const Files& files() override { return files_; }
    std::string file() override { return "/disk"; }
    // Without a device node there is no number to find: a file stands for it.
    std::string block_device() override { return "/disk"; }
    void move_block_device(const std::string& to) override {
        std::filesystem::rename(root_.path() / "disk", root_.path() / Path{to}.relative_path());
    }

private:
    Fake_root root_;
    Files files_{root_.path()};
    Fake_configfs fake_;
};

class Real_bench final : public Bench {
public:
    static bool possible() {
        return ::access("/sys/kernel/config/target/iscsi", W_OK) == 0 && Programs{}.has("losetup");
    }
    Real_bench() {
        clean();
        make_disk(disk_);
        make_disk(below_);
        const auto done =
            programs_.must({"losetup", "--find", "--show", below_.string()}, Deadline::in(10s));
        loop_ = text::trimmed(done.out);
        std::filesystem::create_symlink(loop_, block_device());
    }
    ~Real_bench() override {
        clean();
        programs_.run({"losetup", "--detach", loop_}, Deadline::in(10s), {});
    }
    bool is_real() const override { return true; }
    Configfs& configfs() override { return real_; }
    const Files& files() override { return files_; }
    std::string file() override { return disk_; }
    std::string block_device() override { return root_.path() / "device"; }
    void move_block_device(const std::string& to) override {
        std::filesystem::rename(block_device(), to);
    }

private:
    void clean() {
        for (const auto* unit : {name, "san_contract_second"})
            logical_unit::stop(unit, {}, real_, files_, bounded, Deadline::in(30s));
        target::stop(iqn, real_, bounded, Deadline::in(30s));
    }
    Fake_root root_;
    Path disk_ = root_.path() / "disk";
    Path below_ = root_.path() / "below";
    std::string loop_{};
    Files files_{};
    Mounted_configfs real_{};
    Programs programs_{};
};

inline void with_each_bench(const std::function<void(Bench&)>& check) {
    on_fake_and_kernel<Bench, Fake_bench, Real_bench>(check);
}

inline Target plain_target() { return {.iqn = iqn, .portals = {Portal::parse("127.0.0.1:33260")}}; }

inline Target guarded_target() {
    auto target = plain_target();
    target.initiators = {initiator};
    target.credentials = Chap_credentials{{"joe", Secret{"a secret of joe"}},
                                          Chap_account{"san", Secret{"a secret of san"}}};
    target.parameters = {{"MaxConnections", "4"}, {"NoSuchKey", "1"}};
    return target;
}

inline Logical_unit unit_on(const std::string& path) {
    return {.name = name,
            .target = iqn,
            .lun = number,
            .path = Backing_path::parse(path),
            .serial = Scsi_serial::of_resource(name),
            .switches = {{"emulate_3pc", Switch::parse("0")}}};
}

/// With one of everything that a stop has to find.
inline Logical_unit unit_in_group(const std::string& path) {
    auto unit = unit_on(path);
    unit.alua = Alua{
        .group = Alua_group_name::parse("san"), .number = 2, .state = Alua_state::parse("standby")};
    return unit;
}

inline Change start(Bench& bench, const Target& target) {
    return target::start(target, bench.configfs(), bench.bounded, Deadline::in(30s));
}
inline Change start(Bench& bench, const Logical_unit& unit) {
    return logical_unit::start(unit, bench.configfs(), bench.files(), bench.bounded,
                               Deadline::in(30s));
}
inline Change stop_target(Bench& bench) {
    return target::stop(iqn, bench.configfs(), bench.bounded, Deadline::in(30s));
}
inline Change stop_unit(Bench& bench) {
    return logical_unit::stop(name, unit_lun, bench.configfs(), bench.files(), bench.bounded,
                              Deadline::in(30s));
}

inline std::vector<std::string> faults(Bench& bench, const Target& target) {
    return target::faults(target, bench.configfs());
}
inline std::vector<std::string> faults(Bench& bench, const Logical_unit& unit) {
    return logical_unit::faults(unit, bench.configfs(), bench.files());
}

/// A configured backstore on the file, as bare steps.
inline Path make_backstore(Bench& bench) {
    const auto backing = Backing::find(Backing_path::parse(bench.file()), bench.files()).value();
    const auto device = lio::new_backstore(name, backing);
    auto& configfs = bench.configfs();
    configfs.make(device.parent_path());
    configfs.make(device);
    configfs.write(device / "control", backing.options());
    return device;
}

inline void make_group(Configfs& configfs) {
    configfs.make(group.parent_path());
    configfs.make(group);
}

}  // namespace san::test::lio_bench
