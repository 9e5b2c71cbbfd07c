// A text that comes in pieces: a buffer moves along it, with enough before and behind each place to judge it.
#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "audit/impl/scan_cards.h"
#include "audit/impl/scan_embedded.h"
#include "audit/impl/scan_window.h"
#include "audit/scan.h"

namespace audit {
namespace {

constexpr std::size_t kBehind = std::size_t{4} << 10U;   // kept of what was looked at
constexpr std::size_t kAhead = std::size_t{4} << 10U;    // not looked at before more has come
constexpr std::size_t kFresh = std::size_t{256} << 10U;  // looked at in one go
constexpr std::size_t kRoom = kBehind + kFresh + kAhead;
constexpr std::size_t kHeldMax = 64;
constexpr std::size_t kIdFieldsMax = 1000;
constexpr std::size_t kEmbeddedMax = 4;

std::uint64_t line_feeds(std::string_view text) {
    std::uint64_t count = 0;
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        ++count;
    }
    return count;
}

static_assert(kBehind % 2 == 0 && kFresh % 2 == 0, "the buffer begins at an even place of the text");

}  // namespace

std::string_view name_of(FindingKind kind) {
    switch (kind) {
        case FindingKind::pan:
            return "pan";
        case FindingKind::track:
            return "track";
        case FindingKind::cvv:
            return "cvv";
        case FindingKind::secret:
            return "secret";
        case FindingKind::private_key:
            return "private_key";
    }
    return "";
}

std::string_view name_of(Confidence confidence) {
    switch (confidence) {
        case Confidence::low:
            return "low";
        case Confidence::medium:
            return "medium";
        case Confidence::high:
            return "high";
    }
    return "";
}

struct TextScanner::State {
    State(std::string text_path, const Redactor& text_redactor, const ScanOptions& text_options, ScanReport& to)
        : path(std::move(text_path)),
          shown(shown_name(path)),
          redactor(text_redactor),
          options(text_options),
          report(to) {}

    std::string path;
    std::string shown;
    const Redactor& redactor;
    const ScanOptions& options;
    ScanReport& report;

    std::vector<char> buffer = std::vector<char>(kRoom + impl::kReadBehind);
    std::size_t used = 0;
    std::size_t from = 0;    // looked at up to here
    std::uint64_t base = 0;  // the place of the buffer's first byte in the text

    std::uint64_t lines = 0;        // line feeds before `from`
    std::uint64_t line_begins = 0;  // the place where the last line before the buffer's first byte begins
    impl::Dealt dealt;
    std::vector<impl::Trigger> triggers;
    std::vector<impl::Hit> hits;
    std::set<std::uint64_t> reported;  // places, as far as the buffer goes back
    impl::IdFields fields;
    impl::Columns columns;
    std::map<std::string, std::vector<Finding>, std::less<>> held;  // by field of ids
    std::vector<std::unique_ptr<impl::EmbeddedGzip>> embedded;

    std::string_view text() const { return {buffer.data(), used}; }

    void look(bool is_end);
    void look_at_embedded(std::size_t until);
    void report_hits();
    Finding finding(const impl::Hit& hit, std::uint64_t line) const;
    std::uint64_t column(std::size_t at) const;
    void emit(Finding finding);
    void hold(const std::string& field, Finding finding);
    void decide(const std::string& field, std::vector<Finding>& findings);
    void slide();
};

void TextScanner::State::look(bool is_end) {
    std::memset(buffer.data() + used, 0, impl::kReadBehind);
    if (base == 0 && from == 0) {
        columns = impl::columns_of(text().substr(0, std::min(text().find('\n'), kAhead)));
    }
    const std::size_t until = is_end ? used : used - kAhead;
    triggers.clear();
    const auto fresh_lines = impl::find_triggers(text(), from, until, triggers, impl::fastest_lanes());
    impl::Window window(text(), 0, false, dealt, hits);
    window.use_fields(fields, columns);
    for (const auto& trigger : triggers) {
        window.look_at(trigger);
    }
    look_at_embedded(until);
    report_hits();
    lines += fresh_lines;
    report.bytes += until - from;
    from = until;
    if (fields.size() > kIdFieldsMax) {
        fields.clear();
    }
}

