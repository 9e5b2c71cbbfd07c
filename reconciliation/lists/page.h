// A page on its own: one file that needs no network, no script and no other file, and prints well.
#pragma once

#include <string>
#include <string_view>

namespace reconciliation::lists {

// Text for an element or a quoted attribute. Everything that comes from outside goes through here.
std::string html_escape(std::string_view text);

// "账上 <span lang="en">Books</span>", both escaped.
std::string bilingual(std::string_view zh, std::string_view en);

// A whole document around a body that is HTML already; the title is text. The style knows the classes that cards.h,
// figures.h and the pages of this folder use. Its content security policy allows inline style and nothing else.
std::string html_page(std::string_view title, std::string_view body);

}  // namespace reconciliation::lists
