// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <poll.h>
#include <span>
#include <sys/socket.h>

#include "port_groups.hpp"

namespace initiator {
namespace {

using namespace std::chrono_literals;

constexpr auto connect_timeout = 1s;
// A command on its way when the stop comes: most answers arrive within this time, and each one
// that does is one block less of unknown fate.
constexpr auto last_answer = 500ms;
constexpr auto closed = "connection closed by the target";
// libiscsi's own limit, in iscsi_testunitready_cb().
constexpr int most_unit_attentions = 10;

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string digits;
    for (const auto byte : bytes) {
        char pair[3];
        std::snprintf(pair, sizeof pair, "%02x", static_cast<unsigned>(byte));
        digits += pair;
    }
    return digits;
}

// Standard inquiry fields are padded with blanks.
std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    text.erase(0, text.find_first_not_of(' '));
    return text;
}

std::string sense_text(const scsi_sense& sense) {
    char text[120];
    std::snprintf(text, sizeof text, "sense %x/%02x/%02x %s %s", static_cast<unsigned>(sense.key),
                  static_cast<unsigned>(sense.ascq) >> 8 & 0xff,
                  static_cast<unsigned>(sense.ascq) & 0xff, scsi_sense_key_str(sense.key),
                  scsi_sense_ascq_str(sense.ascq));
    return text;
}

}  // namespace

Session::Session(const Peer& peer, Stop& stop)
    : peer_(peer), stop_(stop), context_(iscsi_create_context(peer.initiator_name.c_str())) {
    if (!context_) throw std::runtime_error("iscsi_create_context: out of memory");
    iscsi_set_noautoreconnect(context_.get(), 1);
    iscsi_set_tcp_user_timeout(context_.get(), static_cast<int>(peer.answer_timeout.count()));
    iscsi_set_session_type(context_.get(), ISCSI_SESSION_NORMAL);
    iscsi_set_header_digest(context_.get(), ISCSI_HEADER_DIGEST_NONE);
    iscsi_set_targetname(context_.get(), peer.target.c_str());
    // The same ISID each time makes the login a reinstatement: the target ends what is left of
    // the previous session, so a write given up here cannot arrive late over a newer one.
    iscsi_set_isid_random(context_.get(), peer.isid, 0);
    if (!peer.user.empty())
        iscsi_set_initiator_username_pwd(context_.get(), peer.user.c_str(), peer.password.c_str());
    if (!peer.target_user.empty())
        iscsi_set_target_username_pwd(context_.get(), peer.target_user.c_str(),
                                      peer.target_password.c_str());
    connect();
    log_in();
    if (peer.expects_ready)
        command("TEST UNIT READY", [this](iscsi_context* context) {
            return iscsi_testunitready_task(context, peer_.lun, note_done, &exchange_);
        });
    read_capacity();
}

void Session::note_done(iscsi_context*, int status, void*, void* exchange) {
    auto& noted = *static_cast<Exchange*>(exchange);
    noted.status = status;
    noted.done = true;
}

// libiscsi keeps an error's text for good, so the one of an earlier exchange (a unit attention,
// say) must not be taken for the cause of this one's end.
void Session::begin() {
    exchange_ = {};
    old_error_ = iscsi_get_error(context_.get());
}

void Session::connect() {
    begin();
    if (iscsi_connect_async(context_.get(), peer_.portal.c_str(), note_done, &exchange_) != 0)
        throw Session_lost("connecting: " + library_error());
    await("connecting", connect_timeout);
    if (exchange_.status != SCSI_STATUS_GOOD) throw Session_lost("connecting: " + library_error());
}

void Session::log_in() {
    begin();
    if (iscsi_login_async(context_.get(), note_done, &exchange_) != 0)
        throw Session_lost("login: " + library_error());
    await("login", peer_.answer_timeout);
    if (exchange_.status != SCSI_STATUS_GOOD) throw Session_lost("login: " + library_error());
}

void Session::read_capacity() {
    command("READ CAPACITY", [this](iscsi_context* context) {
        return iscsi_readcapacity16_task(context, peer_.lun, note_done, &exchange_);
    });
    const auto* capacity =
        static_cast<const scsi_readcapacity16*>(scsi_datain_unmarshall(task_.get()));
    if (capacity == nullptr) throw Session_lost("READ CAPACITY: answer too short");
    sector_bytes_ = capacity->block_length;
    if (sector_bytes_ == 0 || block_bytes % sector_bytes_ != 0)
        throw Session_lost("READ CAPACITY: sectors of " + std::to_string(sector_bytes_) +
                           " bytes, expected a divisor of 4096");
    capacity_bytes_ = (capacity->returned_lba + 1) * sector_bytes_;
}

