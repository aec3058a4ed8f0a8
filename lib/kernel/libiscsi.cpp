// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/libiscsi.hpp"

#include <csignal>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <poll.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/owned.hpp"
#include "base/text.hpp"

namespace san {

namespace {

using namespace std::chrono_literals;

using Context = Owned<iscsi_context, iscsi_destroy_context>;
using Task = Owned<scsi_task, scsi_free_scsi_task>;

// Whoever is asked to say goodbye and does not is left.
constexpr auto goodbye_time = 1s;

class Session {
public:
    Session(const Login& login, const Deadline& deadline)
        : context_{::iscsi_create_context(login.initiator.c_str())}, deadline_{deadline} {
        if (!context_) throw Error{Kind::failed, "libiscsi: no memory for a session"};
        auto* context = context_.get();
        ::iscsi_set_noautoreconnect(context, 1);
        ::iscsi_set_session_type(context, ISCSI_SESSION_NORMAL);
        ::iscsi_set_targetname(context, login.target.c_str());
        // The same ISID as a session of that name has would end it (RFC 7143 6.3.5). Initiators
        // choose by their maker or at random; this is random too, and of this process.
        ::iscsi_set_isid_random(context, static_cast<std::uint32_t>(::getpid()), 0x5a4e);
        if (login.incoming)
            ::iscsi_set_initiator_username_pwd(context, login.incoming->user.c_str(),
                                               login.incoming->password.reveal().c_str());
        if (login.outgoing)
            ::iscsi_set_target_username_pwd(context, login.outgoing->user.c_str(),
                                            login.outgoing->password.reveal().c_str());
        const auto portal = login.ip.family() == Family::ipv6
                                ? "[" + login.ip.to_text() + "]:" + std::to_string(login.port)
                                : login.ip.to_text() + ":" + std::to_string(login.port);
        begin();
        must(::iscsi_connect_async(context, portal.c_str(), note, &exchange_), "connecting");
        must(await(deadline_.within(connect_time)), "connecting");
        begin();
        must(::iscsi_login_async(context, note, &exchange_), "login");
        must(await(deadline_), "login");
    }

    std::string serial(unsigned lun) {
        constexpr int vital = 1, longest = 255;
        begin();
        task_.reset(::iscsi_inquiry_task(context_.get(), static_cast<int>(lun), vital,
                                         SCSI_INQUIRY_PAGECODE_UNIT_SERIAL_NUMBER, longest, note,
                                         &exchange_));
        finish("INQUIRY");
        const auto* page = static_cast<const scsi_inquiry_unit_serial_number*>(
            ::scsi_datain_unmarshall(task_.get()));
        if (page == nullptr || page->usn == nullptr)
            throw Error{Kind::failed, "INQUIRY: the answer is too short"};
        return std::string{text::trimmed(page->usn)};
    }

    void list_units() {
        constexpr int all = 0, longest = 512;
        begin();
        task_.reset(::iscsi_reportluns_task(context_.get(), all, longest, note, &exchange_));
        finish("REPORT LUNS");
    }

    void log_out() {
        begin();
        if (::iscsi_logout_async(context_.get(), note, &exchange_) == 0)
            await(deadline_.within(goodbye_time));
    }

private:
    struct Exchange {
        bool done = false;
        int status = 0;
    };

    static void note(iscsi_context*, int status, void*, void* exchange) {
        *static_cast<Exchange*>(exchange) = {.done = true, .status = status};
    }

    void begin() { exchange_ = {}; }

    /// 0 when the exchange ended well.
    int await(const Deadline& deadline) {
        while (!exchange_.done) {
            pollfd socket{::iscsi_get_fd(context_.get()),
                          static_cast<short>(::iscsi_which_events(context_.get())), 0};
            if (deadline.expired()) throw Error{Kind::failed, "no answer in time"};
            if (::poll(&socket, 1, static_cast<int>(deadline.left().count())) <= 0) continue;
            if (::iscsi_service(context_.get(), socket.revents) != 0) return -1;
        }
        return exchange_.status;
    }

    void must(int result, const std::string& doing) {
        if (result != 0) throw Error{Kind::failed, doing + ": " + complaint()};
    }

    void finish(const std::string& what) {
        if (!task_) throw Error{Kind::failed, what + ": " + complaint()};
        const int status = await(deadline_);
        if (status == SCSI_STATUS_CHECK_CONDITION)
            throw Error{Kind::failed, what + ": " + ::scsi_sense_key_str(task_->sense.key) + ", " +
                                          ::scsi_sense_ascq_str(task_->sense.ascq)};
        must(status, what);
    }

    std::string complaint() const {
        std::string text{text::trimmed(::iscsi_get_error(context_.get()))};
        return text.empty() ? "the target has closed the connection" : text;
    }

    // In this order: a context that is destroyed still writes to what is on its way.
    Exchange exchange_{};
    Task task_;
    Context context_;
    Deadline deadline_;
};

class Libiscsi final : public Initiator {
public:
    // libiscsi writes to sockets that the target may have closed.
    Libiscsi() { ::signal(SIGPIPE, SIG_IGN); }

    bool reaches(const Ip& ip, std::uint16_t port) override { return connects(ip, port); }

    std::optional<std::string> ask(const Login& login, const Deadline& deadline) override {
        Session session{login, deadline};
        std::optional<std::string> serial;
        if (login.lun)
            serial = session.serial(*login.lun);
        else
            session.list_units();
        session.log_out();
        return serial;
    }
};

}  // namespace

}  // namespace san

san::Initiator* san_logins_make() { return new san::Libiscsi; }
