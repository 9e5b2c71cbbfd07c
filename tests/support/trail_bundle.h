// Bundles of a trail, written here by what audit/trail_verifier/README.md says and by nothing of the product.
#pragma once

#include <sodium.h>

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace test_support::trail {

inline std::string hex(std::string_view bytes) {
    std::string text;
    char two[3];
    for (const char c : bytes) {
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        text += two;
    }
    return text;
}

inline std::string sha256(const std::string& bytes) {
    std::string digest(crypto_hash_sha256_BYTES, '\0');
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    return digest;
}

inline std::string number(std::int64_t value) {
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[7 - i] = static_cast<char>(value >> (8 * i));
    }
    return bytes;
}
inline std::string text(const std::string& value) { return number(static_cast<std::int64_t>(value.size())) + value; }

// A pair of keys, always the same for the same name.
struct Key {
    explicit Key(const std::string& name) : public_key(32, '\0'), secret(64, '\0') {
        if (sodium_init() < 0) {
            throw std::runtime_error("libsodium does not start");
        }
        const auto seed = sha256(name);
        crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()),
                                 reinterpret_cast<unsigned char*>(secret.data()),
                                 reinterpret_cast<const unsigned char*>(seed.data()));
        id = hex(sha256(public_key)).substr(0, 16);
    }
    std::string sign(const std::string& message) const {
        std::string signature(64, '\0');
        crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                             reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                             reinterpret_cast<const unsigned char*>(secret.data()));
        return signature;
    }

    std::string public_key;
    std::string secret;
    std::string id;
};

// "2026-11-21T08:MM:SS.UUUUUUZ", as many seconds after eight.
inline std::string instant(std::int64_t us_after_eight) {
    char written[64];
    const auto seconds = us_after_eight / 1'000'000;
    std::snprintf(written, sizeof written, "2026-11-21T08:%02d:%02d.%06dZ", static_cast<int>(seconds / 60 % 60),
                  static_cast<int>(seconds % 60), static_cast<int>(us_after_eight % 1'000'000));
    return written;
}
constexpr std::int64_t kEightUs = 1'795'248'000'000'000;  // 2026-11-21T08:00:00Z

