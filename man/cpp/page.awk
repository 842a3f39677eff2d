# SPDX-License-Identifier: MIT
# Writes the manual page of a C++ class from the comments in the headers:
#   awk -v class=Poll -v title=MIO::POLL -v example=man/cpp/Poll.cc -f man/cpp/page.awk include/mio/*.hpp
# With -v list=1, prints a line "KIND NAME CLASS" for each entity in namespace mio instead. The page of CLASS describes
# the entity. If no page describes the entity, CLASS is "-".
# man/cpp/make.sh calls this script for each class.

BEGIN { kinds["class"] = kinds["struct"] = kinds["enum"] = 1 }

FNR == 1 {
  in_mio = in_detail = 0
  comment = ""
  open = ""
}

/^namespace mio \{/ { in_mio = 1; next }
/^namespace detail \{/ { in_detail = 1; next }
/^} \/\/ namespace detail/ { in_detail = 0; comment = ""; next }
/^} \/\/ namespace mio/ { in_mio = 0; next }
!in_mio { next }

# --- Declarations of the namespace --------------------------------------------------------------------------------

open == "" && /^\/\/ / {
  line = substr($0, 4)
  if (!was_comment) comment = ""
  comment = comment (comment == "" ? "" : "\n") line
  was_comment = 1
  next
}
{ was_comment = 0 }

open == "" && /^(template <.*>|class .*|struct .*|enum class .*)$/ && !/;$/ {
  if ($1 == "template") {
    template = $0
    next
  }
  name = $0
  sub(/\[\[nodiscard\]\] /, "", name)
  kind = name
  sub(/ .*/, "", kind)
  sub(/^(enum class|class|struct) /, "", name)
  base = name
  sub(/[ :{<].*/, "", name)
  if (base ~ / : public /) {
    sub(/.* : public /, "", base)
    sub(/ *\{.*/, "", base)
    gsub(/detail::/, "", base)
  } else
    base = ""
  specialised = $0 ~ ("(class|struct) (\\[\\[nodiscard\\]\\] )?" name "<")
  if (specialised || name == "std") {
    open = "skip"
    template = ""
    next
  }
  open = name
  kind_of[name] = kind
  head_of[name] = (template == "" ? "" : template "\n") $0
  sub(/ : public .*/, " {", head_of[name])
  sub(/\[\[nodiscard\]\] /, "", head_of[name])
  comment_of[name] = comment
  base_of[name] = base
  parameters_of[name] = parameters(template)
  file_of[name] = FILENAME
  if (!in_detail) order[++entities] = name
  template = comment = ""
  visible = kind != "class"
  groups = 0
  declaration = nested = note = ""
  new_group = 1
  next
}
open == "" { template = "" }

# An enumeration on one line, such as `enum class Token : std::uintptr_t {};`.
open == "" && /^enum class .*;$/ {
  name = $3
  kind_of[name] = "enum"
  head_of[name] = $0
  comment_of[name] = comment
  file_of[name] = FILENAME
  order[++entities] = name
  next
}

# An alias of a class template, such as `using OptionText = Text<MIO_OPTION_TEXT_SIZE>;`.
open == "" && !in_detail && /^using [A-Za-z]+ = [A-Z][A-Za-z]*<.*>;$/ {
  name = $2
  kind_of[name] = "alias"
  head_of[name] = $0
  comment_of[name] = comment
  class_of[name] = $4
  sub(/<.*/, "", class_of[name])
  order[++entities] = name
  next
}

# Stores the name of each function and variable outside the classes.
open == "" && !in_detail && /^(inline|constexpr|template|[A-Za-z].*\()/ && /\(/ && !/^(static_assert|MIO_|#)/ {
  name = $0
  sub(/\(.*/, "", name)
  sub(/.*[ *&]/, "", name)
  if (name !~ /operator|::|^$/ && !(name in kind_of)) {
    kind_of[name] = "function"
    order[++entities] = name
  }
  next
}
open == "" { next }

# --- Members ------------------------------------------------------------------------------------------------------

/^};/ || (open == "skip" && /^}/) {
  open = ""
  comment = ""
  next
}
open == "skip" { next }
kind_of[open] == "enum" {
  if (/^    [a-z]/) {
    sub(/ +\/\/.*/, "")
    members_of[open] = members_of[open] $0 "\n"
  }
  next
}
/^(public|private|protected):/ {
  visible = $1 == "public:"
  note = ""
  next
}
!visible || /^#/ || /^    (static_assert|friend class|using [^=]*;)/ && declaration == "" { next }
nested != "" {
  if (/^    };/) nested = ""
  next
}
body {
  if (/^    }/) body = 0
  next
}
/^    \/\// && declaration == "" {
  line = $0
  sub(/^    \/\/ ?/, "", line)
  if (!member_comment) note = ""
  new_group = 1
  note = note (note == "" ? "" : "\n") line
  member_comment = 1
  next
}
/^ *$/ {
  if (declaration == "") {
    note = ""
    new_group = 1
  }
  next
}
{
  member_comment = 0
  line = $0
  sub(/ *\/\/.*/, "", line)
  sub(/^ +/, "", line)
  if (line == "{") {
    body = 1
    add_member()
    next
  }
  declaration = declaration (declaration == "" ? "" : line ~ /^\)/ ? "" : " ") line
  if (declaration ~ /^(class|struct|enum class) [A-Za-z]+.*\{$/) {
    nested = declaration
    declaration = ""
    next
  }
  if (line ~ /[;}]$/ && balanced(declaration)) add_member()
}

