# SPDX-License-Identifier: MIT
# Cuts the programs out of a page. The option -v file=FILE gives the file name of this page, without the suffix .html.
# The option -v to=DIRECTORY names a directory. The script writes each program, as plain text, to a file in this
# directory. In the page, the line "program NAME" replaces the program. Shell commands, and blocks with the output of a
# program, stay in the page.

/^<pre>/ { block = ""; inside = 1 }
!inside { print }
inside { block = block $0 "\n" }
inside && /<\/pre>$/ {
  inside = 0
  if (block !~ /;( \/[*\/][^\n]*)?(\n|<\/pre>)/) {
    printf "%s", block
    next
  }
  name = file "." ++count ".cc"
  print "program " name
  printf "%s\n", plain(block) >(to "/" name)
  close(to "/" name)
}

function plain(text)
{
  gsub(/^<pre>|<\/pre>\n$/, "", text)
  gsub(/&lt;/, "<", text)
  gsub(/&gt;/, ">", text)
  gsub(/&quot;/, "\"", text)
  gsub(/&amp;/, "\\&", text)
  return text
}
