# SPDX-License-Identifier: MIT
# Reads examples/README, which describes each program, and then a list of the files in examples/. For each file of a
# program, prints a line "PAGE FILE PROGRAM TEXT", with tabs between the four fields. PAGE is the name of the file's
# page in the site, without the suffix .html. TEXT is the description of the program.

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

# Returns whether the file `path` belongs to the program `name`. These files belong to a program:
#   - The file with the name of the program, with or without a suffix.
#   - All other files in the folder of the program. In integration/, a program has only its own file.
#   - All files in a folder whose name is the first word of the program's name. For example, the files in http/ belong
#     to http_hello.
function belongs(path, name, parent, own)
{
  parent = own = ""
  if (match(path, /^[a-z]*\//)) parent = substr(path, 1, RLENGTH - 1)
  if (match(name, /^[a-z]*\//)) own = substr(name, 1, RLENGTH - 1)
  if (path == name || index(path, name ".") == 1) return 1
  return parent != "" && (parent == own && own != "integration" || index(name, parent "_") == 1)
}
