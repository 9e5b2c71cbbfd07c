// The insides of Tls, for the stream that is made with it.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "server/http/tls.h"

namespace server::http {

struct Tls::Impl {
    boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
    core::Instant not_after{};
};

}  // namespace server::http
