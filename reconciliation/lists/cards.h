// The discrepancies as a table for people: one row each, both sides next to each other, what differs marked.
// On a narrow screen each row turns into a card.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/time.h"
#include "reconciliation/discrepancy.h"
#include "reconciliation/lists/figures.h"
#include "reconciliation/review_list.h"

namespace reconciliation::lists {

struct CardOptions {
    core::BusinessDay day{};   // of the list; BusinessDay{} where there is none (diff)
    std::string zone = "UTC";  // times are shown in it
    SideNames sides;
    std::size_t rows_max = kHtmlRowsMax;  // more are counted and referred to the files, not left out silently
};

// To stand in html_page(). Nothing to review is said in so many words, never an empty table.
std::string discrepancy_cards_html(const std::vector<Discrepancy>& discrepancies, const CardOptions& options);

// "<span class=tag>长款</span> Missing in the books".
std::string kind_tag_html(DiscrepancyKind kind);

}  // namespace reconciliation::lists
