# SPDX-License-Identifier: MIT
# Reads examples/README, which describes what each program shows, and then the names of the files. Prints a line
# "PAGE FILE PROGRAM TEXT", with tabs, for each file of each program. PAGE is the name of the page in the site, without
# the suffix .html.

FNR == NR && /^    [ ]*[a-z][a-z_.\/]*  +[^ ]/ {
  indent = match($0, /[^ ]/) - 1
  if (indent == 4) folder = ""
  name[++count] = folder $1
  if ($1 ~ /\/$/) folder = $1
  sub(/^ *[^ ]+ +/, "")
  text[count] = toupper(substr($0, 1, 1)) substr($0, 2)
  next
}
FNR == NR && /^          / { sub(/^ +/, ""); text[count] = text[count] " " $0 }
FNR != NR { path[++paths] = $0 }

END {
  for (i = 1; i <= count; i++)
    for (j = 1; j <= paths; j++)
      if (belongs(path[j], name[i])) print page(path[j]) "\t" path[j] "\t" name[i] "\t" text[i]
}

function page(path)
{
  gsub(/\//, "-", path)
  return "examples-" path
}

# Returns whether the file `path` belongs to the program `name`. A program has the file with its name, the files
# with its name and a suffix, all files of its folder, except for integration/, and, if the program is http_hello, the
# files of http/.
function belongs(path, name, parent, own)
{
  parent = own = ""
  if (match(path, /^[a-z]*\//)) parent = substr(path, 1, RLENGTH - 1)
  if (match(name, /^[a-z]*\//)) own = substr(name, 1, RLENGTH - 1)
  if (path == name || index(path, name ".") == 1) return 1
  return parent != "" && (parent == own && own != "integration" || index(name, parent "_") == 1)
}
