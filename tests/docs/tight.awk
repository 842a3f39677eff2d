# SPDX-License-Identifier: MIT
# Removes insignificant white space from a declaration, so that a script can compare two declarations.
# headers.awk and pages.awk call this function.

function tight(text)
{
  gsub(/[ \t]+/, " ", text)
  gsub(/ *\* */, "*", text)
  gsub(/ *, */, ",", text)
  gsub(/ *; */, ";", text)
  gsub(/ *\( */, "(", text)
  gsub(/ *\) */, ")", text)
  gsub(/ *\[ */, "[", text)
  gsub(/ *\] */, "]", text)
  sub(/^ /, "", text)
  sub(/ $/, "", text)
  return text
}
