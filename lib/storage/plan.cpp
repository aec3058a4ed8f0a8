// SPDX-License-Identifier: GPL-2.0-or-later
#include "storage/plan.hpp"

#include <cerrno>
#include <cstring>

#include "base/log.hpp"
#include "base/rollback.hpp"

namespace san {

namespace {

std::string shown(const Step& step) {
    return step.secret || step.unseen || step.act != Step::Act::write ? std::string{}
                                                                      : " to " + step.content;
}

Change act(const Step& step, Configfs& configfs) {
    switch (step.act) {
        case Step::Act::make:
            return configfs.make(step.at);
        case Step::Act::link:
            return configfs.link(step.at, step.content);
        case Step::Act::unlink:
            return configfs.unlink(step.at);
        case Step::Act::remove:
            return configfs.remove(step.at);
        case Step::Act::write:
            break;
    }
    configfs.write(step.at, step.content);
    return Change::made;
}

bool may_go_without(const Step& step, int errnum) {
    if (!step.optional) return false;
    // ENOSYS: UNMAP on a device that cannot discard (6.1).
    if (step.act == Step::Act::write) return errnum == ENOENT || errnum == ENOSYS;
    return errnum == ENOTEMPTY || errnum == EBUSY;
}

/// Whether the kernel does not take the value, the attribute takes none, or the address that it is
/// for is no device's.
bool is_refusal(int errnum) {
    for (const int refused : {EINVAL, EOVERFLOW, ERANGE, EACCES, ENODEV, EADDRNOTAVAIL})
        if (errnum == refused) return true;
    return false;
}

Change perform(const Plan& plan, const Step& step, Configfs& configfs) {
    // Caught here because the paths of configfs, in front of the reason, would push it out of the
    // 128 bytes that the cluster keeps.
    try {
        return act(step, configfs);
    } catch (const Error& failure) {
        const auto errnum = failure.errnum();
        if (may_go_without(step, errnum)) return Change::none;
        if (step.refusal && is_refusal(errnum))
            throw Error{step.refusal->kind, step.refusal->text, errnum};
        auto said =
            Error{failure.kind(), errnum != 0 ? std::strerror(errnum) : failure.what(), errnum};
        throw said.within(step.doing()).within(plan.subject);
    }
}

/// The way back from a step that made something new; values need none, their directory goes.
void register_undo(Rollback& rollback, const Step& step, Configfs& configfs) {
    if (step.act == Step::Act::make)
        rollback.on_failure([&] { configfs.remove(step.at); });
    else if (step.act == Step::Act::link)
        rollback.on_failure([&] { configfs.unlink(step.at); });
}

void report_built(const Plan& plan, const Configfs& configfs) {
    for (const auto& step : plan.steps) {
        if (step.optional && configfs.find(step.at) != step.content)
            log::warning(plan.subject, ": ", step.name, " cannot be set to ", step.content,
                         " with this kernel or device");
        else
            log::info(plan.subject, ": ", step.done());
    }
}

}  // namespace

std::string Step::doing() const {
    if (!task.empty()) return task;
    switch (act) {
        case Act::make:
        case Act::link:
            return "adding " + name;
        case Act::write:
            return "setting " + name + shown(*this);
        case Act::unlink:
        case Act::remove:
            break;
    }
    return "removing " + name;
}

std::string Step::done() const {
    switch (act) {
        case Act::make:
        case Act::link:
            return name + " added";
        case Act::write:
            return name + " set" + shown(*this);
        case Act::unlink:
        case Act::remove:
            break;
    }
    return name + " removed";
}

Change build(const Plan& plan, Configfs& configfs, Bounded& bounded, const Deadline& deadline) {
    if (plan.steps.empty()) return Change::none;
    return build(
        plan.subject, [&] { return plan; }, configfs, bounded, deadline);
}

Change build(const std::string& subject, const std::function<Plan()>& observe, Configfs& configfs,
             Bounded& bounded, const Deadline& deadline) {
    return bounded.run(deadline, [&](const Bounded::Progress& progress) {
        progress(subject + ": an earlier removal to end");
        const auto plan = observe();
        auto made = Change::none;
        Rollback rollback;
        rollback.guard([&] {
            for (const auto& step : plan.steps) {
                progress(plan.subject + ": " + step.doing());
                const auto step_made = perform(plan, step, configfs);
                if (step_made == Change::made) register_undo(rollback, step, configfs);
                made |= step_made;
            }
        });
        report_built(plan, configfs);
        return made;
    });
}

Change take_down(const std::string& subject, const std::function<Plan()>& observe,
                 Configfs& configfs, Bounded& bounded, const Deadline& deadline,
                 const Bounded::Nudge& nudge) {
    const auto work = [&](const Bounded::Progress& progress) {
        progress(subject + ": an earlier removal to end");
        const auto plan = observe();
        auto made = Change::none;
        Best_effort effort;
        for (const auto& step : plan.steps)
            effort.step([&] {
                progress(plan.subject + ": " + step.doing());
                const auto step_made = perform(plan, step, configfs);
                if (step_made == Change::made) log::info(plan.subject, ": ", step.done());
                made |= step_made;
            });
        effort.done();
        return made;
    };
    return bounded.run(deadline, work, nudge);
}

}  // namespace san
