# SPDX-License-Identifier: MIT
# Prints facts about the public C headers: one fact on each line, with tabs between its fields. man*.sh compares the
# facts with the manual.
#   function NAME PROTOTYPE FILE      without unneeded white space
#   safety   NAME THREADS SIGNALS     from "Safety:". THREADS is "yes" or "one thread". SIGNALS is "yes" or "no".
#   errors   NAME exact|open GROUP CODE...  from "Errors:" in the comment of the group. "open" means that the comment
#                                           describes more errors in words, without their codes.
#   struct   NAME BODY
#   type     NAME FILE
#   macro    NAME FILE

BEGIN { OFS = "\t" }

FNR == 1 {
  file = FILENAME
  sub(/.*\//, "", file)
  code = comment = ""
  inside = 0
}

# Separates comments from code. A comment on its own line describes the next group of declarations. A comment after code
# belongs to the code on its line.
{
  rest = $0
  line = ""
  while (rest != "") {
    if (inside) {
      at = index(rest, "*/")
      text = at ? substr(rest, 1, at - 1) : rest
      rest = at ? substr(rest, at + 2) : ""
      sub(/^ *\* ?/, " ", text)
      if (alone) comment = comment " " text
      if (at) inside = 0
    } else {
      at = index(rest, "/*")
      line = line (at ? substr(rest, 1, at - 1) : rest)
      rest = at ? substr(rest, at + 2) : ""
      if (at) {
        inside = 1
        alone = line ~ /^[ \t]*$/ && code == ""
        if (alone) {
          comment = ""
          contracts++
        }
      }
    }
  }
  take(line)
}

function take(line)
{
  if (continued || line ~ /^#/) {
    if (!continued && match(line, /^# *define +MIO_[A-Z0-9_]+/)) {
      name = substr(line, RSTART, RLENGTH)
      sub(/.* /, "", name)
      if (name !~ /_H$/) print "macro", name, file
    }
    continued = line ~ /\\$/
    return
  }
  if (line ~ /^[ \t]*$/ || line ~ /^MIO_(BEGIN|END)_DECLS/) return
  code = code == "" ? line : code " " line
  if (skip_body) {
    if (line ~ /^}/) {
      skip_body = 0
      code = ""
    }
    return
  }
  if (code ~ /^MIO_INLINE/) {
    if (line ~ /^\{/) {
      sub(/ *\{.*/, "", code)
      declare(code)
      skip_body = 1
    }
    return
  }
  if (code ~ /^typedef struct [a-z_0-9]+ \{/ && code !~ /\} *[a-z_0-9]+;$/) return
  if (code ~ /;$/) {
    if (code ~ /^typedef/)
      type(code)
    else if (code ~ /^MIO_API/)
      declare(code)
    else
      print "unknown", code, file
    code = ""
  }
}

function type(code, name, body)
{
  name = code
  sub(/;$/, "", name)
  if (name ~ /\(\*/) {
    sub(/.*\(\*/, "", name)
    sub(/\).*/, "", name)
  } else
    sub(/.*[ *}]/, "", name)
  print "type", name, file
  if (code ~ /\{/) {
    body = code
    sub(/^[^{]*\{/, "", body)
    sub(/\}[^}]*$/, "", body)
    print "struct", name, tight(body)
  }
}

function declare(code, name, threads, signals)
{
  gsub(/MIO_API|MIO_INLINE|MIO_MUST_CHECK/, "", code)
  sub(/;$/, "", code)
  name = code
  sub(/ *\(.*/, "", name)
  sub(/.*[ *]/, "", name)
  print "function", name, tight(code), file
  contract(name)
}

# clause TEXT, LABEL: returns the words of TEXT from LABEL up to "Since" or "Uses:".
function clause(text, label, at)
{
  at = match(text, label)
  if (!at) return ""
  text = substr(text, RSTART)
  if (match(text, /\.? +(Since [0-9]|Uses:)/)) text = substr(text, 1, RSTART)
  return text
}

# without_notes TEXT: returns TEXT without the parts in parentheses.
function without_notes(text)
{
  while (sub(/\([^()]*\)/, "", text)) {}
  return text
}

# join CODE: adds the code to `list`, if `list` does not have the code yet.
function join(code)
{
  if (index(list, " " code " ") == 0) list = list code " "
}

# inherit NAME: adds the error codes of the function NAME to `list`.
function inherit(name, count, words, i)
{
  if (!(name in list_of)) {
    mode = "open"
    return
  }
  if (mode_of[name] == "open") mode = "open"
  count = split(list_of[name], words, " ")
  for (i = 1; i <= count; i++) join(words[i])
}

function contract(name, safety, errors, count, words, i, without, from, base)
{
  gsub(/[ \t]+/, " ", comment)
  safety = clause(comment, "Safety( and errors as|:| as) ")
  if (match(safety, /\.? Errors[: ]/)) safety = substr(safety, 1, RSTART)
  if (safety ~ /^Safety( and errors)? as mio_/) {
    from = safety
    sub(/^[^_]*as /, "", from)
    sub(/[^a-z0-9_].*/, "", from)
    threads_of[name] = threads_of[from]
    signals_of[name] = signals_of[from]
  } else {
    threads_of[name] = safety ~ /^Safety: (one thread|signals)/ ? "one thread" : safety ~ /^Safety: threads/ ? "yes" : "?"
    signals_of[name] = safety ~ /signals/ ? "yes" : "no"
  }
  print "safety", name, threads_of[name], signals_of[name]

  errors = clause(comment, "(Safety and errors as|Errors as|Errors:|Safety as) ")
  if (match(errors, /^Safety as [^.]*\. Errors/)) errors = "Errors as above, also" substr(errors, RLENGTH + 1)
  else if (errors ~ /^Safety as/) errors = ""
  mode = "exact"
  list = " "
  base = without_notes(errors)
  sub(/\. .*/, "", base)
  if (base ~ /their like|what else|pending one|[a-z]'s own|own [a-z]*\.?$|and the errors of|as there|above|also/) mode = "open"
  if (match(base, /rrors as mio_[a-z0-9_]+( and (_|mio_)[a-z0-9_]+)?/)) {
    from = substr(base, RSTART + 9, RLENGTH - 9)
    count = split(from, words, " and ")
    inherit(words[1])
    if (words[2] ~ /^_/) {
      sub(/_[a-z0-9]+$/, words[2], words[1])
      words[2] = words[1]
    }
    if (count == 2) inherit(words[2])
    sub(/rrors as mio_[a-z0-9_]+/, "", base)
  }
  if (base ~ / as /) mode = "open"
  # Adds the codes in the text to the list. After the word "without", removes the codes from the list instead, until the
  # next word that is not a code, such as "and:".
  gsub(/and:/, "plus", base)
  count = split(base, words, /[^A-Za-z0-9_]+/)
  without = 0
  for (i = 1; i <= count; i++) {
    if (words[i] == "without") without = 1
    else if (words[i] ~ /^E[A-Z0-9]+$/) {
      if (without) gsub(" " words[i] " ", " ", list)
      else join(words[i])
    } else if (words[i] != "") without = 0
  }
  mode_of[name] = mode
  list_of[name] = list
  print "errors", name, mode, file "-" contracts, list
}
