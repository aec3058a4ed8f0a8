// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/ready_files.hpp"

#include <algorithm>
#include <sstream>

#include "base/error.hpp"
#include "base/ip.hpp"
#include "base/text.hpp"
#include "stack/rules.hpp"

namespace san::stack {

namespace {

/// Words that stand in files as they are.
void must_be_word(const std::string& what, const std::string& word, const char* more) {
    const auto allowed =
        std::string{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"} + more;
    if (word.empty() || word.front() == '-' || word.find_first_not_of(allowed) != std::string::npos)
        throw Error{Kind::misconfigured, what + " " + text::quoted(word) +
                                             ": expected letters, digits "
                                             "and one of " +
                                             more + "-"};
}

std::pair<std::string, std::string> halves(const std::string& text, const std::string& form) {
    const auto sign = text.find('=');
    if (sign == std::string::npos)
        throw Error{Kind::misconfigured, text::quoted(text) + ": expected " + form};
    return {text.substr(0, sign), text.substr(sign + 1)};
}

std::string corosync_conf(const Ready_wish& wish) {
    std::ostringstream file;
    file << "# The same on all nodes. The key: corosync-keygen on one of them, then copied to the "
            "others.\n"
            "totem {\n    version: 2\n    cluster_name: "
         << wish.cluster
         << "\n    transport: knet\n"
            "    # One link carries everything until it breaks.\n    link_mode: passive\n"
            "    crypto_cipher: aes256\n    crypto_hash: sha256\n"
            "    # Milliseconds until a node counts as lost. DRBD's ping-timeout stays below.\n    "
            "token: "
         << wish.token.count() << "\n}\n\nnodelist {\n";
    for (std::size_t at = 0; at < wish.nodes.size(); ++at) {
        const auto& node = wish.nodes[at];
        file << "    node {\n        name: " << node.name << "\n        nodeid: " << at + 1 << '\n';
        for (std::size_t link = 0; link < node.addresses.size(); ++link)
            file << "        ring" << link << "_addr: " << node.addresses[link] << '\n';
        file << "    }\n";
    }
    file << "}\n\nquorum {\n    provider: corosync_votequorum\n";
    if (wish.nodes.size() == 2)
        file
            << "    # One of two has quorum; at start both wait for each other.\n    two_node: 1\n";
    file << "}\n\nlogging {\n    to_syslog: yes\n    to_stderr: no\n    timestamp: on\n}\n";
    return file.str();
}

std::string handler(const std::string& event, const std::string& word, const std::string& mail) {
    return "        " + event + " \"/usr/sbin/san-drbd-notify " + word + " " + mail + "\";\n";
}

std::string global_common(const Ready_wish& wish) {
    const std::string fencing =
        "        # Frozen until the peer is fenced, or cannot be promoted.\n"
        "        fencing resource-and-stonith;\n";
    std::ostringstream file;
    file
        << "# The same on all nodes. Then: drbdadm adjust all\nglobal {\n    usage-count no;\n}\n\n"
           "common {\n    net {\n        protocol C;\n        # Tenths of a second, below "
           "corosync's "
           "token.\n        ping-timeout 5;\n        verify-alg sha256;\n"
           "        # Nothing is thrown away that somebody has written.\n"
           "        after-sb-0pri discard-zero-changes;\n        after-sb-1pri disconnect;\n"
           "        after-sb-2pri disconnect;\n"
        << (wish.is_drbd_9 ? fencing : "")
        << "    }\n    disk {\n        # Tells people, and goes on with the peer's disk.\n        "
           "on-io-error call-local-io-error;\n"
        << (wish.is_drbd_9 ? "" : fencing) << "    }\n";
    if (wish.is_drbd_9)
        file << "    options {\n        # The cluster promotes.\n        auto-promote no;\n    }\n";
    file << "    handlers {\n        fence-peer \"/usr/sbin/san-fence-peer\";\n"
            "        unfence-peer \"/usr/sbin/san-unfence-peer\";\n"
         << handler("split-brain", "split-brain", wish.mail)
         << handler("out-of-sync", "out-of-sync", wish.mail)
         << handler("local-io-error", "io-error", wish.mail)
         << handler("pri-on-incon-degr", "pri-on-incon-degr", wish.mail)
         << (wish.is_drbd_9 ? handler("quorum-lost", "quorum-lost", wish.mail) : "")
         << "    }\n}\n";
    return file.str();
}

std::string resource_file(const Ready_wish& wish, const Ready_resource& resource) {
    std::ostringstream file;
    file << "# The same on all nodes. Then, on each: drbdadm create-md " << resource.name
         << "\nresource " << resource.name << " {\n    volume 0 {\n        device minor "
         << resource.minor << ";\n        disk " << resource.disk
         << ";\n        meta-disk internal;\n    }\n";
    for (std::size_t at = 0; at < wish.nodes.size(); ++at) {
        const auto& node = wish.nodes[at];
        const auto& address = node.addresses[wish.replication];
        const bool is_6 = address.find(':') != std::string::npos;
        file << "    on " << node.name << " {\n        address " << (is_6 ? "ipv6 [" : "")
             << address << (is_6 ? "]" : "") << ":" << resource.port << ";\n";
        if (wish.is_drbd_9) file << "        node-id " << at << ";\n";
        file << "    }\n";
    }
    if (wish.is_drbd_9) {
        file << "    connection-mesh {\n        hosts";
        for (const auto& node : wish.nodes) file << ' ' << node.name;
        file << ";\n    }\n";
    }
    file << "}\n";
    return file.str();
}

void check(const Ready_wish& wish) {
    must_be_word("the cluster's name", wish.cluster, "_");
    must_be_word("who gets mail", wish.mail, "_.+@");
    if (wish.nodes.size() < 2)
        throw Error{Kind::misconfigured, "a cluster needs two nodes: --node NAME=ADDRESS,ADDRESS"};
    if (!wish.is_drbd_9 && wish.nodes.size() > 2 && !wish.resources.empty())
        throw Error{Kind::misconfigured, "DRBD 8.4 has two nodes"};
    for (const auto& node : wish.nodes)
        if (node.addresses.size() != wish.nodes.front().addresses.size())
            throw Error{Kind::misconfigured,
                        node.name + ": expected as many addresses as the other nodes have"};
    if (wish.replication >= wish.nodes.front().addresses.size())
        throw Error{Kind::misconfigured,
                    "link " + std::to_string(wish.replication) + ": expected one that nodes have"};
}

}  // namespace

Corosync_node node_of(const std::string& text) {
    const auto [name, addresses] = halves(text, "NAME=ADDRESS,ADDRESS");
    must_be_word("the node", name, ".");
    Corosync_node node{.name = name};
    std::istringstream parts{addresses};
    for (std::string part; std::getline(parts, part, ',');) try {
            node.addresses.push_back(Ip::parse(part).to_text());
        } catch (Error& problem) {
            throw problem.within(text::quoted(part));
        }
    if (node.addresses.empty())
        throw Error{Kind::misconfigured, text::quoted(text) + ": expected an address"};
    return node;
}

Ready_resource resource_of(const std::string& text, std::size_t before) {
    const auto [name, disk] = halves(text, "NAME=DISK");
    must_be_word("the DRBD resource", name, "_.");
    must_be_word("the disk", disk, "/_.:");
    if (!disk.starts_with("/dev/"))
        throw Error{Kind::misconfigured, text::quoted(disk) + ": expected a device below /dev"};
    const auto number = static_cast<unsigned>(before);
    return {.name = name, .disk = disk, .minor = number, .port = 7788 + number};
}

std::vector<Ready_file> ready_files(const Ready_wish& wish) {
    check(wish);
    std::vector<Ready_file> files{{"corosync/corosync.conf", corosync_conf(wish)},
                                  {"drbd.d/global_common.conf", global_common(wish)}};
    for (const auto& resource : wish.resources)
        files.push_back({"drbd.d/" + resource.name + ".res", resource_file(wish, resource)});
    // The same judge as for a cluster that runs.
    Facts facts;
    facts.corosync = Corosync_configuration::parse(files.front().content);
    for (const auto& finding : stack::check(facts))
        throw Error{Kind::misconfigured, finding.subject + ": " + finding.reason};
    return files;
}

}  // namespace san::stack
