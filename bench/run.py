#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares libmio with its peers on the same work, in one run.

usage: run.py [--full] [--rounds N] [--only WORKLOAD]... [--strict] [--without PEER]...
              BUILD-DIRECTORY RESULT-DIRECTORY

In each round every peer does every workload once. The order of the peers changes from round to round. A number is the
processor time of an operation in the process of the peer, or the delay of a timeout. For each round, the script divides
the number of a peer by the number of plain epoll in the same round. Other work on the machine changes such a ratio less
than it changes the numbers. The table shows the median of the ratios.
The result directory gets results.csv, table.txt and, if gnuplot is installed, plots. --full runs more rounds and opens
as many connections as the limit on descriptors allows. If a peer is not built, the script leaves out the peer. With
--strict, the script then fails, unless --without names the peer. With --strict, the script also fails without gnuplot.
"""
import argparse
import contextlib
import csv
import glob
import itertools
import os
import platform
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

BASE = 'raw'
PEERS = ['raw', 'mio', 'mio_static', 'mio_cpp', 'libevent', 'libev', 'libuv', 'asio', 'rust_mio']
TITLES = {'raw': 'raw epoll', 'mio': 'libmio', 'mio_static': 'libmio, static', 'mio_cpp': 'libmio, C++',
          'asio': 'asio', 'rust_mio': 'mio (Rust)'}

COLOURS = {'raw': '#808080', 'mio': '#006d2c', 'mio_static': '#31a354', 'mio_cpp': '#a1d99b', 'libevent': '#e6550d',
           'libev': '#fdae6b', 'libuv': '#3182bd', 'asio': '#756bb1', 'rust_mio': '#000000'}

# The packages of Debian whose versions the table names
PACKAGES = ['gcc', 'libevent-dev', 'libev-dev', 'libuv1-dev', 'libasio-dev', 'librust-mio-dev']

# If a library lacks an operation, the result has no number for this operation.
LACKS = {('asio', 'wait1'): 'asio has no level-triggered watch', ('asio', 'wait512'): 'asio has no level-triggered watch',
         **{(peer, 'udpbatch'): f'{TITLES.get(peer, peer)} has no function for several datagrams'
            for peer in ('libevent', 'libev', 'asio', 'rust_mio')},
         **{(peer, 'pass'): f'{TITLES.get(peer, peer)} does not pass descriptors'
            for peer in ('libevent', 'libev', 'asio', 'rust_mio')},
         **{(peer, 'offload'): f'{TITLES.get(peer, peer)} does not split messages into datagrams'
            for peer in ('libevent', 'libev', 'libuv', 'asio', 'rust_mio')},
         ('libevent', 'wakesignal'): 'event_active(3) takes a lock, which the interrupted thread may hold',
         ('asio', 'wakesignal'): 'asio::post takes a lock, which the interrupted thread may hold',
         ('rust_mio', 'wakesignal'): 'mio does not promise that a signal handler may wake',
         ('rust_mio', 'wait1'): 'mio has no level-triggered watch',
         ('rust_mio', 'wait512'): 'mio has no level-triggered watch'}

# name: (description of an operation, count that the program gets as an argument, operations per unit of this count)
CALLS = {
    'register': ('register and deregister a descriptor', 100000, 1),
    'wait0': ('an empty wait', 200000, 1),
    'wait1': ('a wait with one event', 100000, 1),
    'wait512': ('an event of a wait with 512', 1000, 512),
    'wake': ('a wake while a wake is pending', 300000, 1),
    'wakewait': ('a wake, and the wait that receives it', 100000, 1),
    'pingpong': ('a wake of another thread, and a wake back', 20000, 1),
    'wake8': ('a wake by one of eight threads, while the loop runs', 100000, 1),
    'pass': ('a descriptor sent over a Unix socket, and received', 20000, 1),
    'offload': ('a datagram of a message of 32 that the system splits and joins', 10000, 32),
    'wakesignal': ('a signal, the wake by its handler, and the wait', 50000, 1),
}
# The threads of these workloads may run on all processors. Every other workload runs on one processor.
THREADED = {'pingpong', 'wake8'}
# name: (what is measured, operations)
TIMEOUTS = {
    'timeout50us': ('lateness of a timeout of 50 us', 1000),
    'timeout1ms': ('lateness of a timeout of 1 ms', 300),
}
MESSAGES = 40000
# The longest time in seconds that a peer may take for a workload. A peer that takes longer is stuck.
LIMIT = 120
# name: (title of the plot, the quantity that grows)
GROWTH = {
    'tcp': ('An echoed message of 64 bytes, TCP', 'connections'),
    'unix': ('An echoed message of 64 bytes, Unix sockets', 'connections'),
    'idle': ('An echoed message of 64 bytes, TCP, 16 connections and idle ones', 'idle connections'),
}


def most_connections():
    """How many connections the limit on descriptors allows, in thousands. A few descriptors remain for other uses. A TCP
    client also needs a port for each connection, and by default Linux has 28,232 ports for this."""
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(limit - 64, 28000) // 1000 * 1000


def echo_workloads(full):
    """Returns a table with the entries name: (description of an operation, kind of server, arguments of the load
    client)."""
    found = {}
    more = (most_connections(),) if full else ()
    for kind in ('tcp', 'unix'):
        for connections in (1, 16, 256, 4096, *more):
            messages = max(4, MESSAGES // (4 if connections == 1 else 1) // connections)
            found[f'{kind}{connections}'] = (f'an echoed message, {connections} connections, {kind}', kind,
                                             ['--connections', connections, '--messages', messages])
    for idle in (100, 1000, *more):
        found[f'idle{idle}'] = (f'an echoed message, 16 connections, {idle} idle, tcp', 'tcp',
                                ['--connections', 16, '--messages', MESSAGES // 16, '--idle', idle])
    found['proxy'] = ('a message through a proxy to an echo server and back, 16 connections, tcp', 'proxy',
                      ['--connections', 16, '--messages', MESSAGES // 16])
    found['churn'] = ('accept, echo a message, close, tcp', 'tcp',
                      ['--connections', 16, '--messages', 250, '--reconnect'])
    for command, how in (('udp', 'one by one'), ('udpbatch', 'in batches')):
        found[command] = (f'an echoed datagram, 64 clients, {how}', command,
                          ['--connections', 64, '--messages', MESSAGES // 64, '--udp'])
    return found


def show_children():
    """Prints, for each thread of each child process, the system call in which the thread is (see syscall in proc(5))."""
    for status in glob.glob('/proc/[0-9]*/status'):
        process = os.path.dirname(status)
        with contextlib.suppress(OSError), open(status) as file:
            if f'\nPPid:\t{os.getpid()}\n' not in file.read():
                continue
            with open(os.path.join(process, 'cmdline')) as command:
                print(process, command.read().replace('\0', ' '), file=sys.stderr)
            for call in glob.glob(os.path.join(process, 'task', '*', 'syscall')):
                with open(call) as text:
                    print(call, text.read(), end='', file=sys.stderr)


@contextlib.contextmanager
def time_limit(peer, workload):
    """Ends the block with an error if the block takes longer than LIMIT. Before that, shows what the children do."""
    def stop(*_):
        show_children()
        raise TimeoutError(f'{workload} of {peer} takes longer than {LIMIT} s')
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)


def pin(processor):
    """Returns a function that pins the calling process to a processor. With only one processor, returns None."""
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        return None
    return lambda: os.sched_setaffinity(0, {processors[processor % len(processors)]})


@contextlib.contextmanager
def running(command, processor):
    """Runs a server. Yields the server process, and the port or the path on which the server listens."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=pin(processor),
                              start_new_session=True)
    try:
        where = server.stdout.readline().strip()
        if not where:
            raise RuntimeError(f'{command} does not listen')
        yield server, where
    finally:
        os.killpg(server.pid, signal.SIGTERM) # strace blocks the signal, and ends after the server
        server.wait()


