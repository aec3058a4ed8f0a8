// SPDX-License-Identifier: GPL-2.0-or-later
// SCST as tests/data/scst recorded it, 3.11-pre: which entries come and go, what is taken, what is
// refused and with which errno, what is queued, what waits for a device. Its entries and their
// first values are those of the recorded trees.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernel/scst.hpp"

namespace san::test {

class Fake_scst : public Scst_tree {
public:
    struct Backing {
        std::uint64_t bytes = 0;
        bool is_block = false;
        bool is_busy = false;  ///< mounted, or held by somebody else
    };

    // ---- what the node is like

    std::map<std::string, Backing> files{};
    std::set<std::string> directories{"/var/lib/scst/pr"};
    bool daemon_hangs = false;        ///< stopped by a signal
    std::set<std::string> stuck{};    ///< devices whose commands do not come back
    bool queues = false;              ///< every command that can be queued is
    unsigned busy_reads = 1;          ///< of the shared result, before a queued command is done
    mutable unsigned slow_reads = 0;  ///< of attributes that are queued, which give EAGAIN first
    unsigned interrupted_writes = 0;  ///< which end with EINTR, and are queued
    std::set<std::string> refuses{};  ///< commands that fail with EIO, by their first words
    /// Before each write, as a process could die there.
    std::function<void(const Path&, std::string_view)> before = [](const Path&, std::string_view) {
    };
    /// After each, whatever came of it.
    std::function<void()> after = [] {};
    /// What happens while a command waits for a device; without anything it waits for ever.
    std::function<void()> meanwhile{};
    bool is_locked = false;
    std::vector<std::pair<std::string, std::string>> asked{};  ///< what was written, and where

    // ---- what happens to it

    void load();  ///< its modules but those of the devices
    void load_handlers();
    void load_disk_handler(const std::vector<std::string>& scsi_addresses);
    void start_daemon();
    void kill_daemon();
    void log_in(const std::string& target, const std::string& initiator, unsigned commands = 0);
    void log_out(const std::string& target, const std::string& session);
    std::vector<std::string> sessions(const std::string& target) const;
    bool opened() const { return opened_; }  ///< else the last write found no file to write to
    /// What the tree is, without the counters and texts that never change.
    std::string everything() const;

    // ---- Scst_tree

    bool is_loaded() const override { return !entries_.empty(); }
    bool has(const Path& entry) const override { return find_entry(entry) != nullptr; }
    std::vector<std::string> names(const Path& directory) const override;
    std::optional<Path> find_link(const Path& link) const override;
    Answer read(const Path& attribute) const override;
    int write(const Path& attribute, std::string_view data) override;
    std::shared_ptr<void> lock() override;

private:
    struct Entry {
        char kind = 'f';
        unsigned mode = 0;   ///< of a file
        std::string text{};  ///< of a file, as it is read; of a link, where it points to
        std::string initial{};
        int unreadable = 0;
    };
    using Words = std::vector<std::string>;
    using Pairs = std::vector<std::pair<std::string, std::string>>;

    // fake_scst.cpp: entries, and what is done with a write
    static const std::map<std::string, Entry>& recorded(const std::string& tree);
    void grow(const std::string& tree, const std::string& from, const std::string& to);
    std::string resolve(const std::string& path) const;
    const Entry* find_entry(const Path& path) const;
    bool is_there(const std::string& path) const { return entries_.contains(path); }
    Words children(const std::string& directory) const;
    void erase(const std::string& path);
    void link(const std::string& at, const std::string& target);
    std::string value(const std::string& path) const;
    void set(const std::string& path, const std::string& value);
    void set(const std::string& path, const std::string& value, bool marked);
    int take(const Path& attribute, std::string_view data);
    static bool is_queued(const std::string& path);
    int refusal(const std::string& path, const std::string& text) const;
    int finish() const;
    int apply(const std::string& path, const std::string& text);
    void wait_for(const std::string& device);
    static std::optional<Pairs> pairs(const std::string& text);

    // fake_scst_devices.cpp
    int manage_handler(const std::string& handler, const std::string& text);
    int manage_disk_handler(const Words& words);
    int add_device(const std::string& handler, const std::string& name, const std::string& rest);
    int open_backing(const std::string& handler, const std::string& path) const;
    int remove_device(const std::string& name);
    int set_device(const std::string& device, const std::string& attribute,
                   const std::string& text);
    int set_pr_file(const std::string& device, const std::string& text);
    bool is_exported(const std::string& device) const;

    // fake_scst_targets.cpp
    int manage_driver(const std::string& text);
    int add_target(const std::string& name, const std::string& rest);
    int remove_target(const std::string& name);
    int change_list(const std::string& command, const std::string& owner, const Words& words);
    int add_account(const std::string& owner, const std::string& kind, const std::string& name,
                    const std::string& value);
    int set_target(const std::string& target, const std::string& attribute,
                   const std::string& text);
    int manage_luns(const std::string& luns, const std::string& text);
    void add_lun(const std::string& luns, const std::string& number, const std::string& device,
                 bool read_only);
    void remove_lun(const std::string& luns, const std::string& number);
    int manage_groups(const std::string& groups, const std::string& text);
    int manage_initiators(const std::string& initiators, const std::string& text);
    void regroup(const std::string& target);
    std::string luns_of(const std::string& target, const std::string& initiator) const;
    int close(const std::string& session);

    // fake_scst_groups.cpp
    int manage_device_groups(const std::string& path, const std::string& text);
    int set_target_group(const std::string& group, const std::string& attribute,
                         const std::string& text);

    std::map<std::string, Entry> entries_{};
    std::map<std::string, unsigned> exports_{};  ///< how many there have been, by device
    unsigned copies_ = 0;                        ///< numbers of the copy manager that were given
    bool opened_ = false;
    // A read of the shared result can be what finds a command done.
    mutable int last_ = 0;
    mutable unsigned reads_left_ = 0;
    struct Queued {
        std::string path;
        std::string text;
    };
    mutable std::vector<Queued> queue_{};
    unsigned waiting_ = 0;
    std::string removing_{};  ///< a device
    unsigned targets_ = 0;    ///< how many there have been
};

}  // namespace san::test
