#include "server/http/responder.h"

#include <atomic>
#include <exception>
#include <utility>

#include "core/log.h"

namespace server::http {

void Unanswered::add() {
    const std::lock_guard lock(mutex_);
    ++count_;
}

void Unanswered::remove() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) {
        none_.notify_all();
    }
}

void Unanswered::wait_until_none() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
}

struct Responder::Question {
    Question(std::shared_ptr<Asker> who, std::uint64_t which, Unanswered& others)
        : asker(std::move(who)), number(which), unanswered(others) {
        unanswered.add();
    }
    ~Question() {
        if (!answered.exchange(true)) {
            answer_500();
        }
        asker.reset();
        unanswered.remove();
    }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    void answer_500() noexcept {
        try {
            core::log_error("request_without_answer");
            asker->take_answer_to(number, Response::problem(500, reason_phrase(500)));
        } catch (const std::exception&) {
            // No memory: the client's own deadline ends it.
        }
    }

    std::shared_ptr<Asker> asker;
    const std::uint64_t number;
    Unanswered& unanswered;
    std::atomic<bool> answered = false;
};

Responder::Responder(std::shared_ptr<Asker> asker, std::uint64_t question, Unanswered& unanswered)
    : question_(std::make_shared<Question>(std::move(asker), question, unanswered)) {}

void Responder::operator()(Response response) const {
    if (!question_->answered.exchange(true)) {
        question_->asker->take_answer_to(question_->number, std::move(response));
    }
}

}  // namespace server::http
