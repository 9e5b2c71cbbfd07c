#include "core/db/wall_texts.h"

#include <algorithm>
#include <string_view>

namespace core::db {

namespace {

struct SqlStatement {
    std::vector<std::string> words;  // in lower case, and comparisons; no commas, no brackets, no quoted text
    std::string body;                // between dollar quotes
};

// Reads the SQL of migrations: comments, dollar quotes, quotes, and what stands between semicolons.
class Reader {
public:
    explicit Reader(std::string_view sql) : rest_(sql) {}

    // False at the end.
    bool next(SqlStatement& statement) {
        statement = {};
        while (!rest_.empty() && rest_.front() != ';') {
            take(statement);
        }
        skip(1);
        return !rest_.empty() || !statement.words.empty();
    }

private:
    void take(SqlStatement& statement) {
        if (rest_.starts_with("--")) {
            skip(rest_.find('\n'));
        } else if (rest_.front() == '\'') {
            skip(rest_.find('\'', 1) + 1);
        } else if (rest_.front() == '$') {
            const auto mark = rest_.substr(0, rest_.find('$', 1) + 1);
            const auto end = rest_.find(mark, mark.size());
            statement.body = rest_.substr(mark.size(), end - mark.size());
            skip(end == std::string_view::npos ? end : end + mark.size());
        } else if (is_word(rest_.front()) || is_comparison(rest_.front())) {
            const auto end =
                std::find_if_not(rest_.begin(), rest_.end(), is_word(rest_.front()) ? is_word : is_comparison);
            std::string word(rest_.begin(), end);
            std::transform(word.begin(), word.end(), word.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
            skip(word.size());
            statement.words.push_back(std::move(word));
        } else {
            rest_.remove_prefix(1);
        }
    }
    void skip(std::size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }
    static bool is_word(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    }
    static bool is_comparison(char c) { return c == '<' || c == '=' || c == '>'; }

    std::string_view rest_;
};

using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// The word after `before`; empty without one.
std::string after(const Words& words, std::string_view before) {
    const auto found = std::find(words.begin(), words.end(), before);
    return found == words.end() || found + 1 == words.end() ? std::string() : *(found + 1);
}

bool begins(const Words& words, std::initializer_list<std::string_view> with) {
    return words.size() >= with.size() && std::equal(with.begin(), with.end(), words.begin());
}

// What the condition speaks of. PostgreSQL takes comparisons of rows apart, and tells it in many more words.
std::set<std::string> condition_of(const Words& words) {
    const auto when = std::find(words.begin(), words.end(), "when");
    std::set<std::string> found(when, std::find(when, words.end(), "execute"));
    for (const char* joint : {"and", "or", "row"}) {
        found.erase(joint);
    }
    return found;
}

// When it fires and what it does then.
std::string purpose_of(const Words& words) {
    std::string text = has(words, "before") ? "before" : has(words, "instead") ? "instead" : "after";
    text += after(words, "each") == "row" ? " row" : " statement";
    // The events stand before the table's name.
    const Words head(words.begin(), std::find(words.begin(), words.end(), "on"));
    for (const char* event : {"insert", "update", "delete", "truncate"}) {
        text += has(head, event) ? std::string(" ") + event : "";
    }
    for (const auto& word : condition_of(words)) {
        text += " " + word;
    }
    return text + " execute " + after(words, "function");
}

void erase_triggers_of(SchemaTexts& texts, const std::string& table) {
    std::erase_if(texts.triggers, [&](const auto& item) { return item.first.starts_with(table + " "); });
}

void rename_table(SchemaTexts& texts, const std::string& table, const std::string& name) {
    const auto renamed = table.substr(0, table.find('.') + 1) + name;
    std::map<std::string, std::string> triggers;
    for (const auto& [key, purpose] : texts.triggers) {
        const bool moves = key.starts_with(table + " ");
        triggers.emplace(moves ? renamed + key.substr(table.size()) : key, purpose);
    }
    texts.triggers = std::move(triggers);
}

void note_function(SchemaTexts& texts, const SqlStatement& statement) {
    auto& bodies = texts.functions[after(statement.words, "function")];
    if (begins(statement.words, {"create", "or", "replace"})) {
        bodies.clear();
    }
    bodies.insert(statement.body);
}

void note(SchemaTexts& texts, const SqlStatement& statement) {
    const auto& words = statement.words;
    if (begins(words, {"create", "function"}) || begins(words, {"create", "or", "replace", "function"})) {
        note_function(texts, statement);
    } else if (begins(words, {"drop", "function"})) {
        texts.functions.erase(words[words[2] == "if" ? 4 : 2]);
    } else if (begins(words, {"create", "trigger"}) || begins(words, {"create", "constraint", "trigger"}) ||
               begins(words, {"create", "or", "replace", "trigger"})) {
        texts.triggers[after(words, "on") + " " + after(words, "trigger")] = purpose_of(words);
    } else if (begins(words, {"drop", "trigger"})) {
        const auto on = std::find(words.begin(), words.end(), "on");
        texts.triggers.erase(after(words, "on") + " " + *(on - 1));
    } else if (begins(words, {"drop", "table"})) {
        for (const auto& word : words) {
            erase_triggers_of(texts, word);
        }
    } else if (begins(words, {"alter", "table"}) && after(words, "rename") == "to") {
        rename_table(texts, words[2], after(words, "to"));
    }
}

}  // namespace

std::string trigger_purpose(const std::string& definition) {
    SqlStatement statement;
    Reader(definition).next(statement);
    return purpose_of(statement.words);
}

SchemaTexts schema_texts(const std::vector<Migration>& migrations) {
    SchemaTexts texts;
    for (const auto& migration : migrations) {
        Reader reader(migration.sql);
        for (SqlStatement statement; reader.next(statement);) {
            note(texts, statement);
        }
    }
    return texts;
}

}  // namespace core::db
