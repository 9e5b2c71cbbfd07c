// duizhang audit dependencies: what the program consists of, and whether that is what runs.
#include "server/impl/commands_dependencies.h"

#include <memory>

#include "audit/dependencies.h"
#include "core/json/writer.h"
#include "server/console_text.h"
#include "server/impl/command_support.h"

namespace server {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::string as_json(const std::string& list, const std::vector<audit::Dependency>& listed,
                    const std::vector<audit::DependencyFinding>& findings) {
    core::json::Writer json(1);
    json.begin_object().member("list", list).key("dependencies").begin_array();
    for (const auto& one : listed) {
        json.begin_object()
            .member("package", one.package)
            .member("version", one.version)
            .member("licence", one.licence)
            .member("licence_note", one.licence_note)
            .member("how", joined(one.how))
            .end_object();
    }
    json.end_array().key("findings").begin_array();
    for (const auto& one : findings) {
        json.begin_object().member("subject", one.subject).member("what", one.what).end_object();
    }
    return json.end_array().end_object().text() + "\n";
}

std::string as_text(const std::string& list, const std::vector<audit::Dependency>& listed,
                    const std::vector<audit::DependencyFinding>& findings) {
    Table table({"软件包 Package", "版本 Version", "许可 Licence", "关系 How"});
    for (const auto& one : listed) {
        table.add({one.package, one.version, one.licence, joined(one.how)});
    }
    std::string text = table.text() + "\n" + std::to_string(listed.size()) + " packages on " + list + "\n";
    for (const auto& one : findings) {
        text += one.subject + ": " + one.what + "\n";
    }
    return text + (findings.empty() ? "What runs here is what is on the list, or newer.\n" : "");
}

}  // namespace

void add_dependencies(CLI::App& audit, const GlobalOptions& global, std::function<int()>& run) {
    const auto list = std::make_shared<std::string>();
    auto* command = audit.add_subcommand(
        "dependencies", "The libraries it consists of, with versions and licences; exit 1 when others run here");
    command->add_option("--list", *list, "The list (SPDX, JSON); without it the one installed with the program")
        ->check(CLI::ExistingFile);
    command->callback([&global, &run, list] {
        run = [&global, list] {
            const auto file = list->empty() ? audit::find_dependency_list() : std::filesystem::path(*list);
            const auto listed = audit::read_dependencies(file);
            const auto findings = audit::check_dependencies(listed, audit::loaded_libraries());
            print(global.json ? as_json(file.string(), listed, findings) : as_text(file.string(), listed, findings));
            return findings.empty() ? 0 : 1;
        };
    });
}

}  // namespace server
