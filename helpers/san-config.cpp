// SPDX-License-Identifier: GPL-2.0-or-later
// san-config: ready files of corosync and DRBD for a storage cluster. It never overwrites one.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "base/error.hpp"
#include "stack/command_line.hpp"
#include "stack/new_file.hpp"
#include "stack/ready_files.hpp"

namespace {

using namespace san;

const stack::Program program{
    .name = "san-config",
    .brief = "writes the files of corosync and DRBD for a storage cluster",
    .text =
        "Prints corosync.conf for a cluster with several links, DRBD's global_common.conf with "
        "fencing "
        "and the handlers of san-agents, and a file for each DRBD resource that is named. With "
        "--directory it writes them there, as corosync/corosync.conf and below drbd.d/. A file "
        "that is "
        "there already stays, and then nothing is written.\n\n"
        "The files are the same on all nodes. Passwords are not in them: corosync's key is made by "
        "corosync-keygen(8).\n\n"
        "san-check(8) finds nothing in what it writes; links on one network are refused. What "
        "Pacemaker has to know, fencing above all, is set up by crm script run san-iscsi and its "
        "like.",
    .statuses = {{0, "written"},
                 {1, "refused: a file is there, or something is wrong with what was asked for"},
                 {stack::usage_status, "wrong usage"}},
    .example =
        "san-config --node alice=10.1.0.1,10.2.0.1 --node bob=10.1.0.2,10.2.0.2 \\\n"
        "    --resource r0=/dev/sdb1 --directory /etc",
    .see_also = {"san-check (8)", "corosync.conf (5)", "drbd.conf (5)"},
    .words = {{"--drbd", "8.4 9"}}};

struct Options {
    std::vector<std::string> nodes{}, resources{};
    stack::Ready_wish wish{};
    std::string drbd{"9"}, directory{};
    int token = 3000;

    void declare(CLI::App& app) {
        app.add_option(
               "--node", nodes,
               "A node, and its address on each link, in the same order for all. Once for each "
               "node.")
            ->type_name("NAME=ADDRESS,ADDRESS")
            ->allow_extra_args(false);
        app.add_option(
               "--resource", resources,
               "A DRBD resource, and the disk below it on all nodes. Can be given more than "
               "once.")
            ->type_name("NAME=DISK")
            ->allow_extra_args(false);
        app.add_option("--cluster", wish.cluster, "The cluster's name.")
            ->type_name("NAME")
            ->capture_default_str();
        app.add_option("--token", token, "Milliseconds until corosync takes a node for lost.")
            ->type_name("MILLISECONDS")
            ->check(CLI::Range(1000, 60000))
            ->capture_default_str();
        app.add_option("--drbd", drbd, "DRBD's version: 8.4 or 9.")
            ->type_name("VERSION")
            ->check(CLI::IsMember({"8.4", "9"}))
            ->capture_default_str();
        app.add_option("--replication-link", wish.replication,
                       "The link that DRBD uses, counted from 0.")
            ->type_name("NUMBER")
            ->capture_default_str();
        app.add_option("--mail", wish.mail, "Who gets DRBD's alarms.")
            ->type_name("ADDRESS")
            ->capture_default_str();
        app.add_option("--directory", directory,
                       "Write the files below this directory, such as /etc, and print nothing.")
            ->type_name("DIRECTORY");
    }
};

int write(Options& options) {
    for (const auto& node : options.nodes) options.wish.nodes.push_back(stack::node_of(node));
    for (const auto& resource : options.resources)
        options.wish.resources.push_back(
            stack::resource_of(resource, options.wish.resources.size()));
    options.wish.token = std::chrono::milliseconds{options.token};
    options.wish.is_drbd_9 = options.drbd == "9";
    const auto files = stack::ready_files(options.wish);
    if (options.directory.empty()) {
        for (const auto& file : files)
            std::printf("# /etc/%s\n%s\n", file.path.c_str(), file.content.c_str());
        return 0;
    }
    const std::filesystem::path below{options.directory};
    for (const auto& file : files)
        if (std::filesystem::exists(std::filesystem::symlink_status(below / file.path)))
            throw Error{Kind::misconfigured,
                        (below / file.path).string() + " is there already; nothing was written"};
    for (const auto& file : files) stack::make_new_file(below / file.path, file.content);
    return 0;
}

}  // namespace

int main(int count, char** given) {
    CLI::App app;
    Options options;
    options.declare(app);
    return stack::run(program, app, count, given, 1, [&] { return write(options); });
}
