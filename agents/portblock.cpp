// SPDX-License-Identifier: GPL-2.0-or-later
// portblock: closes ports of a service while it moves, and opens them when it is there.
//
// "running" means, of a resource that blocks, that the ports are closed, or were opened since by
// one that unblocks; of a resource that unblocks, that they are open, or were closed since by one
// that blocks. Ports that anything else has opened or closed are a failure.

#include <algorithm>

#include "base/background.hpp"
#include "base/bounded.hpp"
#include "base/command.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "ocf/agent.hpp"
#include "ocf/pseudo_state.hpp"
#include "storage/port_block.hpp"
#include "storage/port_claims.hpp"
#include "storage/tickle_list.hpp"

namespace {

using namespace san;
using namespace std::chrono_literals;

/// What the resource does to its ports.
struct Port_action {
    Claim claim = Claim::block;
    static Port_action parse(std::string_view text) {
        if (text == "block") return {Claim::block};
        if (text == "unblock") return {Claim::unblock};
        throw Error{Kind::misconfigured, "expected block or unblock"};
    }
};

enum class Status_check { by_promotability, rule, pseudo };
struct Status_word {
    Status_check value = Status_check::by_promotability;
    static Status_word parse(std::string_view text) {
        if (text == "rule") return {Status_check::rule};
        if (text == "pseudo") return {Status_check::pseudo};
        throw Error{Kind::misconfigured, "expected rule or pseudo"};
    }
};

/// The shell agent's choice of programs. All mean our own table of nftables here.
struct Firewall_word {
    static Firewall_word parse(std::string_view text) {
        for (const auto* known : {"auto", "nft", "iptables"})
            if (text == known) return {};
        throw Error{Kind::misconfigured, "expected auto, nft or iptables"};
    }
};

struct Directory {
    std::filesystem::path path;
    static Directory parse(std::string_view text) {
        if (!text.starts_with('/'))
            throw Error{Kind::misconfigured, "expected the absolute path of a directory"};
        return {text};
    }
};

constexpr int score_unpromoted = 5;
constexpr int score_promoted = 10;

class Portblock final : public ocf::Agent {
    ocf::Parameter<Firewall_word> firewall{
        *this,
        {.name = "firewall",
         .brief = "Has no effect",
         .text = "Accepted for compatibility: auto, nft or iptables. The ports are closed by a "
                 "table of nftables that is the agent's own, without either program.",
         .fallback = "auto"}};
    ocf::Parameter<Transport_name> protocol{*this,
                                            {.name = "protocol",
                                             .brief = "tcp or udp",
                                             .text = "The protocol of the ports: tcp or udp.",
                                             .required = true}};
    ocf::Parameter<Port_list> portno{
        *this,
        {.name = "portno",
         .brief = "Ports",
         .text = "Port numbers of the service, separated by commas, and ranges: 3260 or "
                 "80,443,1000:2000.",
         .required = true}};
    ocf::Parameter<Port_action> action{
        *this,
        {.name = "action",
         .brief = "block or unblock",
         .text = "What start does: block closes the ports and unblock opens them; stop does the "
                 "opposite. Of a promotable clone it is what promote does; start and demote do "
                 "the opposite.",
         .required = true}};
    ocf::Parameter<Block_method> method{
        *this,
        {.name = "method",
         .brief = "drop or reject",
         .text = "What becomes of packets while ports are closed. drop: clients hear nothing and "
                 "try again. reject: they hear a TCP reset, or, of UDP, that the port is "
                 "unreachable.",
         .fallback = "drop"}};
    ocf::Parameter<std::optional<Status_word>> status_check{
        *this,
        {.name = "status_check",
         .brief = "rule or pseudo",
         .text = "What monitor asks. pseudo: whether the ports are as this resource, or the "
                 "partner with the other action, has left them. rule: whether they are as this "
                 "resource leaves them, whoever has been there since. The default is rule for a "
                 "promotable clone and pseudo otherwise.",
         .fallback = ""}};
    ocf::Parameter<bool> reset_local_on_unblock_stop{
        *this,
        {.name = "reset_local_on_unblock_stop",
         .brief = "End connections when the ports are closed again",
         .text = "TCP, action unblock: when it stops, this node's side of all connections of the "
                 "ports is ended, for services that leave them behind, such as the kernel's NFS "
                 "server. The clients are not told.",
         .fallback = "false"}};
    ocf::Parameter<Ip_network> ip{
        *this,
        {.name = "ip",
         .brief = "Address",
         .text = "The service's IPv4 or IPv6 address, or a network. The default is every IPv4 "
                 "address of the node; every IPv6 address is ::/0.",
         .fallback = "0.0.0.0/0"}};
    ocf::Parameter<std::optional<Directory>> tickle_dir{
        *this,
        {.name = "tickle_dir",
         .brief = "Directory for the list of connections",
         .text = "TCP, action unblock: monitor and stop write the address's connections to a file "
                 "in this directory, and start tells each client of the list to connect anew, "
                 "which takes milliseconds instead of minutes. An absolute path, on storage that "
                 "both nodes share, or with sync_script. For one address with several resources "
                 "set it for one of them.",
         .fallback = ""}};
    ocf::Parameter<std::string> sync_script{
        *this,
        {.name = "sync_script",
         .brief = "Program that copies the list",
         .text = "Called in the background with the name of the file each time it has been "
                 "looked at, to copy it to the other nodes: a program with its options, such as "
                 "csync2 -xv.",
         .fallback = ""}};
    ocf::Parameter<Direction> direction{
        *this,
        {.name = "direction",
         .brief = "in, out or both",
         .text =
             "Which packets are stopped: in, those to the ports; out, those from them; both. With "
             "both a service that ends cannot tell its clients, who then stay quiet until the "
             "next node, with tickle_dir, tells them.",
         .fallback = "in"}};