def serve(program, kind, directory, load, prefix=()):
    """Runs the load client on the server of the peer. Returns the output of the client."""
    path = os.path.join(directory, 'socket')
    if os.path.exists(path):
        os.unlink(path)
    command = {'tcp': ['echo'], 'unix': ['echo', path]}.get(kind, [kind])
    with contextlib.ExitStack() as servers:
        if kind == 'proxy': # the echo server behind the proxy shares the processor of the client
            target = servers.enter_context(running([os.path.join(os.path.dirname(program), BASE), 'echo'], 1))
            command = [kind, target[1]]
        server, where = servers.enter_context(running([*prefix, program, *command], 0))
        client = [load[0], '--path' if kind == 'unix' else '--port', where, *map(str, load[1:])]
        if not prefix:
            client += ['--server', str(server.pid)]
        done = subprocess.run(client, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=pin(1))
        if done.returncode != 0:
            raise RuntimeError(f'{program}: {done.stderr}')
        return done.stdout


def time_of_echo(program, kind, directory, load):
    for line in serve(program, kind, directory, load).splitlines():
        if line.startswith('server time per message'):
            return float(line.split()[-2])
    raise RuntimeError('the load client printed no time')


def time_of_call(program, workload, count, divisor=1):
    output = subprocess.run([program, workload, str(count)], check=True, stdout=subprocess.PIPE, text=True,
                            preexec_fn=None if workload in THREADED else pin(0)).stdout
    return float(output) / divisor


