// SPDX-License-Identifier: GPL-2.0-or-later
// The names of iSCSI and SCSI things, each with its rules.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip.hpp"

namespace san {

/// The name of a target or an initiator.
class Iscsi_name {
public:
    /// "iqn.", "eui." or "naa." and what belongs behind it, in lower case.
    ///
    /// Source  RFC 7143 4.2.7 and RFC 3722 for the characters; LIO compares an initiator's name in
    ///         lower case with what was configured as it was spelled, so capitals never match
    /// Errors  misconfigured
    static Iscsi_name parse(std::string_view text);
    const std::string& to_text() const { return name_; }
    friend auto operator<=>(const Iscsi_name&, const Iscsi_name&) = default;

private:
    explicit Iscsi_name(std::string name) : name_{std::move(name)} {}
    std::string name_;
};

/// Whom a list admits: an initiator by its name, or, with tgt, whoever has an address of a network.
struct Initiator_entry {
    std::optional<Iscsi_name> name{};
    std::string network{};  ///< "10.0.0.7", "10.0.0.0/24", "2001:db8::/64"

    /// Errors  misconfigured
    static Initiator_entry parse(std::string_view text);
};

/// An address and a TCP port to log in at.
class Portal {
public:
    /// IANA's port for iSCSI targets.
    static constexpr std::uint16_t default_port = 3260;

    /// "10.0.0.7", "10.0.0.7:3260", "[fe80::1]:3260" or "fe80::1". Errors: misconfigured.
    static Portal parse(std::string_view text);
    static Portal at(const Ip& ip, std::uint16_t port) { return Portal{ip, port}; }
    const Ip& ip() const { return ip_; }
    std::uint16_t port() const { return port_; }
    /// As LIO names the portal's directory.
    std::string to_text() const;
    friend auto operator<=>(const Portal&, const Portal&) = default;

private:
    Portal(Ip ip, std::uint16_t port) : ip_{ip}, port_{port} {}
    Ip ip_;
    std::uint16_t port_;
};

/// The number of a logical unit on its target.
class Lun_number {
public:
    /// Errors  misconfigured
    static Lun_number parse(std::string_view text);
    /// As LIO names its directory: "lun_0".
    std::string directory() const { return "lun_" + to_text(); }
    std::string to_text() const { return std::to_string(number_); }
    std::uint16_t number() const { return number_; }

private:
    explicit Lun_number(std::uint16_t number) : number_{number} {}
    std::uint16_t number_;
};

/// "0" or "1", for an attribute that switches something.
class Switch {
public:
    /// Errors  misconfigured
    static Switch parse(std::string_view text);
    bool is_on() const { return on_; }
    std::string to_text() const { return on_ ? "1" : "0"; }

private:
    explicit Switch(bool on) : on_{on} {}
    bool on_;
};

/// The serial number an initiator reads in VPD page 0x80, and from which LIO makes the NAA name.
class Scsi_serial {
public:
    /// Errors  misconfigured
    static Scsi_serial parse(std::string_view text);
    /// The serial that the shell agent gives a resource: disks keep their identity when the agent
    /// is replaced.
    static Scsi_serial of_resource(std::string_view instance);
    /// A serial that follows from where initiators find the unit: the same on every node, another
    /// one in every cluster, with as many hex digits as an NAA name takes, and more.
    static Scsi_serial of_place(const Iscsi_name& target, const Lun_number& lun);
    const std::string& to_text() const { return serial_; }

private:
    explicit Scsi_serial(std::string serial) : serial_{std::move(serial)} {}
    std::string serial_;
};

/// The product field of a standard INQUIRY.
class Scsi_product {
public:
    /// Errors  misconfigured
    static Scsi_product parse(std::string_view text);
    const std::string& to_text() const { return product_; }

private:
    explicit Scsi_product(std::string product) : product_{std::move(product)} {}
    std::string product_;
};

/// The vendor field of a standard INQUIRY.
class Scsi_vendor {
public:
    /// Errors  misconfigured
    static Scsi_vendor parse(std::string_view text);
    const std::string& to_text() const { return vendor_; }

private:
    explicit Scsi_vendor(std::string vendor) : vendor_{std::move(vendor)} {}
    std::string vendor_;
};

/// The size of a unit's blocks.
class Block_size {
public:
    /// Source  block_size_store, target_core_configfs.c, 6.1, takes no other
    /// Errors  misconfigured
    static Block_size parse(std::string_view text);
    unsigned bytes() const { return bytes_; }
    std::string to_text() const { return std::to_string(bytes_); }

private:
    explicit Block_size(unsigned bytes) : bytes_{bytes} {}
    unsigned bytes_;
};

/// A block device or a file that can be exported.
class Backing_path {
public:
    /// Source  LIO separates the options of a backstore by commas and newlines, so that a path with
    ///         one cannot be said (6.1)
    /// Errors  misconfigured
    static Backing_path parse(std::string_view text);
    const std::string& to_text() const { return path_; }

private:
    explicit Backing_path(std::string path) : path_{std::move(path)} {}
    std::string path_;
};

}  // namespace san
