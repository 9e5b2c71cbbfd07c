// What bytes come in and go out on. The only place to change when connections are to carry TLS.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace server::http {

using Stream = boost::asio::ip::tcp::socket;

}  // namespace server::http