void Session::write(std::uint64_t slot, const Block& block) { send(slot, block, 1); }

void Session::write_plainly(std::uint64_t slot, const Block& block) { send(slot, block, 0); }

void Session::send(std::uint64_t slot, const Block& block, int fua) {
    // libiscsi takes a pointer to non-const but only reads through it.
    auto* data = const_cast<unsigned char*>(block.data());
    const auto size = static_cast<int>(sector_bytes_);
    const auto sector = slot * (block_bytes / sector_bytes_);
    command("WRITE", [=, this](iscsi_context* context) {
        return iscsi_write16_task(context, peer_.lun, sector, data, block_bytes, size, 0, 0, fua, 0,
                                  0, note_done, &exchange_);
    });
}

Block Session::read(std::uint64_t slot) {
    const auto size = static_cast<int>(sector_bytes_);
    const auto sector = slot * (block_bytes / sector_bytes_);
    command("READ", [=, this](iscsi_context* context) {
        return iscsi_read16_task(context, peer_.lun, sector, block_bytes, size, 0, 0, 0, 0, 0,
                                 note_done, &exchange_);
    });
    if (task_->datain.size != static_cast<int>(block_bytes))
        throw Session_lost("READ: " + std::to_string(task_->datain.size) +
                           " bytes came, expected 4096");
    Block block;
    std::copy_n(task_->datain.data, block_bytes, block.begin());
    return block;
}

Identity Session::identify() {
    const auto inquire = [this](int vital, int page) {
        command("INQUIRY", [=, this](iscsi_context* context) {
            return iscsi_inquiry_task(context, peer_.lun, vital, page, 255, note_done, &exchange_);
        });
        return scsi_datain_unmarshall(task_.get());
    };
    Identity identity;
    const auto* standard = static_cast<const scsi_inquiry_standard*>(inquire(0, 0));
    if (standard == nullptr) throw Session_lost("INQUIRY: answer too short");
    identity.vendor = trimmed(standard->vendor_identification);
    identity.product = trimmed(standard->product_identification);
    identity.revision = trimmed(standard->product_revision_level);

    const auto* serial = static_cast<const scsi_inquiry_unit_serial_number*>(
        inquire(1, SCSI_INQUIRY_PAGECODE_UNIT_SERIAL_NUMBER));
    if (serial != nullptr && serial->usn != nullptr) identity.serial = trimmed(serial->usn);
    return identity;
}

std::string Session::caching_page() {
    command("MODE SENSE", [this](iscsi_context* context) {
        return iscsi_modesense6_task(context, peer_.lun, 1, SCSI_MODESENSE_PC_CURRENT,
                                     SCSI_MODEPAGE_CACHING, 0, 255, note_done, &exchange_);
    });
    // A header of four bytes whose last says how long the descriptors between it and the page are.
    const auto size = static_cast<std::size_t>(std::max(task_->datain.size, 0));
    const std::span<const std::uint8_t> data{task_->datain.data, size};
    const auto begin = size < 4 ? size : std::size_t{4} + data[3];
    if (begin + 2 > size || begin + 2 + data[begin + 1] > size)
        throw Session_lost("MODE SENSE: answer too short");
    return hex(data.subspan(begin, std::size_t{2} + data[begin + 1]));
}

std::string Session::naa() {
    command("INQUIRY", [this](iscsi_context* context) {
        return iscsi_inquiry_task(context, peer_.lun, 1,
                                  SCSI_INQUIRY_PAGECODE_DEVICE_IDENTIFICATION, 255, note_done,
                                  &exchange_);
    });
    const auto* page =
        static_cast<const scsi_inquiry_device_identification*>(scsi_datain_unmarshall(task_.get()));
    if (page == nullptr) throw Session_lost("INQUIRY: answer too short");
    std::string digits;
    for (const auto* one = page->designators; one != nullptr; one = one->next) {
        if (one->designator_type != SCSI_DESIGNATOR_TYPE_NAA ||
            one->association != SCSI_ASSOCIATION_LOGICAL_UNIT)
            continue;
        digits += hex({reinterpret_cast<const std::uint8_t*>(one->designator),
                       static_cast<std::size_t>(one->designator_length)});
    }
    return digits;
}

