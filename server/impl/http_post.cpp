#include "server/http_post.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timespan.h>

#include <istream>
#include <iterator>

#include "core/failure.h"

namespace server {

struct CallbackSender::Impl {
    explicit Impl(std::uint16_t port) : session("127.0.0.1", port) {
        session.setKeepAlive(true);
        session.setTimeout(Poco::Timespan(30, 0));
    }
    Poco::Net::HTTPClientSession session;
};

CallbackSender::CallbackSender(std::uint16_t port) : impl_(std::make_unique<Impl>(port)) {}
CallbackSender::~CallbackSender() = default;

int CallbackSender::post(const std::string& path, const Headers& headers, const std::string& body) {
    return send("POST", path, headers, body).status;
}

HttpAnswer CallbackSender::send(const std::string& method, const std::string& path, const Headers& headers,
                                const std::string& body) {
    try {
        Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
        for (const auto& [name, value] : headers) {
            request.set(name, value);
        }
        if (method != "GET") {
            request.setContentLength64(static_cast<Poco::Int64>(body.size()));
        }
        impl_->session.sendRequest(request) << body;
        Poco::Net::HTTPResponse response;
        auto& stream = impl_->session.receiveResponse(response);
        HttpAnswer answer{static_cast<int>(response.getStatus()), {}};
        for (const auto& [name, value] : response) {
            answer.text.append(name).append(": ").append(value).append("\n");
        }
        answer.text.append(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
        return answer;
    } catch (const Poco::Exception& error) {
        impl_->session.reset();
        throw core::OutsideFailure(std::string("the service does not answer: ") + error.name());
    }
}

}  // namespace server