// What was there before goes on first; then what begins here.
void TextScanner::State::look_at_embedded(std::size_t until) {
    std::erase_if(embedded, [&](const auto& stream) {
        const bool goes_on = stream->take(text().substr(from, until - from));
        if (!goes_on) {
            stream->finish();
        }
        return !goes_on;
    });
    for (const auto& trigger : triggers) {
        if (trigger.kind != impl::TriggerKind::gzip || embedded.size() >= kEmbeddedMax ||
            !impl::EmbeddedGzip::may_begin(text().substr(trigger.at))) {
            continue;
        }
        auto stream = std::make_unique<impl::EmbeddedGzip>(path, base + trigger.at, redactor, options, report);
        if (stream->take(text().substr(trigger.at, until - trigger.at))) {
            embedded.push_back(std::move(stream));
        } else {
            stream->finish();
        }
    }
}

std::uint64_t TextScanner::State::column(std::size_t at) const {
    const auto feed = text().substr(0, at).rfind('\n');
    return feed == std::string_view::npos ? base + at - line_begins + 1 : at - feed;
}

Finding TextScanner::State::finding(const impl::Hit& hit, std::uint64_t line) const {
    Finding found;
    found.path = shown;
    found.line = line;
    found.column = column(hit.begin);
    found.kind = hit.kind;
    found.confidence = hit.confidence;
    found.encoding = hit.encoding;
    found.masked = hit.digits.empty() ? hit.masked : masked_card(hit.digits);
    found.fingerprint = hit.digits.empty() ? "" : redactor.fingerprint(hit.digits);
    return found;
}

void TextScanner::State::report_hits() {
    std::sort(hits.begin(), hits.end(), [](const impl::Hit& a, const impl::Hit& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    std::size_t counted = from;
    std::uint64_t line = lines + 1;
    std::size_t last_end = 0;
    for (const auto& hit : hits) {
        // A number that two ways of reading find is one finding.
        if (hit.end <= last_end || !reported.insert(base + hit.begin).second) {
            continue;
        }
        last_end = hit.end;
        if (!hit.id_field.empty() && fields[hit.id_field].holds_ids()) {
            ++report.ids;
            continue;
        }
        line = hit.begin >= counted ? line + line_feeds(text().substr(counted, hit.begin - counted))
                                    : line - line_feeds(text().substr(hit.begin, counted - hit.begin));
        counted = hit.begin;
        const bool is_test = options.allow_test_numbers && !hit.digits.empty() && impl::is_test_number(hit.digits);
        auto found = finding(hit, line);
        if (is_test || options.allowed.contains(found.fingerprint)) {
            ++report.allowed;
        } else if (!hit.id_field.empty()) {
            hold(hit.id_field, std::move(found));
        } else {
            emit(std::move(found));
        }
    }
    hits.clear();
}

void TextScanner::State::emit(Finding found) {
    if (report.findings.size() < options.findings_max) {
        report.findings.push_back(std::move(found));
    } else {
        ++report.findings_left_out;
    }
}

// Of a field of ids it takes some values to know whether it holds ids or cards.
void TextScanner::State::hold(const std::string& field, Finding found) {
    auto& findings = held[field];
    findings.push_back(std::move(found));
    if (findings.size() >= kHeldMax) {
        decide(field, findings);
    }
}

void TextScanner::State::decide(const std::string& field, std::vector<Finding>& findings) {
    for (auto& found : findings) {
        if (fields[field].holds_ids()) {
            ++report.ids;
        } else {
            emit(std::move(found));
        }
    }
    findings.clear();
}

void TextScanner::State::slide() {
    const std::size_t gone = from > kBehind ? (from - kBehind) / 2 * 2 : 0;
    if (const auto feed = text().substr(0, gone).rfind('\n'); feed != std::string_view::npos) {
        line_begins = base + feed + 1;
    }
    std::memmove(buffer.data(), buffer.data() + gone, used - gone);
    base += gone;
    used -= gone;
    from -= gone;
    dealt.forget(gone);
    reported.erase(reported.begin(), reported.lower_bound(base));
}

TextScanner::TextScanner(std::string path, const Redactor& redactor, const ScanOptions& options, ScanReport& report)
    : state_(std::make_unique<State>(std::move(path), redactor, options, report)) {}

TextScanner::~TextScanner() = default;

void TextScanner::take(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t size = std::min(bytes.size(), kRoom - state_->used);
        std::memcpy(state_->buffer.data() + state_->used, bytes.data(), size);
        state_->used += size;
        bytes.remove_prefix(size);
        if (state_->used == kRoom) {
            state_->look(false);
            state_->slide();
        }
    }
}

void TextScanner::finish() {
    state_->look(true);
    for (auto& stream : state_->embedded) {
        stream->finish();
    }
    state_->embedded.clear();
    for (auto& [field, findings] : state_->held) {
        state_->decide(field, findings);
    }
}

}  // namespace audit
