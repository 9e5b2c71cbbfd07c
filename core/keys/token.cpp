#include "core/keys/token.h"

#include <dlfcn.h>
#include <p11-kit-1/p11-kit/pkcs11.h>

#include <array>
#include <vector>

#include "core/crypto/encoding.h"
#include "core/failure.h"
#include "core/files.h"
#include "core/keys/token_uri.h"

namespace core::keys {
namespace {

constexpr std::string_view kPurpose = "duizhang master key 1";

[[noreturn]] void refuse(const std::string& what) { throw UsageError("the token: " + what); }

void require(CK_RV answer, const std::string& step) {
    if (answer != CKR_OK) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        std::string code;
        for (int shift = 12; shift >= 0; shift -= 4) {
            code += kDigits[(answer >> static_cast<unsigned>(shift)) & 15U];
        }
        refuse(step + " failed (PKCS#11 answers 0x" + code + ")");
    }
}

// A module that is loaded, with the session that was opened in it.
class Module {
public:
    explicit Module(const std::string& path) : library_(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (library_ == nullptr) {
            refuse("its module-path " + path + " can't be loaded");
        }
        void* list = ::dlsym(library_, "C_GetFunctionList");
        if (list == nullptr || reinterpret_cast<CK_C_GetFunctionList>(list)(&call_) != CKR_OK) {
            ::dlclose(library_);
            refuse("its module-path " + path + " is no PKCS#11 module");
        }
        CK_C_INITIALIZE_ARGS threads{};
        threads.flags = CKF_OS_LOCKING_OK;
        const CK_RV begun = call_->C_Initialize(&threads);
        owns_ = begun == CKR_OK;
        if (!owns_ && begun != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
            ::dlclose(library_);
            refuse("its module can't be started");
        }
    }
    ~Module() {
        if (session_ != CK_INVALID_HANDLE) {
            call_->C_CloseSession(session_);
        }
        if (owns_) {
            call_->C_Finalize(nullptr);
        }
        ::dlclose(library_);
    }
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    void open(const std::string& token) {
        require(call_->C_OpenSession(slot_of(token), CKF_SERIAL_SESSION, nullptr, nullptr, &session_), "a session");
    }

    void log_in(const KeyBytes& pin) {
        auto text = pin.reveal();
        text = text.substr(0, text.find_last_not_of(" \r\n") + 1);
        const CK_RV answer = call_->C_Login(session_, CKU_USER, bytes_of(text), static_cast<CK_ULONG>(text.size()));
        if (answer == CKR_PIN_INCORRECT || answer == CKR_PIN_LOCKED) {
            refuse(answer == CKR_PIN_LOCKED ? "its PIN is locked" : "its PIN is wrong: look at its pin-source");
        }
        if (answer != CKR_USER_ALREADY_LOGGED_IN) {
            require(answer, "the login");
        }
    }

    CK_OBJECT_HANDLE find_key(const std::string& label) {
        CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
        std::array<CK_ATTRIBUTE, 2> wanted = {
            {{CKA_CLASS, &kind, sizeof kind}, {CKA_LABEL, bytes_of(label), static_cast<CK_ULONG>(label.size())}}};
        require(call_->C_FindObjectsInit(session_, wanted.data(), wanted.size()), "the search for the key");
        std::array<CK_OBJECT_HANDLE, 2> found{};
        CK_ULONG count = 0;
        const CK_RV answer = call_->C_FindObjects(session_, found.data(), found.size(), &count);
        call_->C_FindObjectsFinal(session_);
        require(answer, "the search for the key");
        if (count != 1) {
            refuse((count == 0 ? "has no" : "has more than one") + std::string(" secret key called ") + label);
        }
        return found[0];
    }

    // 32 bytes; wiped by who takes them.
    std::string code_under(CK_OBJECT_HANDLE key) {
        CK_MECHANISM hmac{CKM_SHA256_HMAC, nullptr, 0};
        require(call_->C_SignInit(session_, &hmac, key), "signing by SHA256-HMAC");
        std::string code(32, '\0');
        auto length = static_cast<CK_ULONG>(code.size());
        require(call_->C_Sign(session_, bytes_of(kPurpose), static_cast<CK_ULONG>(kPurpose.size()), bytes_of(code),
                              &length),
                "signing by SHA256-HMAC");
        if (length != code.size()) {
            refuse("its code isn't 32 bytes long");
        }
        return code;
    }

private:
    // The interface wants room it may write to, and doesn't write.
    static CK_BYTE* bytes_of(std::string_view text) {
        return reinterpret_cast<CK_BYTE*>(const_cast<char*>(text.data()));  // NOLINT
    }

    CK_SLOT_ID slot_of(const std::string& token) {
        std::vector<CK_SLOT_ID> slots(64);
        auto count = static_cast<CK_ULONG>(slots.size());
        require(call_->C_GetSlotList(CK_TRUE, slots.data(), &count), "the list of tokens");
        for (CK_ULONG at = 0; at < count; ++at) {
            CK_TOKEN_INFO info{};
            if (call_->C_GetTokenInfo(slots[at], &info) != CKR_OK) {
                continue;
            }
            const std::string label(reinterpret_cast<const char*>(info.label), sizeof info.label);
            if (label.substr(0, label.find_last_not_of(' ') + 1) == token) {
                return slots[at];
            }
        }
        refuse("there is none called " + token);
    }

    void* library_;
    CK_FUNCTION_LIST* call_ = nullptr;
    CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
    bool owns_ = false;
};

}  // namespace

KeyBytes key_from_token(const std::string& uri) {
    const auto named = parse_token_uri(uri);
    const KeyBytes pin(read_private_file(named.pin_file));
    Module module(named.module_path);
    module.open(named.token);
    module.log_in(pin);
    auto code = module.code_under(module.find_key(named.object));
    KeyBytes text(crypto::hex_encode(code));
    wipe(code.data(), code.size());
    return text;
}

}  // namespace core::keys