inline std::string quoted(const std::string& value) {
    std::string json = "\"";
    for (const char c : value) {
        json += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return json + "\"";
}

struct Record {
    std::int64_t number = 0;
    std::int64_t at = 0;             // microseconds after eight
    std::vector<std::string> texts;  // actor, act, origin, object, before, after, outcome
    std::string leaf;
    std::string key;
    std::string signature;

    std::string hashed(const std::string& tenant) const {
        auto bytes = std::string(1, '\0') + "duizhang trail record 1\n" + text(tenant) + trail::number(number) +
                     trail::number(kEightUs + at);
        for (const auto& one : texts) {
            bytes += text(one);
        }
        return sha256(bytes);
    }
    void sign(const Key& with) {
        key = with.id;
        signature = with.sign("duizhang trail record signature 1\n" + text(key) + text(leaf));
    }
    std::string json() const {
        static const char* const kNames[] = {"actor", "act", "origin", "object", "before", "after", "outcome"};
        auto line = "{\"number\":" + std::to_string(number) + ",\"at\":\"" + instant(at) + "\"";
        for (std::size_t i = 0; i < texts.size(); ++i) {
            line += ",\"" + std::string(kNames[i]) + "\":" + quoted(texts[i]);
        }
        return line + ",\"leaf\":\"" + hex(leaf) + "\",\"key\":\"" + key + "\",\"signature\":\"" + hex(signature) +
               "\"}\n";
    }
};

struct Head {
    std::string origin;
    std::string tenant;
    std::int64_t size = 0;
    std::int64_t at = 0;
    std::string root;
    std::string key;
    std::string signature;

    void sign(const Key& with) {
        key = with.id;
        signature = with.sign("duizhang trail head signature 2\n" + text(origin) + text(key) + text(tenant) +
                              number(size) + number(kEightUs + at) + text(root));
    }
    std::string json() const {
        return "{\"head\":{\"origin\":" + quoted(origin) + ",\"tenant\":" + quoted(tenant) +
               ",\"size\":" + std::to_string(size) + ",\"at\":\"" + instant(at) + "\",\"root\":\"" + hex(root) +
               "\",\"key\":\"" + key + "\",\"signature\":\"" + hex(signature) + "\"}}\n";
    }
};

// RFC 9162, 2.1.1, as it is written there.
inline std::size_t part_of(std::size_t size) {
    std::size_t k = 1;
    while (2 * k < size) {
        k *= 2;
    }
    return k;
}
inline std::string root_of(const std::vector<std::string>& leaves, std::size_t from, std::size_t until) {
    if (from == until) {
        return sha256("");
    }
    if (until - from == 1) {
        return leaves[from];
    }
    const auto k = part_of(until - from);
    return sha256('\1' + root_of(leaves, from, from + k) + root_of(leaves, from + k, until));
}

// 2.1.3.1 and 2.1.4.1, likewise.
inline std::vector<std::string> path_of(const std::vector<std::string>& leaves, std::size_t index, std::size_t from,
                                        std::size_t until) {
    if (until - from == 1) {
        return {};
    }
    const auto middle = from + part_of(until - from);
    auto path = index < middle ? path_of(leaves, index, from, middle) : path_of(leaves, index, middle, until);
    path.push_back(index < middle ? root_of(leaves, middle, until) : root_of(leaves, from, middle));
    return path;
}
inline std::vector<std::string> subproof_of(const std::vector<std::string>& leaves, std::size_t earlier,
                                            std::size_t from, std::size_t until, bool whole) {
    if (from + earlier == until) {
        return whole ? std::vector<std::string>() : std::vector<std::string>{root_of(leaves, from, until)};
    }
    const auto part = part_of(until - from);
    if (earlier <= part) {
        auto proof = subproof_of(leaves, earlier, from, from + part, whole);
        proof.push_back(root_of(leaves, from + part, until));
        return proof;
    }
    auto proof = subproof_of(leaves, earlier - part, from + part, until, false);
    proof.push_back(root_of(leaves, from, from + part));
    return proof;
}

struct Proof {
    bool has_record = true;
    Record record;
    std::vector<std::string> inclusion;
    bool has_earlier = true;
    Head earlier;
    std::vector<std::string> consistency;
    Head head;

    static std::string list(const std::vector<std::string>& path) {
        std::string json = "[";
        for (const auto& hash : path) {
            json += (json.size() > 1 ? ",\"" : "\"") + hex(hash) + "\"";
        }
        return json + "]";
    }
    // Of {"head":{...}} the inner object.
    static std::string inner(const std::string& line) { return line.substr(8, line.size() - 10); }
    std::string json() const {
        std::string line = "{\"proof\":\"duizhang trail proof 1\"";
        if (has_record) {
            const auto object = record.json();
            line += ",\"record\":" + object.substr(0, object.size() - 1) + ",\"inclusion\":" + list(inclusion);
        }
        if (has_earlier) {
            line += ",\"earlier\":" + inner(earlier.json()) + ",\"consistency\":" + list(consistency);
        }
        return line + ",\"head\":" + inner(head.json()) + "}\n";
    }
};

struct Bundle {
    std::string origin = "shop-1";
    std::string tenant = "acme";
    std::int64_t said_records = 0;
    std::int64_t said_heads = 0;
    std::vector<Record> records;
    std::vector<Head> heads;
    std::vector<Key> keys;

    Head head_of(std::size_t size, const Key& key) const {
        const auto at = size == 0 ? 0 : records[size - 1].at + 1;
        Head head{origin, tenant, static_cast<std::int64_t>(size), at, root_of(leaves(), 0, size), {}, {}};
        head.sign(key);
        return head;
    }
    std::vector<std::string> leaves() const {
        std::vector<std::string> all;
        for (const auto& record : records) {
            all.push_back(record.leaf);
        }
        return all;
    }
    // That a record, by its number, is in the head of `size`, and that this goes on from the one of `earlier`.
    Proof proof_of(std::int64_t of, std::size_t earlier, std::size_t size, const Key& key) const {
        return {true,
                records[static_cast<std::size_t>(of - 1)],
                path_of(leaves(), static_cast<std::size_t>(of - 1), 0, size),
                true,
                head_of(earlier, key),
                subproof_of(leaves(), earlier, 0, size, true),
                head_of(size, key)};
    }
    // The header says what is there.
    void count() {
        said_records = static_cast<std::int64_t>(records.size());
        said_heads = static_cast<std::int64_t>(heads.size());
    }
    std::string json() const {
        auto lines = "{\"bundle\":\"duizhang trail 1\",\"origin\":" + quoted(origin) + ",\"tenant\":" + quoted(tenant) +
                     ",\"records\":" + std::to_string(said_records) + ",\"heads\":" + std::to_string(said_heads) +
                     ",\"keys\":[";
        for (const auto& key : keys) {
            lines += std::string(&key == &keys.front() ? "" : ",") + "{\"id\":\"" + key.id + "\",\"public_key\":\"" +
                     hex(key.public_key) + "\"}";
        }
        lines += "]}\n";
        for (const auto& record : records) {
            lines += record.json();
        }
        for (const auto& head : heads) {
            lines += head.json();
        }
        return lines;
    }
};

// So many records, and heads of those sizes; all signed by that key.
inline Bundle bundle_of(std::int64_t count, const std::vector<std::size_t>& sizes, const Key& key) {
    Bundle bundle;
    bundle.keys = {key};
    for (std::int64_t i = 1; i <= count; ++i) {
        const auto n = std::to_string(i);
        Record record{i,
                      i * 7'000'123,
                      {"anna", i % 2 == 0 ? "key.issue" : "split.change", "10.0.0." + n, "key " + n, "null",
                       "{\"name\":\"柜台 \\\"" + n + "\\\"\"}", "done"},
                      {},
                      {},
                      {}};
        record.leaf = record.hashed(bundle.tenant);
        record.sign(key);
        bundle.records.push_back(record);
    }
    for (const auto size : sizes) {
        bundle.heads.push_back(bundle.head_of(size, key));
    }
    bundle.count();
    return bundle;
}

}  // namespace test_support::trail