function balanced(text, braces, parens)
{
  braces = gsub(/\{/, "{", text) - gsub(/\}/, "}", text)
  parens = gsub(/\(/, "(", text) - gsub(/\)/, ")", text)
  return braces == 0 && parens == 0
}

# Adds a declaration to the members of its class. Removes the body of a function and the initialisers of a constructor.
function add_member(i, c, depth, angle, text, name)
{
  text = declaration
  declaration = ""
  # The page does not show overloads that are deleted for temporaries. mio_cpp(7) describes these overloads. The page
  # does not show attribute macros either.
  if (text ~ /&& *= delete;$/) return
  gsub(/ *MIO_LIFETIMEBOUND/, "", text)
  sub(/typename detail::InExpected<U>::type/, "std::expected<T, std::error_code>", text)
  sub(/ : [A-Za-z_]+[({].*$/, "", text)
  depth = 0
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (c == "(") depth++
    else if (c == ")") depth--
    else if (c == "{" && depth == 0) {
      text = substr(text, 1, i - 1)
      break
    }
  }
  sub(/[ ;]+$/, "", text)
  if (text == "") return
  members_of[open] = members_of[open] text ";\n"
  name = name_of(text)
  if (text ~ /= delete$/) deleted[open, name]
  if (new_group || !(open in notes)) {
    ++notes[open]
    note_of[open, notes[open]] = note
    new_group = 0
  }
  if (name != "" && index(named[open, notes[open]], " " name " ") == 0)
    named[open, notes[open]] = named[open, notes[open]] " " name " "
}

# Returns the name of the member that TEXT declares. For a constructor, returns "". For an operator, returns `operator`
# and the symbols of the operator.
function name_of(text)
{
  sub(/^template <[^()]*> /, "", text)
  if (text ~ /operator/) {
    sub(/.*operator/, "operator", text)
    if (text ~ /^operator\(\)/) return "operator()"
    sub(/\(.*/, "", text)
    gsub(/ /, "\002", text)
    return text
  }
  sub(/ = .*/, "", text)
  sub(/\(.*/, "", text)
  sub(/\[.*/, "", text)
  sub(/.*[ *&~]/, "", text)
  return text == open ? "" : text
}

# --- Pages --------------------------------------------------------------------------------------------------------

# wrap TEXT INDENT: breaks TEXT into lines of at most 74 columns, after a comma or a parenthesis outside angle brackets.
# If a line has no such comma or parenthesis, the function breaks the line after its last space outside angle brackets.
# But if this space is before column 40, the function breaks after a comma between angle brackets.
function wrap(text, indent, out, at, i, c, depth, space, inner)
{
  gsub(/&noexcept/, "\\& noexcept", text)
  text = indent text
  while (length(text) > 74) {
    at = depth = space = inner = 0
    for (i = 1; i <= 74; i++) {
      c = substr(text, i, 1)
      if (c == "<") depth++
      else if (c == ">") depth--
      if (depth > 0 && c == ",") inner = i
      if (depth > 0 || i < length(indent) + 9) continue
      if (c == " ") space = i
      else if (c == "," && substr(text, i + 1, 1) == " ") at = i
      else if (c == "(" && substr(text, i - 1, 1) != " " && substr(text, i + 1, 1) != ")" && at < 40) at = i
    }
    if (!at) at = space < 40 && inner ? inner : space
    if (!at) break
    out = out substr(text, 1, at) "\n"
    text = substr(text, at + 1)
    sub(/^ +/, "", text)
    text = indent "    " text
    sub(/ +\n$/, "\n", out)
  }
  return out text "\n"
}

function escape(text)
{
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/'/, "\\(aq", text)
  gsub(/`/, "\\(ga", text)
  gsub(/\^/, "\\(ha", text)
  gsub(/~/, "\\(ti", text)
  return text
}

# Returns the declaration of a class for the SYNOPSIS, with inherited members. Constructors come first.
function outline(name, text, rest, count, line, i, first)
{
  text = head_of[name] "\n"
  if (kind_of[name] ~ /^(enum|alias)$/ && members_of[name] == "") return text
  if (base_of[name] == "") return text members(name, name, "") "};\n"
  count = split(members(name, name, ""), line, "\n")
  for (i = 1; i < count; i++) {
    # Joins the template line of a declaration with the next line. A line with a deeper indentation continues a
    # declaration, and stays below the first line of this declaration.
    if (line[i] ~ /^    template <[^;]*$/) {
      line[i + 1] = line[i] "\n" line[i + 1]
      continue
    }
    if (line[i] ~ /(^|\n)    [^ ]/) first = line[i] ~ ("(^|\n)    (explicit )?(~?" name "\\(|" name " &operator=)")
    if (first) text = text line[i] "\n"
    else rest = rest line[i] "\n"
  }
  return text rest "};\n"
}

# Returns the position of the ">" that ends the parameter list of a template, or 0.
function end_of_template(text, i, depth, c)
{
  for (i = 10; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (c == "<") depth++
    else if (c == ">" && --depth == 0) return i
  }
  return 0
}

# Returns the parameter names of a template. For template <class Self, class Raw>, the result is "Self, Raw".
function parameters(template)
{
  sub(/^template </, "", template)
  sub(/>$/, "", template)
  gsub(/(class|typename|std::size_t) /, "", template)
  return template
}

# Returns TEXT with every word FROM replaced by TO.
function replaced(text, from, to, out, at)
{
  text = " " text " "
  while (match(text, "[^A-Za-z0-9_]" from "[^A-Za-z0-9_]")) {
    at = RSTART
    out = out substr(text, 1, at) to
    text = substr(text, at + RLENGTH - 1)
  }
  out = out text
  return substr(out, 2, length(out) - 2)
}

# The next two functions return the name of a class template, and its arguments. For Socket<Raw>, the results are Socket
# and Raw.
function template_of(text)
{
  sub(/<.*/, "", text)
  return text
}
function arguments_of(text)
{
  return sub(/^[^<]*</, "", text) ? substr(text, 1, length(text) - 1) : ""
}

# Replaces the parameters of the class template NAME by ARGUMENTS in TEXT, and returns the new text.
function bound(text, name, arguments, count, parameter, argument, i)
{
  if (arguments == "") return text
  count = split(parameters_of[name], parameter, ", ")
  split(arguments, argument, ", ")
  for (i = 1; i <= count; i++) text = replaced(text, parameter[i], argument[i])
  return text
}

# Returns the members of the class NAME, including inherited members, as members of the class AS. If NAME is a base of
# AS, the function replaces NAME by AS in each member, and the template parameters of NAME by ARGUMENTS.
function members(name, as, arguments, text, count, line, i, at, base)
{
  count = split(members_of[name], line, "\n")
  for (i = 1; i < count; i++) {
    if (kind_of[name] == "enum") {
      text = text line[i] "\n"
      continue
    }
    # A class either inherits constructors, or declares constructors of its own.
    if (name != as) {
      if ((as, name_of(line[i])) in deleted) continue
      line[i] = replaced(bound(line[i], name, arguments), name, as)
    }
    if (line[i] ~ /^template </) {
      at = end_of_template(line[i])
      text = text wrap(substr(line[i], 1, at), "    ")
      line[i] = substr(line[i], at + 2)
    }
    text = text wrap(line[i], "    ")
  }
  base = bound(base_of[name], name, arguments)
  if (base != "") text = text members(template_of(base), as, arguments_of(base))
  return text
}

# Converts the comment to mdoc text, with macros for references to C functions, for names of macros, and for code in
# backticks.
function prose(text, count, word, i, w, end, out, line)
{
  gsub(/\n/, " ", text)
  gsub(/ +/, " ", text)
  count = split(text, word, " ")
  line = ""
  out = ""
  for (i = 1; i <= count; i++) {
    w = word[i]
    if (w ~ /^`/) {
      while (w !~ /`[^A-Za-z0-9]*$/ && i < count) w = w " " word[++i]
      end = w
      sub(/^`[^`]*`/, "", end)
      sub(/^`/, "", w)
      sub(/`.*$/, "", w)
      out = flush(out, line) ".Ql " guard(escape(w)) separate(end) "\n"
      line = ""
      continue
    }
    end = w
    sub(/^\(?[A-Za-z0-9_]+/, "", end)
    if (w ~ /^mio_[a-z0-9_]+[.,;:)]*$/ || w ~ /^MIO_[A-Z0-9_]+[.,;:)]*$/) {
      sub(/[.,;:)]+$/, "", w)
      out = flush(out, line) (w ~ /^mio/ ? ".Xr " w " 3" : ".Dv " w) separate(end) "\n"
      line = ""
      continue
    }
    if (w ~ /^mio[a-z_]*\([37]\)[.,;:]*$/) {
      sub(/.*\)/, "", end)
      out = flush(out, line) ".Xr " substr(w, 1, index(w, "(") - 1) " " substr(w, index(w, "(") + 1, 1) separate(end) "\n"
      line = ""
      continue
    }
    if (w ~ /^[a-z_]+\(\)[.,;:]*$/) {
      sub(/\(\).*/, "", w)
      sub(/^\(\)/, "", end)
      out = flush(out, line) ".Fn " w separate(end) "\n"
      line = ""
      continue
    }
    # The escape \% stops troff from hyphenating the name of a type.
    w = (w ~ /[a-z][A-Z]/ ? "\\%" : "") escape(w)
    if (line != "" && length(line) + length(w) > 78) {
      out = flush(out, line)
      line = ""
    }
    line = line (line == "" ? "" : " ") w
    if (w ~ /[.:;]$/ && word[i + 1] ~ /^[A-Z]/ && w ~ /\.$/) {
      out = flush(out, line)
      line = ""
    }
  }
  return flush(out, line)
}

function flush(out, line)
{
  if (line ~ /^['.]/) line = "\\&" line
  return out (line == "" ? "" : line "\n")
}

# Quotes a text, so that mdoc reads the whole text as one argument of a macro. A full stop or comma at the end of the
# text stays a part of the argument.
function guard(text)
{
  gsub(/"/, "\\(dq", text)
  if (text ~ /[.,;:)]$/) text = text "\\&"
  return "\"" text "\""
}

function separate(end, out)
{
  gsub(/./, " &", end)
  return end
}

# Returns whether the members of a class mention a name.
function speaks(class, name)
{
  return (" " members(class, class, "")) ~ ("[^A-Za-z_]" name "[^A-Za-z_]")
}

# Returns the page of an entity. A class has a page of its own. The page of a class also describes each structure and
# each enumeration whose name occurs in the class, or in a structure on the same page. If the name occurs in several
# classes, the page of the first class describes the structure or enumeration. If no class mentions a structure, the
# structure has its own page. If no class mentions an enumeration, the page of the first class in the same header
# describes the enumeration.
function owner(name, i, j)
{
  if (kind_of[name] == "class") return name
  if (kind_of[name] == "function") return "-"
  if (kind_of[name] == "alias") return class_of[name]
  for (i = 1; i <= entities; i++) if (kind_of[order[i]] == "class" && speaks(order[i], name)) return order[i]
  for (i = 1; i <= entities; i++) {
    if (kind_of[order[i]] != "struct" || order[i] == name || !speaks(order[i], name)) continue
    for (j = 1; j <= entities; j++) if (kind_of[order[j]] == "class" && speaks(order[j], order[i])) return order[j]
    return order[i]
  }
  if (kind_of[name] == "struct") return name
  for (i = 1; i <= entities; i++)
    if (kind_of[order[i]] == "class" && file_of[order[i]] == file_of[name]) return order[i]
  return "-"
}

# Returns whether the section SEE ALSO on the page of CLASS must list the class NAME. SEE ALSO lists each class that
# CLASS mentions, and each class that mentions CLASS. But many classes mention Addr, Text and Result. So the pages of
# Addr, Text and Result list only the classes that Addr, Text and Result mention.
function refers(name, i)
{
  if (name == class || owner(name) != name) return 0
  if (speaks(class, name)) return 1
  for (i = 1; i <= others; i++) if (speaks(other[i], name)) return 1
  return class !~ /^(Addr|Text|Result)$/ && speaks(name, class)
}

# Returns the first C name in the comment of CLASS. The page of CLASS links to the page of this C name.
function c_page()
{
  return match(comment_of[class], /mio_[a-z_]+/) ? substr(comment_of[class], RSTART, RLENGTH) : ""
}

function describe(name, i, count, list, j, item, target, all, text, said, arguments, argument, base)
{
  for (target = name; target != ""; target = template_of(base)) {
    base = bound(base_of[target], target, arguments)
    # One of the template arguments can be a C type, such as mio_udp_socket.
    argument = match(arguments, /mio_[a-z_]+/) ? substr(arguments, RSTART, RLENGTH) : ""
    for (i = 1; i <= notes[target]; i++) {
      list = named[target, i]
      if (note_of[target, i] == "") continue
      gsub(/^ +| +$/, "", list)
      count = split(list, item, / +/)
      if (count == 0) item[++count] = name
      all = ""
      for (j = 1; j <= count; j++) {
        gsub(/\002/, " ", item[j])
        all = all (j > 1 ? " , " : "") (item[j] ~ / / ? "\"" item[j] "\"" : item[j])
      }
      # A comment for several kinds of sources names only the functions mio_tcp_stream_*. On the page of a UDP socket,
      # for example, this code replaces these names by the names mio_udp_socket_*.
      said = note_of[target, i]
      if (argument != "") {
        gsub(/mio_tcp_stream_/, argument "_", said)
        if (argument ~ /_stream$/) gsub(/mio_stream_/, argument "_", said)
        gsub(/ and similar[ \n]functions/, "", said)
        for (j = 1; j <= count; j++) if ((name, item[j]) in deleted) {
          sub(",[ \n]*" argument "_" item[j], "", said)
          sub(" , " item[j], "", all)
        }
      }
      text = text ".It Ic " all "\n" prose(said)
    }
    arguments = arguments_of(base)
  }
  return text == "" ? "" : ".Bl -tag -width Ds\n" text ".El\n"
}

END {
  if (list) {
    for (i = 1; i <= entities; i++) print kind_of[order[i]], order[i], owner(order[i])
    exit
  }
  if (!(class in kind_of)) {
    print "page.awk: no class " class >"/dev/stderr"
    exit 1
  }
  print ".\\\" SPDX-License-Identifier: MIT"
  print ".\\\" Made by man/cpp/make.sh from the C++ headers: change those."
  print ".Dd November 23, 2026"
  print ".Dt " title " 3"
  print ".Os"
  print ".Sh NAME"
  others = 0
  for (i = 1; i <= entities; i++) if (order[i] != class && owner(order[i]) == class) other[++others] = order[i]
  printf ".Nm mio::%s%s\n", class, others ? " ," : ""
  for (i = 1; i <= others; i++) printf ".Nm mio::%s%s\n", other[i], (i < others) ? " ," : ""
  summary = comment_of[class]
  gsub(/\n/, " ", summary)
  sub(/([.;:] |\.$).*/, "", summary)
  gsub(/`/, "", summary)
  print ".Nd " tolower(substr(summary, 1, 1)) substr(summary, 2)
  print ".Sh LIBRARY"
  print "Event loop library (libmio, \\-lmio)"
  print ".Sh SYNOPSIS"
  print ".In mio.hpp"
  print ".Bd -literal"
  printf "%s", escape(outline(class))
  for (i = 1; i <= others; i++) printf "\n%s", escape(outline(other[i]))
  print ".Ed"
  print ".Sh DESCRIPTION"
  printf "%s", prose(comment_of[class])
  printf "%s", describe(class)
  for (i = 1; i <= others; i++) {
    print ".Ss " other[i]
    printf "%s", prose(comment_of[other[i]])
    printf "%s", describe(other[i])
  }
  if (speaks(class, "Result") && class != "Result") {
    print ".Sh RETURN VALUES"
    print "A call that can fail returns a"
    print ".Xr mio::Result 3 ."
    print "The errors are those of the C function."
  }
  if (example != "") {
    print ".Sh EXAMPLES"
    print ".Bd -literal"
    while ((getline line <example) > 0) print escape(line)
    print ".Ed"
    print ".Pp"
    print "It prints:"
    print ".Bd -literal"
    sub(/\.cc$/, ".out", example)
    while ((getline line <example) > 0) print escape(line)
    print ".Ed"
  }
  print ".Sh SEE ALSO"
  links = 0
  for (i = 1; i <= entities; i++) {
    if (!refers(order[i])) continue
    for (j = ++links; j > 1 && link[j - 1] > order[i]; j--) link[j] = link[j - 1]
    link[j] = order[i]
  }
  for (i = 1; i <= links; i++) print ".Xr mio::" link[i] " 3 ,"
  options = speaks(class, "set_option")
  for (i = 1; i <= others; i++) if (head_of[other[i]] ~ /MIO_OPTION_/) options = 1
  if (options) print ".Xr mio_option 3 ,"
  if (c_page() != "") print ".Xr " c_page() " 3 ,"
  print ".Xr mio 7 ,"
  print ".Xr mio_cpp 7"
  print ".Sh HISTORY"
  print "This class first appeared in mio 1.0."
}
