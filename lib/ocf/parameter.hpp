// SPDX-License-Identifier: GPL-2.0-or-later
// One declaration per parameter. From it come the lookup, the validation, the metadata, the manual
// page, --help and the warning about unknown parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "ocf/environment.hpp"

namespace san::ocf {

/// Texts are literals: only metadata and manual read them, and each action would copy them.
struct Declaration {
    std::string name;
    const char* brief = "";  ///< one line
    const char* text = "";   ///< whole sentences
    bool required = false;
    bool unique = false;      ///< no two resources may have the same value
    bool reloadable = false;  ///< a change is taken over by reload-agent, without a restart
    std::optional<std::string> fallback{};  ///< the value when unset
};

/// What metadata calls the type of a value.
enum class Content { string, integer, boolean };

class Agent;

class Parameter_base {
public:
    Parameter_base(Agent& agent, Declaration declaration, Content content);
    Parameter_base(const Parameter_base&) = delete;
    Parameter_base& operator=(const Parameter_base&) = delete;
    virtual ~Parameter_base() = default;

    const Declaration& declaration() const { return declaration_; }
    Content content() const { return content_; }

    /// Takes the value from the environment; problems are kept for check().
    virtual void load(const Environment& environment) = 0;
    /// Errors  misconfigured or what the type's parser threw, naming parameter and value
    virtual void check() const = 0;

protected:
    Error problem(const std::string& value, const Error& cause) const;
    Error missing() const;

private:
    Declaration declaration_;
    Content content_;
};

/// How a type is read. Types with rules bring `static T parse(std::string_view)`, which throws an
/// Error whose text says what was expected; text, number and truth value are read here.
template <class T>
struct Reader {
    static T read(const std::string& value) { return T::parse(value); }
    static constexpr Content content = Content::string;
};
template <>
struct Reader<std::string> {
    static std::string read(const std::string& value) { return value; }
    static constexpr Content content = Content::string;
};
template <>
struct Reader<bool> {
    static bool read(const std::string& value);
    static constexpr Content content = Content::boolean;
};
template <>
struct Reader<int> {
    static int read(const std::string& value);
    static constexpr Content content = Content::integer;
};
template <>
struct Reader<std::uint32_t> {
    static std::uint32_t read(const std::string& value);
    static constexpr Content content = Content::integer;
};
/// A list separated by blanks.
template <class T>
struct Reader<std::vector<T>> {
    static std::vector<T> read(const std::string& value) {
        std::vector<T> list;
        for (const auto& word : text::words(value)) list.push_back(Reader<T>::read(word));
        return list;
    }
    static constexpr Content content = Content::string;
};

/// Empty text is no value. Declare it with an empty fallback.
template <class T>
struct Reader<std::optional<T>> {
    static std::optional<T> read(const std::string& value) {
        if (value.empty()) return {};
        return Reader<T>::read(value);
    }
    static constexpr Content content = Reader<T>::content;
};

/// A parameter of type T. Required or with a fallback it always has a value; otherwise use
/// is_set().
template <class T>
class Parameter final : public Parameter_base {
public:
    Parameter(Agent& agent, Declaration declaration)
        : Parameter_base{agent, std::move(declaration), Reader<T>::content} {}

    void load(const Environment& environment) override {
        raw_ = environment.parameter(declaration().name);
        value_.reset();
        problem_.reset();
        const auto text = raw_ ? raw_ : declaration().fallback;
        if (!text || (declaration().required && text->empty())) return;
        try {
            value_ = Reader<T>::read(*text);
        } catch (const Error& cause) {
            problem_ = problem(*text, cause);
        }
    }

    void check() const override {
        if (problem_) throw *problem_;
        if (declaration().required && !value_) throw missing();
    }

    /// The value. Errors: as check(); misconfigured when it is optional and absent.
    const T& operator()() const {
        check();
        if (!value_) throw missing();
        return *value_;
    }

    /// Whether the administrator gave a value, be it empty.
    bool is_set() const { return raw_.has_value(); }
    /// Given and not empty, or with a fallback that is not.
    bool has_value() const { return value_.has_value() && !(raw_ && raw_->empty()); }
    const std::optional<std::string>& raw() const { return raw_; }

private:
    std::optional<std::string> raw_;
    std::optional<T> value_;
    std::optional<Error> problem_;
};

}  // namespace san::ocf
