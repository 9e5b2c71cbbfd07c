// Gives a request its answer, from whatever thread has it, whenever that is.
//
// Copies share the one answer; the first given counts. When the last copy goes and none was given, the request is
// answered 500.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "server/http/message.h"

namespace server::http {

// The requests whose handler may still answer. A server waits for them before it goes.
class Unanswered {
public:
    void add();
    void remove();
    void wait_until_none();

private:
    std::mutex mutex_;
    std::condition_variable none_;
    std::size_t count_ = 0;
};

class Responder {
public:
    // Who waits for the answer: on any thread; must not block or throw.
    class Asker {
    public:
        virtual ~Asker() = default;
        virtual void take_answer_to(std::uint64_t question, Response response) noexcept = 0;
    };

    Responder(std::shared_ptr<Asker> asker, std::uint64_t question, Unanswered& unanswered);

    void operator()(Response response) const;

private:
    struct Question;
    std::shared_ptr<Question> question_;
};

}  // namespace server::http