    Port_block door() const {
        return {.transport = protocol().transport,
                .ports = portno(),
                .network = ip(),
                .direction = direction(),
                .answer = method().answer};
    }

    Port_claims claims(System& node) const {
        return {node.files, environment().state_directory() / "portblock", door().key()};
    }

    /// The files by which the shell agent knows that it was started: of old by the resource's name,
    /// then by the parameters' text, with the newline of an echo turned into an underscore.
    std::array<ocf::Pseudo_state, 2> shell_states(System& node) const {
        auto words = "portblock_" + protocol.raw().value_or("") + "_" + portno.raw().value_or("") +
                     "_" + ip.raw().value_or("0.0.0.0/0") + "_" + direction.raw().value_or("in") +
                     "__" + action.raw().value_or("");
        for (auto& letter : words)
            if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '.') letter = '_';
        return {{{environment(), node.files, instance()}, {environment(), node.files, words}}};
    }
    bool runs_by_shell_agent(System& node) const {
        const auto states = shell_states(node);
        return std::any_of(states.begin(), states.end(),
                           [](const auto& state) { return state.is_set(); });
    }

    /// For the shell agent, should it be given the resource (san-migrate): newer than its
    /// partner's, as it wants it. Of a clone it goes by the promotion score. A name that is too
    /// long for a file is too long for that agent as well.
    void tell_shell_agent(System& node) const {
        for (auto& state : shell_states(node)) {
            state.clear();
            if (is_promotable()) continue;
            try {
                state.set();
            } catch (const Error& problem) {
                log::debug(problem.what());
            }
        }
    }

    bool is_promotable() const { return environment().is_promotable(); }
    Claim promoted_claim() const { return action().claim; }
    Claim unpromoted_claim() const {
        return action().claim == Claim::block ? Claim::unblock : Claim::block;
    }
    bool asks_for_rule() const {
        return status_check() ? status_check()->value == Status_check::rule : is_promotable();
    }

public:
    Portblock()
        : ocf::Agent{{
              .name = "portblock",
              .brief = "Closes ports while a service moves",
              .text =
                  "Two resources stand at the ends of a group: the first blocks the ports of a "
                  "service, the last unblocks them. Clients that connect before the service is "
                  "there, or while it leaves, hear nothing and try again, instead of an error. "
                  "With a directory for the list of connections, clients of the node before are "
                  "told to connect anew at once.",
              .actions = {{.name = "start", .timeout = 20s},
                          {.name = "stop", .timeout = 20s},
                          {.name = "promote", .timeout = 10s},
                          {.name = "demote", .timeout = 10s},
                          {.name = "status", .timeout = 10s},
                          {.name = "monitor", .timeout = 10s, .interval = 10s},
                          {.name = "monitor", .timeout = 10s, .interval = 9s, .role = "Promoted"}},
              .example = "primitive p_block ocf:san:portblock \\\n"
                         "    params ip=10.0.0.7 protocol=tcp portno=3260 action=block \\\n"
                         "    op monitor interval=10s timeout=10s\n"
                         "primitive p_unblock ocf:san:portblock \\\n"
                         "    params ip=10.0.0.7 protocol=tcp portno=3260 action=unblock \\\n"
                         "        tickle_dir=/srv/tickles \\\n"
                         "    op monitor interval=10s timeout=10s\n"
                         "group g_san p_block p_ip p_target p_lun p_unblock",
          }} {}

