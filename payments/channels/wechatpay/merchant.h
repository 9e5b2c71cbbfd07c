// Whose money a callback or a bill speaks of.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace payments::wechatpay {

struct Merchant {
    // mchid; of a partner its sp_mchid. Digits.
    std::string id;
    // Of a partner: the sub_mchid of those that are the tenant's. Empty: all of the partner's.
    std::set<std::string, std::less<>> sub_merchants;

    // Whether money of this sub-merchant is the tenant's. Empty: of none.
    bool has(std::string_view sub_merchant) const {
        return sub_merchants.empty() || sub_merchants.contains(sub_merchant);
    }
};

}  // namespace payments::wechatpay
