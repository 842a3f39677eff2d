# SPDX-License-Identifier: MIT
# Prints the functions that each function of src/ may call. The line "FUNCTION NAME" means that in the body of FUNCTION,
# NAME stands before a parenthesis or is an argument. Functions begin in the first column, as clang-format writes them.

FNR == 1 { name = "" }
{ sub(/\/\/.*/, "") }
/^[A-Za-z].*\(/ && !/^(namespace|using|static_assert|extern)/ {
  name = $0
  sub(/\(.*/, "", name)
  sub(/.*[ *&]/, "", name)
  next
}
/^}/ { name = "" }
name != "" {
  rest = $0
  while (match(rest, /[a-z_][a-z0-9_]*(<[^()]*>)?[(),]/)) {
    callee = substr(rest, RSTART, RLENGTH - 1)
    sub(/<.*/, "", callee)
    print name, callee
    rest = substr(rest, RSTART + RLENGTH)
  }
}
