// Puts a key into a token, as an operator does once by the tools of the token's maker.
#pragma once

#include <dlfcn.h>
#include <p11-kit-1/p11-kit/pkcs11.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace core::keys::test {

// A secret key of 32 bytes made in the token that is there, never to leave it.
inline void make_token_key(const char* module, std::string pin, std::string label) {
    const auto must = [](CK_RV answer) {
        if (answer != CKR_OK) {
            throw std::runtime_error("the token made no key: " + std::to_string(answer));
        }
    };
    void* library = dlopen(module, RTLD_NOW);
    CK_FUNCTION_LIST* call = nullptr;
    must(reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&call));
    must(call->C_Initialize(nullptr));
    std::vector<CK_SLOT_ID> slots(16);
    auto count = static_cast<CK_ULONG>(slots.size());
    must(call->C_GetSlotList(CK_TRUE, slots.data(), &count));
    CK_SLOT_ID slot = slots.at(0);
    for (CK_ULONG at = 0; at < count; ++at) {
        CK_TOKEN_INFO info{};
        if (call->C_GetTokenInfo(slots.at(at), &info) == CKR_OK && (info.flags & CKF_TOKEN_INITIALIZED) != 0) {
            slot = slots.at(at);
        }
    }
    CK_SESSION_HANDLE session = 0;
    must(call->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session));
    must(call->C_Login(session, CKU_USER, reinterpret_cast<CK_BYTE*>(pin.data()), pin.size()));
    CK_MECHANISM generate{CKM_GENERIC_SECRET_KEY_GEN, nullptr, 0};
    CK_ULONG bytes = 32;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    std::array<CK_ATTRIBUTE, 6> is = {{{CKA_VALUE_LEN, &bytes, sizeof bytes},
                                       {CKA_LABEL, label.data(), label.size()},
                                       {CKA_TOKEN, &yes, sizeof yes},
                                       {CKA_SIGN, &yes, sizeof yes},
                                       {CKA_SENSITIVE, &yes, sizeof yes},
                                       {CKA_EXTRACTABLE, &no, sizeof no}}};
    CK_OBJECT_HANDLE key = 0;
    must(call->C_GenerateKey(session, &generate, is.data(), is.size(), &key));
    must(call->C_Finalize(nullptr));
    dlclose(library);
}

}  // namespace core::keys::test
