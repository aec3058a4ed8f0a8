// SPDX-License-Identifier: GPL-2.0-or-later
// Everything an agent may touch, handed to every verb. There are no globals behind it: a test
// hands over fakes.
#pragma once

#include <string>

namespace san {

class Files;
class Configfs;
class Addresses;
class Links;
class Routes;
class Announcer;
class Networks;
class Firewall;
class Connections;
class Initiator;
class Mapper;
class Commands;
class Bounded;
class Background;
class Node_attributes;
class Watchers;
class Residents;
class Scst_tree;
namespace drbd {
class Kernel;
}
namespace iet {
class Control;
}
namespace tgt {
class Daemon;
}

struct System {
    std::string name;  ///< the node's name in the cluster
    Files& files;
    Configfs& configfs;
    Addresses& addresses;
    Links& links;
    Routes& routes;
    Announcer& announcer;
    Networks& networks;
    Firewall& firewall;
    Connections& connections;
    Initiator& initiator;
    Mapper& mapper;
    drbd::Kernel& drbd;
    tgt::Daemon& tgt;
    iet::Control& iet;
    Scst_tree& scst;
    Commands& commands;
    Bounded& bounded;
    Background& background;
    Node_attributes& attributes;
    Watchers& watchers;
    Residents& residents;
};

}  // namespace san
