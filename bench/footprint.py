#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares libmio with other event libraries: size, relocations, start-up, memory and compile time.

usage: footprint.py BUILD-DIRECTORY RESULT-DIRECTORY

The result directory gets footprint.txt. Each program opens a loop and ends. Start-up is the number of instructions that
this program and the dynamic linker execute, minus the instructions of an empty program. Memory is the heap that one
more watched descriptor needs. This heap includes the object of the library that the program must keep for the
descriptor. The compile time is the processor time of the compiler, the best of five runs, as a ratio to the program
with plain epoll. If a library is not installed, the script leaves out the library.
"""
import os
import re
import resource
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) == 3 else sys.exit(__doc__)
LIBMIO = ['-I' + os.path.join(os.path.dirname(__file__), '..', 'include'), f'-I{BUILD}/include',
          f'-L{BUILD}/.libs', f'-Wl,-rpath,{BUILD}/.libs', '-lmio']
# title: (source, suffix, flags, name of the peer, name of the shared library)
HELLO = {
    'raw epoll': ('#include <sys/epoll.h>\nint main(void) { return epoll_create1(EPOLL_CLOEXEC) < 0; }', 'c', [], 'raw',
                  None),
    'libmio': ('#include <mio.h>\nint main(void) { mio_poll *poll; return mio_poll_new(&poll, 0) < 0; }', 'c', LIBMIO,
               'mio', 'libmio.so'),
    'libmio, C++': ('#include <mio.hpp>\nint main() { return !mio::Poll::create().has_value(); }', 'cc', LIBMIO,
                    'mio_cpp', None),
    'libevent': ('#include <event2/event.h>\nint main(void) { return event_base_new() == 0; }', 'c', ['-levent_core'],
                 'libevent', 'libevent_core'),
    'libev': ('#include <ev.h>\nint main(void) { return ev_loop_new(EVBACKEND_EPOLL) == 0; }', 'c', ['-lev'], 'libev',
              'libev'),
    'libuv': ('#include <uv.h>\nint main(void) { uv_loop_t loop; return uv_loop_init(&loop); }', 'c', ['-luv'], 'libuv',
              'libuv'),
    'asio': ('#include <asio.hpp>\nint main() { asio::io_context context; return context.stopped(); }', 'cc', [],
             'asio', None),
}
EMPTY = 'int main(void) { return 0; }'


def output(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    return done.stdout


def compile_hello(directory, title):
    """Compiles the program five times, and then links it. Returns its path and the shortest time of the compiler."""
    source, suffix, flags = HELLO[title][:3] if title in HELLO else (EMPTY, 'c', [])
    stem = os.path.join(directory, re.sub(r'\W', '', title))
    with open(f'{stem}.{suffix}', 'w') as file:
        file.write(source + '\n')
    compiler = ['gcc', '-std=gnu11'] if suffix == 'c' else ['g++', '-std=c++17']
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run([*compiler, '-O2', '-c', f'{stem}.{suffix}', '-o', f'{stem}.o',
                               *(flag for flag in flags if flag.startswith('-I'))], stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            return None, None
        times.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    subprocess.run([compiler[0], f'{stem}.o', '-o', stem, *flags], check=True)
    return stem, min(times)


def instructions(program):
    counted = output('valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', program)
    return int(re.search(r'Collected : (\d+)', counted).group(1))


def bytes_of_descriptor(peer):
    """Returns the heap per watched descriptor. Compares the heap with 512 watched descriptors and the heap with one."""
    program = os.path.join(BUILD, 'bench', 'peers', peer)
    used = []
    for workload in ('wait1', 'wait512'):
        counted = output(os.path.join(BUILD, 'libtool'), '--mode=execute', 'valgrind', program, workload, '1')
        found = re.search(r'in use at exit: ([\d,]+) bytes', counted)
        used.append(int(found.group(1).replace(',', '')))
    return (used[1] - used[0]) / 511


def library_columns(program, name):
    """Returns the size of the stripped file, the size of its code and constant data, and the number of relocations."""
    if name is None:
        return ['-', '-', '-']
    path = next(line.split()[2] for line in output('ldd', program).splitlines() if name in line)
    with tempfile.NamedTemporaryFile() as stripped:
        output('strip', '-o', stripped.name, path)
        size = os.path.getsize(stripped.name)
    relocations = len(re.findall(r' R_\w+', output('readelf', '-rW', path)))
    return [size, output('size', path).splitlines()[1].split()[0], relocations]


def memory_column(title):
    if title == 'asio':
        return '-' # asio has no watch that the workload can use
    return f'{bytes_of_descriptor(HELLO[title][3]):.0f}'


def main():
    rows = [['', 'file bytes', 'text bytes', 'relocations', 'start-up', 'bytes/fd', 'compile']]
    with tempfile.TemporaryDirectory() as directory:
        empty = instructions(compile_hello(directory, 'empty')[0])
        base = None
        for title in HELLO:
            program, time = compile_hello(directory, title)
            if program is None:
                print(f'LEFT OUT: {title} is not installed', file=sys.stderr)
                continue
            base = base or time
            rows.append([title, *library_columns(program, HELLO[title][4]), instructions(program) - empty,
                         memory_column(title), f'{time / base:.1f}'])
    os.makedirs(sys.argv[2], exist_ok=True)
    table = ''.join(f'{row[0]:12}' + ''.join(f'{cell:>13}' for cell in row[1:]) + '\n' for row in rows)
    with open(os.path.join(sys.argv[2], 'footprint.txt'), 'w') as file:
        file.write(table)
    print(table, end='')


main()
