// SPDX-License-Identifier: MIT
// Does the work of the benchmarks with the library mio for Rust. The command line and the output are those of peer.c.
use mio::net::{TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream};
use mio::unix::SourceFd;
use mio::{event, Events, Interest, Poll, Token, Waker};
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

const BUFFER_SIZE: usize = 4096;
const EVENT_CAPACITY: usize = 512;
const WAKING_THREADS: u64 = 8;
const LISTENER: Token = Token(usize::MAX);

// ---- servers ----

struct Connection<S> {
    stream: S,
    /// The slot of the connection to which the bytes go; in an echo server, the slot of this connection.
    other: usize,
    buffer: [u8; BUFFER_SIZE],
}

struct Connections<S> {
    slots: Vec<Option<Box<Connection<S>>>>,
    free: Vec<usize>,
}

impl<S: Read + Write + event::Source> Connections<S> {
    fn open(&mut self, poll: &Poll, mut stream: S) -> usize {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        poll.registry().register(&mut stream, Token(slot), Interest::READABLE).expect("register");
        self.slots[slot] = Some(Box::new(Connection { stream, other: slot, buffer: [0; BUFFER_SIZE] }));
        slot
    }

    fn join(&mut self, one: usize, other: usize) {
        self.slots[one].as_mut().expect("open").other = other;
        self.slots[other].as_mut().expect("open").other = one;
    }

    fn close(&mut self, slot: usize) {
        self.slots[slot] = None;
        self.free.push(slot);
    }

    /// Reads once, and writes the bytes to the other connection. Meanwhile the slot of this connection is empty. In an echo
    /// server, this slot is also the slot of the other connection, so the function writes to this connection.
    fn serve(&mut self, slot: usize) {
        let mut taken = self.slots[slot].take().expect("open");
        let connection = &mut *taken;
        let other = connection.other;
        match connection.stream.read(&mut connection.buffer) {
            Ok(length) if length > 0 => {
                let to = self.slots[other].as_mut().map_or(&mut connection.stream, |other| &mut other.stream);
                let written = to.write(&connection.buffer[..length]).expect("write");
                assert!(written == length, "write");
                self.slots[slot] = Some(taken);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.slots[slot] = Some(taken),
            _ => {
                self.close(slot);
                if other != slot {
                    self.close(other);
                }
            }
        }
    }
}

/// `connect` returns the other connection of a proxy, or `None` in an echo server.
fn serve<S, L, A, C>(mut listener: L, accept: A, connect: C)
where
    S: Read + Write + event::Source,
    L: event::Source,
    A: Fn(&L) -> io::Result<S>,
    C: Fn() -> Option<S>,
{
    let mut poll = Poll::new().expect("poll");
    let mut events = Events::with_capacity(EVENT_CAPACITY);
    let mut connections = Connections { slots: Vec::new(), free: Vec::new() };
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE).expect("register");
    loop {
        if poll.poll(&mut events, None).is_err() {
            continue;
        }
        for event in events.iter() {
            if event.token() != LISTENER {
                connections.serve(event.token().0);
                continue;
            }
            while let Ok(stream) = accept(&listener) {
                let slot = connections.open(&poll, stream);
                if let Some(stream) = connect() {
                    let other = connections.open(&poll, stream);
                    connections.join(slot, other);
                }
            }
        }
    }
}

/// Waits until the connection is open, because the benchmark does not measure the cost of connecting.
fn connect(port: u16) -> TcpStream {
    let stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("connect");
    stream.set_nonblocking(true).expect("set_nonblocking");
    TcpStream::from_std(stream)
}

/// Serves TCP connections, as a proxy to the port `target`, or as an echo server if `target` is `None`.
fn serve_tcp(target: Option<u16>) {
    let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap()).expect("bind");
    println!("{}", listener.local_addr().expect("address").port());
    serve(listener, |l: &TcpListener| l.accept().map(|(stream, _)| stream), || target.map(connect));
}

fn serve_unix(path: &str) {
    let listener = UnixListener::bind(path).expect("bind");
    println!("{}", path);
    serve(listener, |l: &UnixListener| l.accept().map(|(stream, _)| stream), || None::<UnixStream>);
}

fn echo_datagrams() {
    let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).expect("bind");
    println!("{}", socket.local_addr().expect("address").port());
    let mut poll = Poll::new().expect("poll");
    let mut events = Events::with_capacity(EVENT_CAPACITY);
    let mut buffer = [0; BUFFER_SIZE];
    poll.registry().register(&mut socket, LISTENER, Interest::READABLE).expect("register");
    loop {
        if poll.poll(&mut events, None).is_err() {
            continue;
        }
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            assert!(socket.send_to(&buffer[..length], from).expect("send_to") == length, "send_to");
        }
    }
}

// ---- the workloads: each function does the work `count` times ----

