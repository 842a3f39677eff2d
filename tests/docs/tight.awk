# SPDX-License-Identifier: MIT
# A declaration without the white space that does not matter, so that two can be compared. For headers.awk and pages.awk.

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
