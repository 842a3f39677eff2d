# SPDX-License-Identifier: MIT
"""Derives small breakages from the text of a source file, by rules.

A rule is a function with the name of the rule. It gets a line, and the same line without comments and strings, and
yields changed lines. The rule "order" exchanges two lines.
"""
import hashlib
import re
from collections import defaultdict, namedtuple

# `old` is the text of the lines before the change. `new` is the text of these lines after the change. `first` is the
# index of the first changed line in the file, counted from 0.
Breakage = namedtuple('Breakage', 'file rule first old new')

COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DECLARATION = re.compile(r'\s*(?:(?:using|friend|static|const|constexpr|struct|extern|template|public|private)\b'
                         r'|[\w:]+(?:<.*>)? [*&]*\w+(?: =|;|\(|\{|\[))')
STATEMENT = re.compile(r'\s+(?!return\b|MIO_PROBE\b|break;|continue;|else\b|case\b|default\b|goto\b|delete\b)'
                       r'[\w*(+-].*(?:\(| = |[+-]=|\+\+|--).*;$')


def exchange(line, plain, pairs):
    for old, new in pairs:
        for match in re.finditer(re.escape(old), plain):
            yield line[:match.start()] + new + line[match.end():]


def substitute(line, plain, pattern, new):
    for match in re.finditer(pattern, plain):
        yield line[:match.start()] + match.expand(new) + line[match.end():]


def condition(line, plain):
    for match in re.finditer(r'\bif (?:constexpr )?\(', plain):
        depth, end = 1, match.end()
        while depth > 0 and end < len(plain):
            depth += {'(': 1, ')': -1}.get(plain[end], 0)
            end += 1
        if depth == 0:
            yield f'{line[:match.end()]}!({line[match.end():end - 1]}){line[end - 1:]}'


def comparison(line, plain):
    yield from exchange(line, plain, [(' == ', ' != '), (' != ', ' == ')])


def boundary(line, plain):
    yield from exchange(line, plain, [(' < ', ' <= '), (' <= ', ' < '), (' > ', ' >= '), (' >= ', ' > ')])


def logic(line, plain):
    yield from exchange(line, plain, [(' && ', ' || '), (' || ', ' && ')])


def negation(line, plain):
    yield from substitute(line, plain, r'!(?=[\w(])', '')


def arithmetic(line, plain):
    yield from exchange(line, plain, [(' + ', ' - '), (' - ', ' + '), (' += ', ' -= '), (' -= ', ' += '),
                                      (' % ', ' / ')])


def number(line, plain):
    for match in re.finditer(r'(?<![\w.])\d+(?![\w.])', plain):
        yield f'{line[:match.start()]}{int(match.group()) + 1}{line[match.end():]}'


def flag(line, plain):
    yield from substitute(line, plain, r' [|&] ~?[\w:]+(?![\w(:])', '')
    yield from substitute(line, plain, r'(?<![\w)] )\b[\w:]+ \| ', '')
    yield from exchange(line, plain, [(' |= ', ' = '), (' | ', ' & '), (' & ', ' | ')])


def arguments(line, plain):
    yield from substitute(line, plain, r'(?<=\w)\((\w+), (\w+)(?=[,)])', r'(\2, \1')


def choice(line, plain):
    yield from substitute(line, plain, r'\? ([^?:;]+) : ([^?:;,()]+)(?=[;,)])', r'? \2 : \1')


def result(line, plain):
    yield from exchange(line, plain, [('return true;', 'return false;'), ('return false;', 'return true;'),
                                      ('return 0;', 'return 1;')])
    yield from substitute(line, plain, r'-E(?!IO\b)[A-Z]+\b', '-EIO')


def removal(line, plain):
    if STATEMENT.match(plain) and not DECLARATION.match(plain):
        yield re.match(r'\s*', line).group() + ';'


RULES = [condition, comparison, boundary, logic, negation, arithmetic, number, flag, arguments, choice, result, removal]


def is_code(plain):
    return plain.strip() and not re.match(r'\s*(#|static_assert|namespace|using|template|MIO_PROBE)', plain)


def indent(line):
    return len(line) - len(line.lstrip())


def order(lines, plains, index):
    """Exchanges a statement and the next statement. Each statement is one line, and both have the same indentation."""
    pair, plain_pair = lines[index:index + 2], plains[index:index + 2]
    statements = all(any(removal(*both)) for both in zip(pair, plain_pair))
    if len(pair) == 2 and statements and indent(pair[0]) == indent(pair[1]):
        yield '\n'.join(pair), '\n'.join(reversed(pair))


def breakages_of(file, text):
    """Yields the breakages of a file in the order of its lines."""
    plain_text = COMMENT_OR_STRING.sub(lambda found: re.sub(r'[^\n]', ' ', found.group()), text)
    lines, plains = text.split('\n'), [plain.rstrip() for plain in plain_text.split('\n')]
    before = '{'
    for index, (line, plain) in enumerate(zip(lines, plains)):
        if not is_code(plain):
            continue
        starts = before[-1] in ';{}:)'  # otherwise the line continues a statement
        for rule in RULES:
            for new in rule(line, plain) if starts or rule is not removal else []:
                yield Breakage(file, rule.__name__, index, line, new)
        for old, new in order(lines, plains, index) if before[-1] in ';{}' else []:
            yield Breakage(file, 'order', index, old, new)
        before = plain


def broken_text(text, breakage):
    lines = text.split('\n')
    count = breakage.old.count('\n') + 1
    lines[breakage.first:breakage.first + count] = breakage.new.split('\n')
    return '\n'.join(lines)


def sequence(files):
    """Returns all breakages of the files {name: text}. The order looks random, and a change of one line hardly affects
    the order. The list begins with one breakage of each file, then has a second breakage of each file, and so on. The
    breakages of a file begin with one breakage of each rule, then have a second breakage of each rule, and so on."""
    ordered = []
    for file, text in files.items():
        of_rule = defaultdict(list)
        for breakage in breakages_of(file, text):
            of_rule[breakage.rule].append((digest(breakage), breakage))
        ranked = [(rank, key, breakage) for found in of_rule.values()
                  for rank, (key, breakage) in enumerate(sorted(found))]
        ordered += [(rank, key, breakage) for rank, (_, key, breakage) in enumerate(sorted(ranked))]
    return [breakage for _, _, breakage in sorted(ordered)]


def digest(breakage):
    text = '\0'.join([breakage.file, breakage.rule, breakage.old, breakage.new])
    return hashlib.sha256(text.encode()).hexdigest()
