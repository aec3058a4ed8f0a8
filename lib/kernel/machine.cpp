// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/machine.hpp"

#include <utility>

#include "base/background.hpp"
#include "base/bounded.hpp"
#include "base/command.hpp"
#include "base/process.hpp"
#include "kernel/addresses.hpp"
#include "kernel/configfs.hpp"
#include "kernel/connections.hpp"
#include "kernel/drbd.hpp"
#include "kernel/files.hpp"
#include "kernel/firewall.hpp"
#include "kernel/iet.hpp"
#include "kernel/initiator.hpp"
#include "kernel/mapper.hpp"
#include "kernel/networks.hpp"
#include "kernel/residents.hpp"
#include "kernel/scst.hpp"
#include "kernel/tgt.hpp"
#include "kernel/watchers.hpp"

namespace san {

struct Machine::Parts {
    Files files;
    Mounted_configfs configfs;
    std::unique_ptr<Addresses> addresses = make_addresses();
    std::unique_ptr<Links> links = make_links();
    std::unique_ptr<Routes> routes = make_routes();
    std::unique_ptr<Announcer> announcer = make_announcer();
    std::unique_ptr<Networks> networks = make_networks();
    std::unique_ptr<Firewall> firewall = make_firewall();
    std::unique_ptr<Connections> connections = make_connections();
    std::unique_ptr<Initiator> initiator = make_initiator();
    std::unique_ptr<Mapper> mapper = make_mapper();
    std::unique_ptr<drbd::Kernel> drbd = drbd::make_kernel();
    std::unique_ptr<tgt::Daemon> tgt = tgt::make_daemon(tgt::default_socket(own_variables()));
    std::unique_ptr<Scst_tree> scst = make_scst_tree();
    Programs commands;
    std::unique_ptr<iet::Control> iet = iet::make_control(commands);
    Forked bounded;
    Detached background;
    std::unique_ptr<Watchers> watchers = make_watchers(background);
    std::unique_ptr<Residents> residents = make_residents(background);
};

Machine::Machine(std::string node_name, Node_attributes& attributes)
    : parts_{std::make_unique<Parts>()},
      system_{.name = std::move(node_name),
              .files = parts_->files,
              .configfs = parts_->configfs,
              .addresses = *parts_->addresses,
              .links = *parts_->links,
              .routes = *parts_->routes,
              .announcer = *parts_->announcer,
              .networks = *parts_->networks,
              .firewall = *parts_->firewall,
              .connections = *parts_->connections,
              .initiator = *parts_->initiator,
              .mapper = *parts_->mapper,
              .drbd = *parts_->drbd,
              .tgt = *parts_->tgt,
              .iet = *parts_->iet,
              .scst = *parts_->scst,
              .commands = parts_->commands,
              .bounded = parts_->bounded,
              .background = parts_->background,
              .attributes = attributes,
              .watchers = *parts_->watchers,
              .residents = *parts_->residents} {}

Machine::~Machine() = default;

System& Machine::system() { return system_; }

}  // namespace san
