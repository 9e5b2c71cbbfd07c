// What a template says, put where the tenant says nothing.
#pragma once

#include <vector>

#include "config/impl/node.h"
#include "config/template.h"

namespace config {

// For every [[tenant]] of the document that names one of the templates:
//   a split           beside the tenant's own; the tenant's where it has one of that name
//   a channel's key   where the tenant has the channel, and doesn't say the key; a list of fees is one key
//   any other key     where the tenant doesn't say it
void apply_templates(toml::table& document, const std::vector<TenantTemplate>& templates);

}  // namespace config