def system_calls(program, directory, load):
    """Returns the number of system calls for a message. Subtracts a short run from a long run, so that the calls at the
    start and at the end cancel out."""
    counts = []
    for messages in (100, 600):
        output = os.path.join(directory, 'strace')
        serve(program, 'tcp', directory, [load, '--connections', 16, '--messages', messages],
              prefix=['strace', '-f', '-c', '-o', output])
        with open(output) as file:
            counts.append(next(int(line.split()[3]) for line in file if line.rstrip().endswith('total')))
    return (counts[1] - counts[0]) / (500 * 16)


def run_rounds(options, peers, work):
    results = {}
    for number in range(options.rounds):
        for workload in work:
            for peer in peers[number % len(peers):] + peers[:number % len(peers)]:
                if (peer, workload) not in LACKS:
                    with time_limit(peer, workload):
                        results.setdefault((workload, peer), []).append(options.measure(peer, workload))
        print(f'round {number + 1} of {options.rounds}', file=sys.stderr)
    return results


def ratio(results, workload, peer):
    """Returns the median of the ratios, and the quartiles around it."""
    ratios = sorted(a / b for a, b in zip(results[workload, peer], results[workload, BASE]))
    if len(ratios) < 4:
        return statistics.median(ratios), ratios[0], ratios[-1]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return middle, low, high


