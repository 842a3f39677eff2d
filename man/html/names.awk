# SPDX-License-Identifier: MIT
# Reads the names of the manual from -v names=FILE, for the other scripts. file[NAME.SECTION] is the file of the page
# that describes the name, without the suffix .html. about[NAME.SECTION] is the description of the name.

BEGIN {
  while ((getline line <names) > 0) {
    split(line, part, "\t")
    file[part[1]] = part[2]
    about[part[1]] = part[3]
    all[++count] = part[1]
  }
}

# Returns the link to a name of the manual.
function place(key, name)
{
  name = key
  sub(/\.[1-9]$/, "", name)
  return file[key] ".html" (file[key] != key && name ~ /^mio_/ ? "#" name : "")
}
