#include "core/secret.h"
#include "server/commands.h"

int main(int argc, char** argv) {
    core::keep_memory_to_ourselves();
    return server::run_command_line(argc, argv);
}