def machine():
    with open('/proc/cpuinfo') as file:
        model = next((line.split(':')[1].strip() for line in file if line.startswith('model name')), platform.machine())
    commit = subprocess.run(['git', 'describe', '--always', '--dirty'], cwd=os.path.dirname(os.path.abspath(__file__)),
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    lines = [f'processor: {model}, {len(os.sched_getaffinity(0))} of {os.cpu_count()} used',
             f'kernel: {platform.release().split("-")[0]}', f'libc: {" ".join(platform.libc_ver())}', f'commit: {commit or "unknown"}']
    packages = PACKAGES if shutil.which('dpkg-query') else []
    return lines + [f'{package}: {version(package)}' for package in packages]


def version(package):
    return subprocess.run(['dpkg-query', '--show', '--showformat=${Version}', package], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout or 'not installed'


def write_ratios(file, options, results, peers, work):
    print(f'\nProcessor time as a ratio to raw epoll: the median of {options.rounds} rounds (quartiles).\n', file=file)
    for workload in work:
        base = statistics.median(results[workload, BASE])
        print(f'{workload}: {work[workload]}; raw epoll {base:.0f} ns', file=file)
        for peer in peers[1:]:
            if (peer, workload) in LACKS:
                print(f'  {TITLES.get(peer, peer):16}  -      {LACKS[peer, workload]}', file=file)
                continue
            middle, low, high = ratio(results, workload, peer)
            print(f'  {TITLES.get(peer, peer):16} {middle:6.2f}  ({low:.2f} to {high:.2f})', file=file)


def write_table(file, options, results, peers, work, calls):
    for line in options.machine:
        print(line, file=file)
    write_ratios(file, options, results, peers, {name: what for name, what in work.items() if name not in TIMEOUTS})
    write_lateness(file, results, peers, [workload for workload in work if workload in TIMEOUTS])
    if calls:
        print('\nSystem calls for an echoed message, 16 connections, TCP:', file=file)
        for peer in peers:
            print(f'  {TITLES.get(peer, peer):16} {calls[peer]:6.3f}', file=file)


def write_lateness(file, results, peers, names):
    for workload in names:
        print(f'\nMedian {TIMEOUTS[workload][0]}, in microseconds (negative: the wait ended early):', file=file)
        for peer in peers:
            late = statistics.median(results[workload, peer]) / 1000
            print(f'  {TITLES.get(peer, peer):16} {late:8.1f}', file=file)


def write_csv(path, results):
    with open(path, 'w', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(['workload', 'peer', 'round', 'nanoseconds'])
        for (workload, peer), times in sorted(results.items()):
            writer.writerows([workload, peer, number, time] for number, time in enumerate(times, 1))


def gnuplot(directory, name, size, commands):
    """Draws the same plot as SVG and as PNG."""
    for terminal, suffix in (('svg dynamic background "white"', 'svg'), ('pngcairo', 'png')):
        script = f'set terminal {terminal} size {size} font "sans,12"\nset output "{directory}/{name}.{suffix}"\n{commands}'
        subprocess.run(['gnuplot'], input=script, text=True, check=True)


def plot_growth(directory, kind, results, peers):
    """Plots how the cost of a message grows with the number of connections."""
    title, quantity = GROWTH[kind]
    names = sorted({w for w, _ in results if w.startswith(kind)}, key=lambda name: int(name[len(kind):]))
    if len(names) < 2:
        return
    blocks, parts = [], []
    for index, peer in enumerate(peers):
        rows = [f'{name[len(kind):]} {statistics.median(results[name, peer])}' for name in names]
        blocks.append(f'$data{index} << EOD\n' + '\n'.join(rows) + '\nEOD\n')
        width = 3 if peer.startswith('mio') else 1.5
        parts.append(f'$data{index} with linespoints linewidth {width} linecolor rgb "{COLOURS[peer]}" title "{TITLES.get(peer, peer)}"')
    gnuplot(directory, f'echo_{kind}', '800,500', ''.join(blocks) + f'''
set title "{title}"
set xlabel "{quantity}"
set ylabel "processor time of the server, ns"
set logscale x 4
set yrange [0:*]
set grid
set key outside
plot {", ".join(parts)}
''')


def plot_calls(directory, results, peers, work):
    """Plots the ratios to plain epoll, with a group of bars for each operation."""
    names = [name for name in work if name in CALLS]
    if not names:
        return
    peers = [peer for peer in peers if any((name, peer) in results for name in names)]
    rows = []
    for name in names:
        values = [f'{ratio(results, name, peer)[0]:.4f}' if (name, peer) in results else '?' for peer in peers]
        rows.append(' '.join([name, *values]))
    parts = [f'$data using {index + 2}:xtic(1) linecolor rgb "{COLOURS[peer]}" title "{TITLES.get(peer, peer)}"'
             for index, peer in enumerate(peers)]
    gnuplot(directory, 'operations', '1000,500', '$data << EOD\n' + '\n'.join(rows) + f'''
EOD
set title "Processor time of an operation as a ratio to raw epoll (lower is better)"
set style data histograms
set style histogram clustered gap 2
set style fill solid 0.8 border
set datafile missing "?"
set xtics rotate by -30
set logscale y
set yrange [0.005:*]
set grid ytics
set key outside
plot {", ".join(parts)}
''')


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--full', action='store_true')
    parser.add_argument('--rounds', type=int)
    parser.add_argument('--only', action='append', default=[])
    parser.add_argument('--strict', action='store_true')
    parser.add_argument('--without', action='append', default=[], choices=PEERS[1:])
    parser.add_argument('build')
    parser.add_argument('results')
    options = parser.parse_args()
    options.rounds = options.rounds or (7 if options.full else 3)
    return options


def main():
    options = parse()
    programs = {peer: os.path.join(options.build, 'bench', 'peers', peer) for peer in PEERS}
    peers = [peer for peer in PEERS if peer not in options.without and os.access(programs[peer], os.X_OK)]
    missing = [peer for peer in PEERS if peer not in peers]
    for peer in missing:
        print(f'LEFT OUT: {peer} is not built; its library may not be installed', file=sys.stderr)
    if BASE in missing or (options.strict and set(missing) - set(options.without)):
        sys.exit('run.py: peers are missing: run make bench-peers')
    echoes = echo_workloads(options.full)
    load = os.path.join(options.build, 'bench', 'load_client')
    work = {name: value[0] for name, value in itertools.chain(echoes.items(), CALLS.items(), TIMEOUTS.items())}
    unknown = set(options.only) - set(work)
    if unknown:
        sys.exit(f'run.py: no workload {", ".join(sorted(unknown))}; there are {", ".join(work)}')
    work = {name: what for name, what in work.items() if not options.only or name in options.only}
    os.makedirs(options.results, exist_ok=True)
    options.machine = machine() # before the script writes results, because they may be files of the commit
    with tempfile.TemporaryDirectory() as directory:
        def measure(peer, workload):
            if workload in CALLS:
                return time_of_call(programs[peer], workload, *CALLS[workload][1:])
            if workload in TIMEOUTS:
                return time_of_call(programs[peer], workload, *TIMEOUTS[workload][1:])
            _, kind, arguments = echoes[workload]
            return time_of_echo(programs[peer], kind, directory, [load, *arguments])
        options.measure = measure
        results = run_rounds(options, peers, work)
        calls = None
        if not options.only and shutil.which('strace'):
            calls = {peer: system_calls(programs[peer], directory, load) for peer in peers}
    write_csv(os.path.join(options.results, 'results.csv'), results)
    table = os.path.join(options.results, 'table.txt')
    with open(table, 'w') as file:
        write_table(file, options, results, peers, work, calls)
    with open(table) as file:
        print(file.read(), end='')
    if shutil.which('gnuplot'):
        for kind in GROWTH:
            plot_growth(options.results, kind, results, peers)
        plot_calls(options.results, results, peers, work)
    else:
        print('LEFT OUT: the plots need gnuplot', file=sys.stderr)
        if options.strict:
            sys.exit(1)


if __name__ == '__main__':
    main()
