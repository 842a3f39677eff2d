#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Breaks the library in small ways, one at a time, and checks that a test fails.

usage: mutate.py --count N --turn T [--only PREFIX] --compile COMMAND --link COMMAND --libraries WORDS
                 --sources FILE... --programs PROGRAM...     (make check-mutation, in a build directory)

breakages.py derives the breakages, in a fixed order. A run tries N breakages, beginning with number N * T. --only tries
the breakages whose "FILE:LINE: RULE" begins with PREFIX. The script changes a copy of src/, compiles the changed files,
links them with the other object files of the build, and runs the test programs of the build. The run of the programs
stops when a program fails or hangs. This program must fail twice, and must pass with the unchanged library. So a failure
on a busy machine does not count.

A breakage is not counted if it does not compile, or if the compiler makes the same code from it. The file "equivalent"
lists breakages that change no behaviour, or only behaviour that no test can see, with the reasons. The run fails if
another breakage survives, or if a breakage of the list does not exist.
"""
import argparse
import collections
import concurrent.futures
import filecmp
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from breakages import broken_text, sequence  # noqa: E402

HERE = os.path.dirname(sys.argv[0])
TOP = os.path.normpath(os.path.join(HERE, '..', '..'))
WORK = 'mutation'
PROCESSORS = len(os.sched_getaffinity(0))
TEST_SECONDS, PROGRAM_SECONDS = 10, 30


def label(breakage):
    return f'{breakage.file}:{breakage.first + 1}: {breakage.rule}'


def stanza(breakage):
    """Returns a breakage in the form of the list of equivalent breakages."""
    lines = [breakage.file]
    for sign, text in (('-', breakage.old), ('+', breakage.new)):
        lines += [f'{sign} {line.strip()}' for line in text.split('\n')]
    return '\n'.join(lines)


def listed_stanzas():
    """Returns the first lines of each paragraph of the list, without the reason."""
    with open(os.path.join(HERE, 'equivalent'), encoding='utf-8') as file:
        text = re.sub(r'^#.*\n', '', file.read(), flags=re.M)
    found = [re.fullmatch(r'(src/\S+\n(?:[-+] .*\n)+)(\S.*\n?)+', f'{paragraph}\n')
             for paragraph in re.split(r'\n\n+', text.strip()) if paragraph]
    if None in found:
        sys.exit('tests/mutation/equivalent: a paragraph is not a file, changed lines and a reason')
    return {match.group(1).strip() for match in found}


def users_of(prefix, suffix):
    """Maps each file of src/ to the object files that are compiled from it, by the notes of automake."""
    users = collections.defaultdict(list)
    for folder, _, names in os.walk(prefix):
        for name in names:
            if not name.endswith(suffix) or os.path.basename(folder) != '.deps':
                continue
            stem = os.path.join(os.path.dirname(folder), name[:-len(suffix)])
            with open(os.path.join(folder, name), encoding='utf-8') as file:
                for path in sorted(set(file.read().split())):
                    users[os.path.relpath(path, TOP)].append(stem)
    return users


class Build:
    """The object files of the library and of the unit tests, and what a breakage changes in them."""

    def __init__(self, options):
        self.options = options
        copied = os.path.abspath(f'{WORK}/src')
        if f'-I{TOP}/src' not in options.compile:
            sys.exit(f'the command of the compiler has no -I{TOP}/src')
        self.compiler = shlex.split(options.compile.replace(f'-I{TOP}/src', f'-I{copied}')) + ['-g0', '-w', '-fPIC']
        self.objects = [source[:-3] for source in options.sources if source.endswith('.cc')]
        self.library_users, self.test_users = users_of('src', '.Plo'), users_of('tests/unit', '.Po')
        self.changed = {}

    def compile(self, stem, into):
        copied = f'{WORK}/{stem}.cc' if stem.startswith('src/') else f'{TOP}/{stem}.cc'
        target = f'{WORK}/{into}/{stem}.o'
        os.makedirs(os.path.dirname(target), exist_ok=True)
        done = subprocess.run(self.compiler + ['-c', '-o', target, copied], stderr=subprocess.DEVNULL)
        return target if done.returncode == 0 else None

    def compile_all(self, stems, into):
        with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
            return dict(zip(stems, pool.map(lambda stem: self.compile(stem, into), stems)))

    def break_by(self, breakage):
        """Builds the broken library. Returns None, or why the breakage does not count."""
        stems = [stem for stem in self.library_users[breakage.file] if stem in self.objects]
        stems += [stem for stem in self.test_users[breakage.file] if '-' not in stem]
        originals = self.compile_all([stem for stem in stems if not os.path.exists(f'{WORK}/sound/{stem}.o')], 'sound')
        if None in originals.values():
            sys.exit(f'cannot compile {", ".join(stem for stem, target in originals.items() if target is None)}')
        copied, (_, text) = f'{WORK}/{breakage.file}', read(breakage.file)
        write(copied, broken_text(text, breakage))
        broken = self.compile_all(stems, 'broken')
        write(copied, text)
        if None in broken.values():
            return 'does not compile'
        self.changed = {stem: target for stem, target in broken.items()
                        if not filecmp.cmp(target, f'{WORK}/sound/{stem}.o', shallow=False)}
        if not self.changed:
            return 'same code'
        return None if self.link_library('broken') else 'does not compile'

    def object_files(self, changed):
        return [changed.get(stem, re.sub(r'[^/]+$', r'.libs/\g<0>.o', stem)) for stem in self.objects]

    def link_library(self, kind):
        changed = self.changed if kind == 'broken' else {}
        os.makedirs(f'{WORK}/{kind}', exist_ok=True)
        return self.link(self.object_files(changed) + ['-shared', '-Wl,-z,defs', '-Wl,-soname,libmio.so.1',
                         f'-Wl,--version-script={TOP}/src/libmio.map'], f'{WORK}/{kind}/libmio.so.1')

    def link(self, words, target):
        command = shlex.split(self.options.link) + ['-Wl,-S', '-o', target] + words
        return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0

    def program(self, name, kind):
        """Returns the command that runs a test program with the unchanged or with the broken library."""
        if not name.startswith('tests/unit/'):
            folder, base = os.path.split(name)
            wrapped = f'{folder}/.libs/{base}'
            return wrapped if os.path.exists(wrapped) else name
        changed, target = self.changed if kind == 'broken' else {}, f'{WORK}/{kind}/{os.path.basename(name)}'
        # Some unit tests define functions of the library again, so the linker must allow two definitions.
        words = ['-Wl,--allow-multiple-definition', changed.get(name, f'{name}.o')] + self.object_files(changed)
        words.append('tests/.libs/libhelpers.a')
        if not self.link(words + shlex.split(self.options.libraries), target):
            sys.exit(f'cannot link {name}')
        return target


def read(file):
    with open(f'{TOP}/{file}', encoding='utf-8') as source:
        return file, source.read()


def write(path, text):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def words_of(name):
    return set(re.sub(r's\b', '', re.sub(r'[\W_]+', ' ', re.sub(r'\.\w+$|mio_', '', os.path.basename(name)))).split())


class Suite:
    """The test programs: which of them to run first, and which of them fails."""

    def __init__(self, build, programs):
        self.build = build
        # Leave out unit tests with compiler flags of their own, because they have no object file NAME.o.
        self.programs = [name for name in programs if not name.startswith('tests/unit/') or os.path.exists(f'{name}.o')]
        self.seconds = collections.Counter()
        self.catches = collections.Counter()
        self.sound = {}

    def order(self, breakage):
        """First the programs that caught breakages of this file, then the programs whose name has words of the file."""
        def key(name):
            return (-self.catches[breakage.file, name], -len(words_of(name) & words_of(breakage.file)),
                    -self.catches[breakage.rule, name], self.seconds[name])
        return sorted((name for name in self.programs if self.sound.get(name, True)), key=key)

    def start(self, name, kind):
        environment = dict(os.environ, LD_LIBRARY_PATH=os.path.abspath(f'{WORK}/{kind}'), srcdir=TOP,
                           CK_DEFAULT_TIMEOUT=str(TEST_SECONDS))
        if 'threads' in name:
            environment['MIO_VALGRIND'] = '1'  # fewer rounds
        process = subprocess.Popen([os.path.abspath(self.build.program(name, kind))], env=environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        return process, name, time.monotonic()

    def passes_alone(self, name, kind):
        process, _, _ = self.start(name, kind)
        try:
            return process.wait(PROGRAM_SECONDS) in (0, 77)
        except subprocess.TimeoutExpired:
            return False
        finally:
            stop(process)

    def is_caught_by(self, name, hangs):
        """Returns whether a program has failed because of the breakage, and not because the machine is busy."""
        if not hangs and self.passes_alone(name, 'broken'):
            return False
        if name not in self.sound or self.seconds[name] > TEST_SECONDS:
            self.sound[name] = self.passes_alone(name, 'sound')
            if not self.sound[name]:
                print(f'left out: {name} fails with the library as it is', flush=True)
        return self.sound[name]

    def ended(self, process, name, start):
        """Returns None while the program runs, and then whether it has passed."""
        seconds = time.monotonic() - start
        if process.poll() is None and seconds < PROGRAM_SECONDS:
            return None
        self.seconds[name] = seconds
        return process.poll() in (0, 77)

    def catcher(self, breakage):
        """Returns the program that catches the breakage, or None."""
        waiting, running = self.order(breakage), []
        try:
            while waiting or running:
                while waiting and len(running) < 4 * PROCESSORS:
                    running.append(self.start(waiting.pop(0), 'broken'))
                for one in list(running):
                    passed = self.ended(*one)
                    if passed is None:
                        continue
                    running.remove(one)
                    hangs = one[0].poll() is None
                    stop(one[0])
                    if not passed and self.is_caught_by(one[1], hangs):
                        self.catches.update([(breakage.file, one[1]), (breakage.rule, one[1])])
                        return one[1]
                time.sleep(0.005)
            return None
        finally:
            for process, _, _ in running:
                stop(process)


def stop(process):
    """Ends a program and the processes that it has started. libcheck gives each test a process group of its own."""
    for entry in os.listdir('/proc'):
        try:
            if entry.isdigit() and os.getsid(int(entry)) == process.pid:
                os.kill(int(entry), signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()


def choose(options, everything):
    if options.only:
        return [breakage for breakage in everything if label(breakage).startswith(options.only)]
    return everything[options.turn * options.count:(options.turn + 1) * options.count]


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument('--count', type=int, required=True)
    parser.add_argument('--turn', type=int, required=True)
    parser.add_argument('--only')
    for name in ('compile', 'link', 'libraries'):
        parser.add_argument(f'--{name}', required=True)
    for name in ('sources', 'programs'):
        parser.add_argument(f'--{name}', nargs='+', required=True)
    return parser.parse_args()


def main():
    options = parse()
    everything = sequence(dict(read(source) for source in options.sources))
    listed = listed_stanzas()
    unknown = listed - {stanza(breakage) for breakage in everything}
    for text in sorted(unknown):
        print(f'FAILED: tests/mutation/equivalent lists a breakage that does not exist:\n{text}')
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(f'{TOP}/src', f'{WORK}/src')
    build = Build(options)
    if not build.link_library('sound'):
        sys.exit('cannot link the library; configure with --enable-shared, and run make')
    suite = Suite(build, options.programs)
    counts = collections.Counter()
    for breakage in choose(options, everything):
        start = time.monotonic()
        verdict = try_breakage(build, suite, breakage, listed)
        counts[verdict.split(':')[0]] += 1
        print(f'{label(breakage)}: {verdict} ({time.monotonic() - start:.1f} s)', flush=True)
        if verdict == 'survived':
            print(f'{stanza(breakage)}\n', flush=True)
    tried = counts['caught'] + counts['survived'] + counts['equivalent']
    print(f'{tried} breakages: {counts["caught"]} caught, {counts["survived"]} survived, '
          f'{counts["equivalent"]} equivalent; not counted: {counts["does not compile"]} that do not compile, '
          f'{counts["same code"]} with the same code')
    sys.exit(1 if unknown or counts['survived'] > 0 else 0)


def try_breakage(build, suite, breakage, listed):
    reason = build.break_by(breakage)
    if reason is not None:
        return reason
    if stanza(breakage) in listed:
        return 'equivalent'
    catcher = suite.catcher(breakage)
    return f'caught: {catcher}' if catcher else 'survived'


if __name__ == '__main__':
    main()