    void check(System& node) const override {
        const bool blocks = action().claim == Claim::block;
        if (tickle_dir() && blocks && !is_promotable())
            throw Error{Kind::misconfigured, "tickle_dir=" + text::quoted(*tickle_dir.raw()) +
                                                 ": expected none, or action=unblock"};
        if (reset_local_on_unblock_stop() && blocks)
            throw Error{Kind::misconfigured,
                        "reset_local_on_unblock_stop=" +
                            text::quoted(reset_local_on_unblock_stop.raw().value_or("")) +
                            ": expected false, or action=unblock"};
        if (tickle_dir() && !node.files.is_directory(tickle_dir()->path))
            throw Error{Kind::not_installed, "tickle_dir=" + text::quoted(*tickle_dir.raw()) +
                                                 ": expected a directory of this node"};
        const auto script = text::words(sync_script());
        if (!script.empty() && !node.commands.has(script.front()))
            log::warning("sync_script: ", script.front(), " is not installed");
    }

    Change start(System& node) override {
        port_block::remove_shell_rules(door(), *portno.raw(), node, deadline());
        if (!is_promotable()) return carry_out(action().claim, node);
        const auto change = carry_out(unpromoted_claim(), node);
        publish_score(node, score_unpromoted);
        return change;
    }

    Change stop(System& node) override {
        if (action().claim == Claim::unblock && !is_promotable()) return close_behind(node);
        const auto change = leave_open(node);
        if (is_promotable()) publish_score(node, {});
        return change;
    }

    Change promote(System& node) override {
        const auto change = carry_out(promoted_claim(), node);
        publish_score(node, score_promoted);
        return change;
    }

    Change demote(System& node) override {
        if (unpromoted_claim() == Claim::block && !port_block::is_closed(door(), node)) {
            remember_connections(node);
            const auto change = carry_out(Claim::block, node);
            if (reset_local_on_unblock_stop()) port_block::end_connections(door(), node);
            publish_score(node, score_unpromoted);
            return change;
        }
        const auto change = carry_out(unpromoted_claim(), node);
        publish_score(node, score_unpromoted);
        return change;
    }

    ocf::State monitor(System& node) override {
        const auto state = is_promotable() ? role(node) : presence(node);
        if (!is_probe() && state != ocf::State::stopped && tickle_dir() &&
            !port_block::is_closed(door(), node))
            remember_connections(node);
        return state;
    }

private:
    /// Claim and deed are one to whoever else changes a door, or the newest claim would not be the
    /// last deed when the two ends of a group start at once. A stop goes on without.
    Fd lock(System& node) const try {
        return node.files.lock(environment().state_directory() / "portblock");
    } catch (const Error& problem) {
        log::warning(problem.what());
        return {};
    }

    /// The claim goes before the deed: whoever looks in between knows whose doing it is, and who is
    /// killed in between is found started, and not done.
    Change carry_out(Claim claim, System& node) {
        const auto other = claim == Claim::block ? Claim::unblock : Claim::block;
        auto all = claims(node);
        auto locked = lock(node);
        const auto claimed = all.make(claim, instance());
        if (is_promotable()) all.withdraw(other, instance());
        tell_shell_agent(node);
        if (claim == Claim::block) {
            const auto closed = port_block::close(door(), node);
            return closed == Change::made ? closed : claimed;
        }
        const auto opened = port_block::open(door(), node);
        all.withdraw_all(Claim::closing);
        locked.close();
        tickle(node);
        return opened == Change::made ? opened : claimed;
    }

    /// Stop of a resource that blocks. Another one that has closed the same door, and for which
    /// nobody has opened it yet, needs it closed.
    Change leave_open(System& node) {
        auto all = claims(node);
        auto change = Change::none;
        auto locked = lock(node);
        if (!all.is_closed_by_others(instance())) {
            change = port_block::open(door(), node);
            all.withdraw_all(Claim::closing);
            locked.close();
            try {
                port_block::remove_shell_rules(door(), portno.raw().value_or(""), node, deadline());
            } catch (const Error& problem) {
                log::warning("rules of ocf:heartbeat:portblock: ", problem.what());
            }
        }
        // These first: without a claim they would say that it runs.
        for (auto& state : shell_states(node))
            if (state.clear() == Change::made) change = Change::made;
        for (const auto claim : {Claim::block, Claim::unblock})
            if (all.withdraw(claim, instance()) == Change::made) change = Change::made;
        return change;
    }

