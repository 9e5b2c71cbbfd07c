#include <algorithm>
#include <cstring>

#include "audit/trail.h"
#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/json/reader.h"
#include "core/json/writer.h"

namespace audit {
namespace {

constexpr std::int64_t kPage = 1'000;

std::string hex(const TreeHash& hash) {
    return core::crypto::hex_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// With six digits of a second, whatever they are.
std::string microseconds(core::Instant at) {
    auto text = core::format_rfc3339(at);
    text.pop_back();
    return text + (text.find('.') == std::string::npos ? ".000000Z" : "000Z");
}

core::InputError bad_line(const std::string& name, std::size_t line, const std::string& why) {
    return core::InputError(name + ":" + std::to_string(line) + ": " + why);
}

SignedHead read_head(std::string_view line, const std::string& name, std::size_t number) {
    const auto json = core::json::parse(line);
    const auto* head = json ? json->find("head") : nullptr;
    if (head == nullptr || !head->is_object()) {
        throw bad_line(name, number, "is no published head, {\"head\":{...}}");
    }
    const auto text = [&](const char* field) {
        const auto found = head->string_at(field);
        if (!found || found->empty()) {
            throw bad_line(name, number, std::string(field) + ": must be a text");
        }
        return std::string(*found);
    };
    const auto bytes = [&](const char* field, std::size_t size) {
        const auto found = core::crypto::hex_decode(text(field));
        if (!found || found->size() != size) {
            throw bad_line(name, number, std::string(field) + ": must be " + std::to_string(size) + " bytes in hex");
        }
        return *found;
    };
    const auto size = head->integer_at("size");
    const auto at = core::parse_rfc3339(text("at"));
    if (!size || *size < 1 || !at) {
        throw bad_line(name, number, "size or at: must be a number from 1, and a time");
    }
    SignedHead read{{text("origin"), text("tenant"), static_cast<std::uint64_t>(*size), {}, *at}, text("key"), {}};
    const auto root = bytes("root", read.head.root.size());
    std::memcpy(read.head.root.data(), root.data(), root.size());
    read.signature = bytes("signature", 64);
    return read;
}

void write(core::json::Writer& json, const SignedHead& signed_head) {
    const auto& head = signed_head.head;
    json.begin_object()
        .member("origin", head.origin)
        .member("tenant", head.tenant)
        .member("size", static_cast<std::int64_t>(head.size))
        .member("at", microseconds(head.at))
        .member("root", hex(head.root))
        .member("key", signed_head.key_id)
        .member("signature", core::crypto::hex_encode(signed_head.signature))
        .end_object();
}

void write(core::json::Writer& json, const SignedRecord& signed_record) {
    const auto& record = signed_record.record;
    json.begin_object()
        .member("number", record.number)
        .member("at", microseconds(record.at))
        .member("actor", record.actor)
        .member("act", record.act)
        .member("origin", record.origin)
        .member("object", record.object)
        .member("before", record.before)
        .member("after", record.after)
        .member("outcome", record.outcome)
        .member("leaf", hex(signed_record.leaf))
        .member("key", signed_record.key_id)
        .member("signature", core::crypto::hex_encode(signed_record.signature))
        .end_object();
}

void write_path(core::json::Writer& json, const char* name, const std::vector<TreeHash>& path) {
    json.key(name).begin_array();
    for (const auto& hash : path) {
        json.value(hex(hash));
    }
    json.end_array();
}

}  // namespace

std::string head_line(const SignedHead& head) {
    core::json::Writer json;
    json.begin_object().key("head");
    write(json, head);
    return json.end_object().text();
}

std::string record_line(const SignedRecord& record) {
    core::json::Writer json;
    write(json, record);
    return json.text();
}

std::string proof_line(const TrailProof& proof) {
    core::json::Writer json;
    json.begin_object().member("proof", "duizhang trail proof 1");
    if (proof.record) {
        json.key("record");
        write(json, *proof.record);
        write_path(json, "inclusion", proof.inclusion);
    }
    if (proof.earlier) {
        json.key("earlier");
        write(json, *proof.earlier);
        write_path(json, "consistency", proof.consistency);
    }
    json.key("head");
    write(json, proof.head);
    return json.end_object().text();
}

void write_bundle(core::db::TenantTransaction& transaction, const Trail& trail,
                  const std::function<void(const std::string&)>& line) {
    const auto heads = read_heads(transaction);
    // Up to the last head, so that every record in the bundle is vouched for.
    const auto records = heads.empty() ? 0 : static_cast<std::int64_t>(heads.back().head.size);
    core::json::Writer json;
    json.begin_object()
        .member("bundle", "duizhang trail 1")
        .member("origin", trail.origin())
        .member("tenant", transaction.tenant().text())
        .member("records", records)
        .member("heads", static_cast<std::int64_t>(heads.size()))
        .key("keys")
        .begin_array()
        .begin_object()
        .member("id", trail.key().id())
        .member("public_key", core::crypto::hex_encode(trail.key().public_key()))
        .end_object()
        .end_array();
    line(json.end_object().text());
    for (std::int64_t after = 0; after < records;) {
        const auto page = read_trail(transaction, {after, {}, {}}, std::min(kPage, records - after));
        if (page.empty()) {
            break;  // the verifier names what is missing
        }
        for (const auto& record : page) {
            line(record_line(record));
        }
        after = page.back().record.number;
    }
    for (const auto& head : heads) {
        line(head_line(head));
    }
}

std::vector<SignedHead> read_published(std::string_view text, const std::string& name) {
    std::vector<SignedHead> heads;
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!line.empty()) {
            heads.push_back(read_head(line, name, number));
        }
    }
    return heads;
}

}  // namespace audit
