# SPDX-License-Identifier: MIT
# Prints facts about the manual pages: one fact on each line, with tabs between its fields. man*.sh compares the facts
# with the headers.
#   section   PAGE TITLE
#   name      PAGE NAME                in NAME
#   prototype PAGE NAME PROTOTYPE      in SYNOPSIS, without unneeded white space
#   struct    PAGE NAME BODY           from a literal block
#   error     PAGE NAME CODE           in ERRORS, for each function named before the list
#   attribute PAGE NAME THREADS SIGNALS FORK
#   function  PAGE NAME                every mio function that the page mentions
#   macro     PAGE NAME                every MIO_ macro that the page mentions
#   reference PAGE NAME SECTION TITLE  .Xr NAME SECTION. TITLE is the heading above this line in PAGE.

BEGIN { OFS = "\t" }

FNR == 1 {
  page = FILENAME
  sub(/.*\//, "", page)
  section = title = ""
  literal = in_list = subjects = 0
  split("", subject)
}

/^\.\\"/ { next }
/^\.Sh / {
  title = substr($0, 5)
  gsub(/"/, "", title)
  print "section", page, title
  forget()
  next
}

# In literal blocks, reads the structures and ignores the rest.
/^\.Bd -(literal|unfilled)/ {
  literal = 1
  block = ""
  next
}
/^\.Ed/ {
  if (match(block, /typedef struct [a-z0-9_]+ \{[^}]*\}/)) {
    block = substr(block, RSTART, RLENGTH)
    name = block
    sub(/^typedef struct /, "", name)
    sub(/ .*/, "", name)
    sub(/^[^{]*\{/, "", block)
    sub(/\}$/, "", block)
    gsub(/\/\*[^*]*\*\//, "", block)
    gsub(/\\-/, "-", block)
    print "struct", page, name, tight(block)
  }
  literal = 0
  next
}
literal {
  if (!/^#(if|endif)/) block = block " " $0
  next
}

title == "NAME" && /^\.Nm / { print "name", page, $2 }

# SYNOPSIS
title == "SYNOPSIS" && /^\.Ft / { type = arguments_of($0) }
title == "SYNOPSIS" && /^\.Fo / {
  name = $2
  parameters = ""
}
title == "SYNOPSIS" && /^\.Fa / { parameters = parameters (parameters == "" ? "" : ", ") arguments_of($0) }
title == "SYNOPSIS" && /^\.Fc/ { print "prototype", page, name, tight(type " " name "(" parameters ")") }

# Finds names in all macro lines of a page.
/^\./ && !/^\.Dt/ {
  for (i = 1; i <= NF; i++) {
    if (($i == "Fn" || $i == ".Fn" || $i == ".Fo") && $(i + 1) ~ /^mio_/) print "function", page, $(i + 1)
    if ($i ~ /^MIO_[A-Z0-9_]+$/ && $(i - 1) !~ /(Ev|-width)$/) print "macro", page, $i
    if ($i == "Xr" || $i == ".Xr") print "reference", page, $(i + 1), $(i + 2), title
  }
}

# In the section ERRORS, the text before a list names functions, and the list has the error codes of these functions.
# Prints each function with each of its error codes.
title == "ERRORS" && /^\.Pp/ && !in_list { forget() }
title == "ERRORS" && /^\.(Bl|It|El)/ {
  if ($1 == ".Bl") {
    in_list++
    if (in_list == 1 && subjects == 0) print "orphan", page, FNR
  } else if ($1 == ".El") {
    in_list--
    if (in_list == 0) forget()
  } else if (in_list == 1) {
    for (i = 2; i <= NF; i++) {
      if ($i ~ /^E[A-Z0-9]+$/) for (j = 1; j <= subjects; j++) print "error", page, subject[j], $i
    }
  }
}
title == "ERRORS" && !in_list && /^\./ {
  for (i = 1; i < NF; i++) if (($i == "Fn" || $i == ".Fn") && $(i + 1) ~ /^mio_/) subject[++subjects] = $(i + 1)
}

# In the section ATTRIBUTES, a line is: .It Fn NAME Ta THREADS Ta SIGNALS Ta FORK
title == "ATTRIBUTES" && /^\.It Fn / {
  cells = split($0, cell, / Ta +/)
  for (i = 1; i <= cells; i++) {
    sub(/^ *(No|Er) +/, "", cell[i])
    sub(/ +$/, "", cell[i])
  }
  print "attribute", page, $3, cell[2], cell[3], cell[4]
}

function forget()
{
  subjects = 0
}

# Returns the arguments of a macro as one text.
function arguments_of(line)
{
  sub(/^\.[A-Za-z]+ +/, "", line)
  gsub(/"/, "", line)
  return line
}
