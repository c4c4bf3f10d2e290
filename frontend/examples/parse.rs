//! Parses files with a Host that runs nothing, and counts the failures: `parse FILE…`. With `-q` only the
//! counts are printed, with `-d` the trees; the subs of the file after `-l` are known to all later files.
#[path = "../tests/mock/mod.rs"]
mod mock;

use keshi_frontend::{CompileError, Options, Source, parse};

fn main() {
    let mut quiet = false;
    let mut debug = false;
    let (mut good, mut bad) = (0, 0);
    let mut known = Vec::new();
    let mut preload = false;
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "-q" => {
                quiet = true;
                continue;
            }
            "-d" => {
                debug = true;
                continue;
            }
            // The next file's subs are known to all following ones.
            "-l" => {
                preload = true;
                continue;
            }
            _ => {}
        }
        let text = match std::fs::read(&arg) {
            Ok(t) => t,
            Err(e) => {
                eprintln!("{arg}: {e}");
                continue;
            }
        };
        let mut host = mock::Mock::default();
        host.subs.extend(known.iter().cloned());
        let source = Source { text, utf8: false, file: arg.as_str().into(), line: 1 };
        match parse(&mut host, source, Options::main()) {
            Ok(def) => {
                good += 1;
                if std::mem::take(&mut preload) {
                    known = host.subs.into_iter().collect();
                }
                if debug {
                    print!("{}", keshi_frontend::dump::dump_sub(&def));
                }
            }
            Err(CompileError::Message(m)) => {
                bad += 1;
                if !quiet {
                    println!("{arg}: {}", m.to_text().lines().next().unwrap_or(""));
                }
            }
            Err(CompileError::Exception(_)) => bad += 1,
        }
    }
    println!("parsed {good}, failed {bad}");
}