struct Loop {
    poll: Poll,
    waker: Arc<Waker>,
    events: Events,
}

fn open() -> Loop {
    let poll = Poll::new().expect("poll");
    let waker = Arc::new(Waker::new(poll.registry(), Token(0)).expect("waker"));
    Loop { poll, waker, events: Events::with_capacity(EVENT_CAPACITY) }
}

fn wait_for_wake(l: &mut Loop) {
    l.poll.poll(&mut l.events, None).expect("poll");
    assert!(l.events.iter().count() == 1, "one event");
}

fn open_eventfd() -> i32 {
    let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
    assert!(fd >= 0, "eventfd");
    fd
}

fn registrations(l: &mut Loop, count: u64) {
    let fd = open_eventfd();
    for _ in 0..count {
        l.poll.registry().register(&mut SourceFd(&fd), Token(1), Interest::READABLE).expect("register");
        l.poll.registry().deregister(&mut SourceFd(&fd)).expect("deregister");
    }
    unsafe { libc::close(fd) };
}

fn empty_waits(l: &mut Loop, count: u64) {
    for _ in 0..count {
        l.poll.poll(&mut l.events, Some(Duration::ZERO)).expect("poll");
        assert!(l.events.is_empty(), "no event");
    }
}

fn wakes(l: &mut Loop, count: u64) {
    for _ in 0..count {
        l.waker.wake().expect("wake");
    }
}

fn wakes_with_waits(l: &mut Loop, count: u64) {
    for _ in 0..count {
        l.waker.wake().expect("wake");
        wait_for_wake(l);
    }
}

fn ping_pong(l: &mut Loop, count: u64) {
    let mut side = open();
    let there = side.waker.clone();
    let back = l.waker.clone();
    let thread = std::thread::spawn(move || {
        for _ in 0..count {
            wait_for_wake(&mut side);
            back.wake().expect("wake");
        }
    });
    for _ in 0..count {
        there.wake().expect("wake");
        wait_for_wake(l);
    }
    thread.join().expect("thread");
}

fn wakes_by_threads(l: &mut Loop, count: u64) {
    let running = Arc::new(AtomicU64::new(WAKING_THREADS));
    let threads: Vec<_> = (0..WAKING_THREADS)
        .map(|_| {
            let running = running.clone();
            let waker = l.waker.clone();
            std::thread::spawn(move || {
                for _ in 0..count / WAKING_THREADS {
                    waker.wake().expect("wake");
                }
                running.fetch_sub(1, Ordering::SeqCst);
                waker.wake().expect("wake");
            })
        })
        .collect();
    while running.load(Ordering::SeqCst) > 0 {
        wait_for_wake(l);
    }
    for thread in threads {
        thread.join().expect("thread");
    }
}

fn median_lateness(l: &mut Loop, timeout: Duration, count: u64) -> i64 {
    let mut late: Vec<i64> = (0..count)
        .map(|_| {
            let began = Instant::now();
            l.poll.poll(&mut l.events, Some(timeout)).expect("poll");
            began.elapsed().as_nanos() as i64 - timeout.as_nanos() as i64
        })
        .collect();
    late.sort_unstable();
    late[late.len() / 2]
}

fn processor_time() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as i64 * 1_000_000_000 + time.tv_nsec as i64
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    unsafe {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
    match (arguments.get(1).map(String::as_str), arguments.get(2)) {
        (Some("echo"), None) => serve_tcp(None),
        (Some("echo"), Some(path)) => serve_unix(path),
        (Some("proxy"), Some(port)) => serve_tcp(Some(port.parse().expect("port"))),
        (Some("udp"), None) => echo_datagrams(),
        _ => {}
    }
    let count: u64 = arguments.get(2).and_then(|text| text.parse().ok()).unwrap_or(0);
    let timeout = match arguments.get(1).map(String::as_str) {
        Some("timeout50us") => Some(Duration::from_micros(50)),
        Some("timeout1ms") => Some(Duration::from_millis(1)),
        _ => None,
    };
    if let (Some(timeout), 1..) = (timeout, count) {
        println!("{}", median_lateness(&mut open(), timeout, count));
        return;
    }
    let run = match arguments.get(1).map(String::as_str) {
        Some("register") => registrations,
        Some("wait0") => empty_waits,
        Some("wake") => wakes,
        Some("wakewait") => wakes_with_waits,
        Some("pingpong") => ping_pong,
        Some("wake8") => wakes_by_threads,
        _ => {
            eprintln!("usage: rust_mio echo [PATH] | proxy PORT | udp | WORKLOAD COUNT");
            std::process::exit(2);
        }
    };
    let mut l = open();
    run(&mut l, 16);
    let began = processor_time();
    run(&mut l, count);
    println!("{:.2}", (processor_time() - began) as f64 / count as f64);
}
