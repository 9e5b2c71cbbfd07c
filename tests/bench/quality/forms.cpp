#include "forms.h"

#include <algorithm>

#include "core/archive.h"
#include "core/failure.h"

namespace bench {

namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

// UnionPay's summary is left as it is: it states no rows.
bool has_rows(const payments::StatementFile& file) { return !file.name.starts_with("RD"); }

std::string with_line_ends(std::string_view text, bool crlf) {
    std::string changed;
    for (const char c : text) {
        if (c == '\n' && crlf) {
            changed += '\r';
        }
        if (c != '\r') {
            changed += c;
        }
    }
    return changed;
}

// The second line's: a detail row in the files that have a heading and in those that have none.
struct Span {
    std::size_t begin;
    std::size_t end;  // without what ends the line
};
Span second_line(const std::string& text) {
    const auto begin = text.find('\n') + 1;
    const auto end = text.find_first_of("\r\n", begin);
    core::ensure(begin != 0 && end != std::string::npos, "a statement has two lines");
    return {begin, end};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

// From "1900000109All2026-11-18.csv" and "INN26111788ZM_777290058110097".
std::string merchant_in(const std::string& name) {
    const auto underscore = name.find('_');
    return underscore == std::string::npos ? name.substr(0, name.find("All")) : name.substr(underscore + 1);
}

void give_to_another_merchant(Files& files) {
    const std::string merchant = merchant_in(file_of_rows(files).name);
    std::string other = merchant;
    other.back() = other.back() == '9' ? '8' : '9';
    for (auto& file : files) {
        replace_all(file.name, merchant, other);
        replace_all(file.bytes, merchant, other);
    }
}

}  // namespace

payments::StatementFile& file_of_rows(Files& files) {
    const auto at = std::find_if(files.begin(), files.end(), has_rows);
    core::ensure(at != files.end(), "a statement has a file of rows");
    return *at;
}

Files unpacked(const Files& files) {
    Files plain;
    for (const auto& file : files) {
        if (!core::is_packed(file.bytes)) {
            plain.push_back(file);
            continue;
        }
        const auto members = core::unpack(file.bytes);
        core::ensure(static_cast<bool>(members), "a simulator's archive is whole");
        for (const auto& member : *members) {
            const auto name = file.name.substr(0, file.name.rfind(".gz"));
            plain.push_back({member.name.empty() ? name : member.name, member.bytes});
        }
    }
    return plain;
}

Form::Form(std::string channel, payments::Random& random)
    : channel_(std::move(channel)),
      mark_(random() % 2 == 0 && channel_ != "unionpay"),
      crlf_(random() % 2 == 0),
      packing_(static_cast<Packing>(random() % 3)) {}

std::string Form::name() const {
    constexpr const char* kPackings[] = {"plain", "gz", "zip"};
    return channel_ + (mark_ ? ", mark" : "") + (crlf_ ? ", CRLF, " : ", LF, ") +
           kPackings[static_cast<std::size_t>(packing_)];
}

Files Form::apply(Files files, const std::string& archive) const {
    std::vector<core::ArchiveMember> members;
    for (auto& file : files) {
        if (has_rows(file)) {
            std::string text = with_line_ends(file.bytes, crlf_);
            if (channel_ != "unionpay" && text.starts_with(kMark) != mark_) {
                mark_ ? text.insert(0, kMark) : text.erase(0, kMark.size());
            }
            file.bytes = std::move(text);
        }
        if (packing_ == Packing::gz) {
            file = {file.name + ".gz", core::gzip(file.bytes)};
        }
        members.push_back({file.name, file.bytes});
    }
    if (packing_ == Packing::zip) {
        return {{archive, core::zip(members)}};
    }
    return files;
}

std::string name_of(Damage damage) {
    constexpr const char* kNames[] = {"torn row", "mixed encodings", "rows twice", "files twice", "other merchant"};
    return kNames[static_cast<std::size_t>(damage)];
}

bool is_in_a_row(Damage damage) { return damage == Damage::torn_row || damage == Damage::mixed_encodings; }

std::optional<Files> damaged(Damage damage, const std::string& channel, Files files) {
    auto& file = file_of_rows(files);
    auto& text = file.bytes;
    const bool is_unionpay = channel == "unionpay";
    const auto row = second_line(text);
    const auto middle = row.begin + (row.end - row.begin) / 2;
    switch (damage) {
        case Damage::torn_row:
            text.erase(middle, row.end - middle);
            return files;
        case Damage::mixed_encodings:
            text.insert(middle, "\xD6\xA7\xB8\xB6");  // 支付 as GB18030
            return is_unionpay ? std::nullopt : std::optional(files);
        case Damage::rows_twice:
            text += text.substr(text.starts_with(kMark) ? kMark.size() : 0);
            return is_unionpay ? std::nullopt : std::optional(files);
        case Damage::files_twice: {
            const auto again = files;
            files.insert(files.end(), again.begin(), again.end());
            return files;
        }
        case Damage::other_merchant:
            if (channel == "stripe") {
                return std::nullopt;
            }
            give_to_another_merchant(files);
            return files;
    }
    return std::nullopt;
}

}  // namespace bench
