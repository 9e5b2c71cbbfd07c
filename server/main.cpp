#include "server/commands.h"

int main(int argc, char** argv) { return server::run_command_line(argc, argv); }
