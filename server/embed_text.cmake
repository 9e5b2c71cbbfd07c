# Writes a source file that holds a text file as one string. Called by the build: -DOUT= -DIN= -DHEADER= -DFUNCTION=
file(READ ${IN} text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n           \"" text "${text}")
file(WRITE ${OUT} "// Generated; do not edit.\n#include \"${HEADER}\"\n\nnamespace server {\n\nstd::string_view ${FUNCTION}() {\n    return \"${text}\";\n}\n\n}  // namespace server\n")
