# SPDX-License-Identifier: MIT
# Writes the programs of the manual pages to the directory DIR. The option -v dir=DIR names this directory.
#   PAGE-N.c or .cc   a literal block with a main. If the block includes <mio.hpp>, the ending is .cc.
#   PAGE-N.out        the literal block after the program, if the text between the blocks ends in "prints:"
#   PAGE-N.run        the command that runs the program: COMMAND, if the page has a line .\" run: COMMAND before the
#                     program, and otherwise only the name of the program
#   PAGE-N.needs      the words PACKAGE MODULE, if the page has a line .\" needs: PACKAGE MODULE before the program.
#                     PACKAGE is the Debian package of a library, and MODULE is the library's name in pkg-config.
# Reports text that changes when a reader copies the text from a terminal.

FNR == 1 {
  page = FILENAME
  sub(/.*\//, "", page)
  sub(/\.[37]$/, "", page)
  gsub(/:/, "_", page)
  number = literal = prints = 0
  command = needs = program = last = ""
}

/^\.\\" run: / {
  command = $0
  sub(/^\.\\" run: /, "", command)
}

/^\.\\" needs: / {
  needs = $0
  sub(/^\.\\" needs: /, "", needs)
}

/^\.Sh / { prints = 0; program = "" }

/^\.Bd -(literal|unfilled)/ {
  literal = 1
  block = ""
  begin = FNR
  bad = 0
  next
}

/^\.Ed/ && literal {
  literal = 0
  if (block ~ /(^|\n)int main\(/) {
    number++
    program = page "-" number
    file = dir "/" program (block ~ /#include <mio(\/[a-z]+)?\.hpp>/ ? ".cc" : ".c")
    printf "%s", block >file
    close(file)
    print (command == "" ? "\"$program\"" : command) >(dir "/" program ".run")
    close(dir "/" program ".run")
    if (needs != "") {
      print needs >(dir "/" program ".needs")
      close(dir "/" program ".needs")
    }
    command = needs = ""
    prints = 0
    if (bad) print page ":" begin ": sed -f tests/docs/escape.sed was not run over line " bad " of the program"
    if (wide) print page ":" begin ": line " wide " of the program is longer than 74 columns"
  } else if (prints && program != "") {
    printf "%s", block >(dir "/" program ".out")
    close(dir "/" program ".out")
    program = ""
  }
  wide = 0
  next
}

literal {
  line = $0
  if (!bad && line ~ /(^|[^\\])[-'`^~]/) bad = FNR - begin
  gsub(/\\&/, "", line)
  gsub(/\\-/, "-", line)
  gsub(/\\\(aq/, "'", line)
  gsub(/\\\(ga/, "`", line)
  gsub(/\\\(ha/, "^", line)
  gsub(/\\\(ti/, "~", line)
  gsub(/\\e/, "\\", line)
  if (!wide && length(line) > 74) wide = FNR - begin
  block = block line "\n"
  next
}

!/^\./ && NF { prints = $0 ~ /prints:$/ }