std::vector<std::uint8_t> Session::target_port_groups() {
    constexpr std::uint8_t size = 255;
    command("REPORT TARGET PORT GROUPS", [this](iscsi_context* context) -> scsi_task* {
        std::array<unsigned char, 12> cdb{maintenance_in, report_target_port_groups};
        cdb[9] = size;
        auto* task = scsi_create_task(cdb.size(), cdb.data(), SCSI_XFER_READ, size);
        if (task == nullptr ||
            iscsi_scsi_command_async(context, peer_.lun, task, note_done, nullptr, &exchange_) == 0)
            return task;
        scsi_free_scsi_task(task);
        return nullptr;
    });
    return {task_->datain.data, task_->datain.data + task_->datain.size};
}

void Session::stall() {
    // RFC 7143, 11.3: a SCSI command with 4096 bytes of immediate data, of which 100 are sent.
    std::array<unsigned char, 48 + 100> part{};
    part[0] = 0x01;
    part[1] = 0xa1;
    part[6] = part[22] = 0x10;
    part[9] = static_cast<unsigned char>(peer_.lun);
    part[16] = 0x7f;
    part[32] = 0x2a;
    part[40] = static_cast<unsigned char>(4096 / sector_bytes_);
    if (::send(iscsi_get_fd(context_.get()), part.data(), part.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(part.size()))
        throw Session_lost("sending half a WRITE: " + std::string{std::strerror(errno)});
}

void Session::idle(Clock::time_point until) {
    while (!stop_.requested() && Clock::now() < until) serve(until);
}

// One round of libiscsi's event loop.
void Session::serve(Clock::time_point until) {
    const auto events = iscsi_which_events(context_.get());
    const auto ready = stop_.wait(iscsi_get_fd(context_.get()), static_cast<short>(events), until);
    // Asked for here, since libiscsi replaces the cause by a remark on its reconnecting.
    if ((ready & (POLLERR | POLLHUP)) != 0) throw Session_lost(socket_error());
    if (iscsi_service(context_.get(), ready) != 0) throw Session_lost(library_error());
}

void Session::await(const std::string& what, std::chrono::milliseconds timeout) {
    const auto limit = Clock::now() + timeout;
    while (!exchange_.done) {
        const auto now = Clock::now();
        if (stop_.requested() && now >= stop_.end() + last_answer) throw Interrupted(what);
        if (now >= limit)
            throw Session_lost(what + ": no answer within " + std::to_string(timeout.count()) +
                               " ms");
        serve(stop_.requested() ? std::min(limit, stop_.end() + last_answer) : limit);
    }
}

// Runs one command to its end. A unit attention only tells that something happened before the
// command, which was not executed, so it is sent again.
int Session::answer(const std::string& what, const Simple_maker& make) {
    for (int attentions = 0;; ++attentions) {
        begin();
        task_.reset(make(context_.get()));
        if (!task_) throw Session_lost(what + ": " + library_error());
        await(what, peer_.answer_timeout);
        const auto status = exchange_.status;
        if (status > 0xff)  // libiscsi's own codes lie above the SCSI status byte
            throw Session_lost(what + ": " + library_error());
        if (status != SCSI_STATUS_CHECK_CONDITION) return status;
        if (task_->sense.key != SCSI_SENSE_UNIT_ATTENTION || attentions == most_unit_attentions)
            throw Session_lost(what + ": " + sense_text(task_->sense));
    }
}

void Session::command(const std::string& what, const Simple_maker& make) {
    const auto status = answer(what, make);
    if (status != SCSI_STATUS_GOOD)
        throw Session_lost(what + ": SCSI status " + std::to_string(status));
}

int Session::ask(const std::string& what, const Task_maker& make, std::string* data) {
    const auto status =
        answer(what, [&](iscsi_context* context) { return make(context, note_done, &exchange_); });
    if (data != nullptr)
        data->assign(reinterpret_cast<const char*>(task_->datain.data),
                     static_cast<std::size_t>(std::max(task_->datain.size, 0)));
    return status;
}

std::string Session::socket_error() const {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(iscsi_get_fd(context_.get()), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? closed : std::strerror(error);
}

std::string Session::library_error() const {
    std::string text = iscsi_get_error(context_.get());
    const auto no_cause = text.empty() || text == old_error_ ||
                          text.starts_with("iscsi_service_reconnect_if_loggedin");
    std::replace(text.begin(), text.end(), '\n', ' ');
    return no_cause ? closed : trimmed(text);
}

}  // namespace initiator