    /// Stop of a resource that unblocks: closes what it has opened. The partner that blocks opens
    /// it when all between them has stopped.
    Change close_behind(System& node) {
        auto all = claims(node);
        if (!all.has(Claim::unblock, instance()) && !runs_by_shell_agent(node)) {
            // What a start that was killed may have begun to write.
            all.withdraw(Claim::unblock, instance());
            return Change::none;
        }
        remember_connections(node);
        const auto locked = lock(node);
        all.make(Claim::closing, instance());
        port_block::close(door(), node);
        if (reset_local_on_unblock_stop()) port_block::end_connections(door(), node);
        for (auto& state : shell_states(node)) state.clear();
        all.withdraw(Claim::unblock, instance());
        return Change::made;
    }

    ocf::State presence(System& node) const {
        const auto claim = action().claim;
        const auto all = claims(node);
        if (!all.has(claim, instance()))
            return runs_by_shell_agent(node) ? ocf::State::running : ocf::State::stopped;
        return is_in_force(claim, node) ? ocf::State::running : ocf::State::stopped;
    }

    ocf::State role(System& node) const {
        const auto all = claims(node);
        const bool promoted = all.has(promoted_claim(), instance());
        const bool unpromoted = all.has(unpromoted_claim(), instance());
        if (!promoted && !unpromoted) return ocf::State::stopped;
        // Both: it was killed on the way from one to the other. The newer one is what it was about.
        const bool is_promoted =
            promoted &&
            !(unpromoted && all.has_newer(unpromoted_claim(), promoted_claim(), instance()));
        const auto claim = is_promoted ? promoted_claim() : unpromoted_claim();
        if (!is_in_force(claim, node)) throw interference(claim);
        return is_promoted ? ocf::State::promoted : ocf::State::running;
    }

    /// Whether the ports are as the claim wants them, or as others of its kind have left them.
    bool is_in_force(Claim claim, System& node) const {
        const bool closed = port_block::is_closed(door(), node);
        if (closed == (claim == Claim::block)) return true;
        if (asks_for_rule()) return false;
        const auto all = claims(node);
        const bool legitimate = closed ? all.has_newer(Claim::block, claim, instance()) ||
                                             all.has_newer(Claim::closing, claim, instance())
                                       : all.has_newer(Claim::unblock, claim, instance());
        if (!legitimate) throw interference(claim);
        return true;
    }

    Error interference(Claim claim) const {
        const auto where = door().ports.to_text() + " of " + door().network.to_text();
        return Error{Kind::failed,
                     claim == Claim::block
                         ? "port " + where +
                               " is open: its rules in nftables' table inet san-portblock are gone"
                         : "port " + where + " is closed, by no resource of the cluster"};
    }

    void tickle(System& node) const {
        if (!tickle_dir()) return;
        tickle_list::tickle(tickle_list::file(tickle_dir()->path, door()), door(), node);
    }

    /// Never fails: what is lost are seconds of the clients' time. The directory may lie on storage
    /// that hangs, so it is a child that writes.
    void remember_connections(System& node) const try {
        if (!tickle_dir() || protocol().transport != Transport::tcp) return;
        const auto file = tickle_list::file(tickle_dir()->path, door());
        node.bounded.run(deadline().within(5s), [&](const Bounded::Progress& progress) {
            progress("writing " + file.string());
            tickle_list::save(file, door(), node);
            return Change::made;
        });
        copy(file, node);
    } catch (const Error& problem) {
        log::warning("the list of connections: ", problem.what());
    }

    void copy(const std::filesystem::path& file, System& node) const {
        auto command = text::words(sync_script());
        if (command.empty()) return;
        command.push_back(file);
        node.background.run([&node, command] {
            const auto done = node.commands.run(command, Deadline::in(60s));
            if (!done.ok()) log::warning("sync_script: ", done.complaint());
        });
    }
};

}  // namespace

std::unique_ptr<san::ocf::Agent> san::ocf::this_agent() { return std::make_unique<Portblock>(); }
