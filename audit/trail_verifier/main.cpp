// duizhang-verify: holds a bundle of the audit trail against keys and heads that came from elsewhere.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "audit/trail_verifier/proof.h"
#include "audit/trail_verifier/report.h"
#include "audit/trail_verifier/verify.h"
#include "audit/verifier/digest.h"

namespace trail_verifier {
namespace {

constexpr const char* kHelp =
    "usage: duizhang-verify BUNDLE --key HEX|FILE [--key ...] [--published FILE] [--json]\n"
    "       duizhang-verify proof FILE --key HEX|FILE [--key ...] [--published FILE] [--json]\n"
    "\n"
    "Holds an exported audit trail against the keys that signed it and the heads that were published of it, and names\n"
    "the first record that was changed, removed, inserted, moved, cut off or signed by somebody else. It needs "
    "neither\n"
    "network, database nor service, and shares no code with duizhang.\n"
    "\n"
    "proof: holds a proof that one record is in a signed head, or that one head goes on from an earlier one, without\n"
    "the other records.\n"
    "\n"
    "  BUNDLE            a trail's bundle (duizhang audit export)\n"
    "  FILE              a proof (duizhang audit prove)\n"
    "  --key HEX|FILE    a public key that may have signed: 64 hex digits, or a file with one a line; take it from "
    "where\n"
    "                    the auditor keeps it: what the bundle says of keys vouches for nothing\n"
    "  --published FILE  heads published outside the database, one a line; without it nobody can tell whether the end\n"
    "                    was cut off together with its heads\n"
    "  --json            one JSON document\n"
    "\n"
    "exit status: 0 sound, 1 something isn't (the first record is named), 2 usage, 3 not a bundle or proof (line and\n"
    "field are named), 4 reading failed\n";

constexpr std::uintmax_t kKeyFileBytesMax = 65'536;

struct Options {
    std::string file;  // a bundle or a proof
    bool is_proof = false;
    PublicKeys keys;
    std::string published;
    bool json = false;
    bool help = false;
};

struct UsageError {
    std::string what;
};

void take_key(const std::string& hex, const std::string& from, PublicKeys& keys) {
    const auto key = verifier::from_hex(hex);
    if (key.size() != 32) {
        throw UsageError{from + ": a public key is 64 digits 0-9 and a-f"};
    }
    keys[key_id_of(key)] = key;
}

void take_keys(const std::string& value, PublicKeys& keys) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(value, error)) {
        take_key(value, "--key: neither a file nor a key", keys);
        return;
    }
    if (std::filesystem::file_size(value, error) > kKeyFileBytesMax) {
        throw UsageError{"--key: " + value + " is too large for a file of keys"};
    }
    std::ifstream file(value);
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (!line.empty() && line.front() != '#') {
            take_key(line, value + ":" + std::to_string(number), keys);
        }
    }
}

void require_file(const std::string& file, const std::string& option) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error) || !std::ifstream(file)) {
        throw UsageError{option + ": " + file + " is no file that can be read"};
    }
}

Options options_of(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--json") {
            options.json = true;
        } else if (word == "--help" || word == "-h") {
            options.help = true;
        } else if ((word == "--key" || word == "--published") && i + 1 < argc) {
            const std::string value = argv[++i];
            if (word == "--key") {
                take_keys(value, options.keys);
            } else {
                options.published = value;
            }
        } else if (i == 1 && word == "proof") {
            options.is_proof = true;
        } else if (word.starts_with("-") || !options.file.empty()) {
            throw UsageError{word + ": no such option, or it needs a value"};
        } else {
            options.file = word;
        }
    }
    if (options.help) {
        return options;
    }
    if (options.file.empty() || options.keys.empty()) {
        throw UsageError{options.is_proof ? "a proof and --key are needed" : "a bundle and --key are needed"};
    }
    require_file(options.file, options.is_proof ? "FILE" : "BUNDLE");
    if (!options.published.empty()) {
        require_file(options.published, "--published");
    }
    return options;
}

template <typename Found>
int report(const Found& found, bool json) {
    std::fputs((json ? json_of(found) : text_of(found)).c_str(), stdout);
    return found.is_sound() ? 0 : 1;
}

int run(const Options& options) {
    std::ifstream file(options.file, std::ios::binary);
    std::ifstream published_file(options.published, std::ios::binary);
    auto* published = options.published.empty() ? nullptr : &published_file;
    try {
        return options.is_proof ? report(verify_proof(file, published, options.keys), options.json)
                                : report(verify(file, published, options.keys), options.json);
    } catch (const FormError& error) {
        const bool is_published = error.field.starts_with("published ");
        const auto field = error.field.substr(is_published ? 10 : 0);
        std::fprintf(stderr, "duizhang-verify: %s:%zu:%s %s\n",
                     (is_published ? options.published : options.file).c_str(), error.line,
                     field.empty() ? "" : (" " + field + ":").c_str(), error.what.c_str());
        return 3;
    }
}

}  // namespace
}  // namespace trail_verifier

int main(int argc, char** argv) {
    try {
        const auto options = trail_verifier::options_of(argc, argv);
        if (options.help) {
            std::printf("%s", trail_verifier::kHelp);
            return 0;
        }
        return trail_verifier::run(options);
    } catch (const trail_verifier::UsageError& error) {
        std::fprintf(stderr, "duizhang-verify: %s (--help)\n", error.what.c_str());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "duizhang-verify: %s\n", error.what());
        return 4;
    }
}
