//! A signal with a Perl handler interrupts a blocked call, and calling again goes on where it stopped.
//!
//! `unsafe`: pthread_self and pthread_kill on a thread that lives throughout.

use keshi_io::signals::{self, Action};
use keshi_io::{Command, Errno, Handle, OpenOpts, Rs, open, process};
use std::time::Duration;

#[test]
fn blocked_calls_report_and_resume() {
    signals::set(libc::SIGUSR1, Action::Handler).unwrap();
    // SAFETY: see the module header.
    let me = unsafe { libc::pthread_self() } as usize;
    let poke = move |ms: u64| {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(ms));
            // SAFETY: see the module header.
            unsafe { libc::pthread_kill(me as libc::pthread_t, libc::SIGUSR1) };
        })
    };
    let eintr = Errno(libc::EINTR);

    let (mut r, mut w) = (Handle::new(), Handle::new());
    open::pipe(&mut r, &mut w, &OpenOpts::default()).unwrap();
    w.syswrite(b"first half, ").unwrap();
    let mut out = b"kept: ".to_vec();
    poke(50);
    assert_eq!(r.read_line(&Rs::newline(), &mut out), Err(eintr));
    assert_eq!(out, b"kept: ");
    assert_eq!(signals::take_pending(), [libc::SIGUSR1]);
    w.syswrite(b"second half\nmore").unwrap();
    assert_eq!(r.read_line(&Rs::newline(), &mut out), Ok(true));
    assert_eq!(out, b"kept: first half, second half\n");

    // A full pipe: what print took is not lost.
    let big = vec![b'x'; 300_000];
    let p = poke(50);
    assert_eq!(w.print(&big, false), Ok(false));
    p.join().unwrap();
    signals::take_pending();
    let reader = std::thread::spawn({
        let fd = keshi_io::fd::dup(r.fd().unwrap()).unwrap();
        move || {
            let (mut n, mut buf) = (0, [0; 65536]);
            while let Ok(k @ 1..) = keshi_io::fd::read(fd, &mut buf) {
                n += k;
            }
            n
        }
    });
    assert!(w.close().ok);
    assert_eq!(reader.join().unwrap(), 300_000);

    poke(50);
    let mut ran = 0;
    let status = process::system_with(&Command::parse(b"sleep 0.2").unwrap(), &mut || {
        ran += signals::take_pending().len();
        true
    });
    assert_eq!((status.unwrap().0, ran), (0, 1));
    poke(50);
    assert_eq!(keshi_io::control::select(None, None, None, Some(5.0)), Err(eintr));
    signals::take_pending();
}
